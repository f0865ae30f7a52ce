// The ports people and providers come in by: the shop's own, and next to it the simulated outside parties.

import { type EdgeHandler, type Listener, listen } from "./cdn/listen.ts";
import type { Closing } from "./closing.ts";
import { headerOf } from "./http/message.ts";
import { StartRefused } from "./refusal.ts";
import type { HostControls } from "./simulators/control/host-controls.ts";
import { startSimulators } from "./simulators/start.ts";

export interface SimulatorDoor {
  /** As browsers reach it. */
  readonly origin: string;
  /** As functions on this machine reach it. */
  readonly loopback: string;
  close(): Promise<void>;
}

/** A sentence instead of `EADDRINUSE` and its kin; everything else stays a fault. */
function portRefusal(error: unknown, port: number, what: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return new StartRefused(
      `Port ${port}, for ${what}, is taken by another program. Stop that program, or choose other ports: npm start -- --port ${port + 100}`,
    );
  }
  if (code === "EACCES")
    return new StartRefused(`Port ${port}, for ${what}, needs rights this user does not have. Choose a port above 1023: npm start -- --port 4100`);
  return error;
}

/** Listens at once; until `serve` is called everybody is told to come back. Throws StartRefused for a port that is taken. */
export async function openEdge(bind: string, port: number, fault: (speaker: string, error: unknown) => void, stopping: Closing): Promise<Listener> {
  const edge = await listen(bind, port, (error) => fault("edge", error)).catch((error: unknown) => {
    throw portRefusal(error, port, "the shop");
  });
  stopping.add("edge", () => edge.close());
  return edge;
}

export interface SimulatorOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly bind: string;
  readonly host: string;
  readonly dataDir: string;
  readonly shopOrigin: string;
  readonly controls: HostControls;
}

/** Throws StartRefused for a port that is taken. */
export async function openSimulators(options: SimulatorOptions, stopping: Closing): Promise<SimulatorDoor> {
  const { bind, host, dataDir, shopOrigin, controls } = options;
  const port = options.port === 0 ? await freePort(bind) : options.port;
  const origin = `http://${host}:${port}`;
  const simulators = await startSimulators({ port, host: bind, dataDir, shopOrigin, publicBase: origin, controls }).catch((error: unknown) => {
    throw portRefusal(error, port, "the simulated providers (the shop's port + 1)");
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= simulators.close());
  stopping.add("simulators", close);
  return { origin, loopback: `http://127.0.0.1:${port}`, close };
}

/** The simulators write their own address into what they send, so they need to know it before they listen. */
async function freePort(bind: string): Promise<number> {
  const probe = await listen(bind, 0, () => {});
  await probe.close();
  return probe.port;
}

/** In the cloud the distribution answers to its own name alone. Here a page opened by another name of this machine is sent there. */
export function canonical(origin: string, handler: EdgeHandler): EdgeHandler {
  const { host } = new URL(origin);
  return async (request) => {
    const asked = headerOf(request.headers, "host");
    const isPage = request.method === "GET" || request.method === "HEAD";
    if (!isPage || asked === undefined || asked === host) return handler(request);
    const query = request.query === "" ? "" : `?${request.query}`;
    return { status: 307, headers: [["location", `${origin}${request.path}${query}`]], body: Buffer.alloc(0) };
  };
}
