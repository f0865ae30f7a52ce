// The outside world on one machine: Stripe, its hosted page, Twilio, a phone and a control page on one address.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { answerCheckout } from "./checkout/http.ts";
import type { HostControls } from "./control/host-controls.ts";
import { answerControl, type Controlled } from "./control/http.ts";
import { startPump } from "./delivery/pump.ts";
import { json, redirect } from "./pages/html.ts";
import { answerPhone } from "./phone/http.ts";
import { sqliteStore } from "./store/sqlite.ts";
import { createStripe, type Stripe } from "./stripe/core.ts";
import { createTwilio, type Twilio } from "./twilio/core.ts";
import { readRequest, type Served, serveApi, writeAnswer } from "./wire/serve.ts";
import type { Ports, WireRequest } from "./wire/wire.ts";

export type { HostControls } from "./control/host-controls.ts";

export interface SimulatorsOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** State is in `<dataDir>/simulators.sqlite`. */
  readonly dataDir: string;
  /** Where the shop is now: registered webhook addresses keep their path and get this origin. */
  readonly shopOrigin: string;
  /** Origin of the hosted page as browsers reach it. Absent: this server's own address. */
  readonly publicBase?: string;
  readonly controls?: HostControls;
}

export interface Simulators {
  readonly url: string;
  readonly control: {
    readonly stripe: Stripe;
    readonly twilio: Twilio;
    /** Sends what became due through a direct call of `stripe` or `twilio`. */
    nudge(): void;
    /** Resolves when nothing is in the air and nothing is due now. */
    idle(): Promise<void>;
  };
  close(): Promise<void>;
}

const ports: Ports = { now: () => Date.now(), random: (bytes) => randomBytes(bytes) };

export const startSimulators = async (options: SimulatorsOptions): Promise<Simulators> => {
  mkdirSync(options.dataDir, { recursive: true });
  const store = sqliteStore(join(options.dataDir, "simulators.sqlite"));
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  }).catch((fault: unknown) => {
    store.close();
    throw fault;
  });
  const address = server.address() as AddressInfo;
  const url = `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;

  const stripe = createStripe({ store, ports, checkoutOrigin: options.publicBase ?? url });
  const twilio = createTwilio({ store, ports });
  const controlled: Controlled = { stripe, twilio, controls: options.controls ?? {} };
  const pump = startPump([stripe, twilio], options.shopOrigin, ports.now);

  const answer = async (request: WireRequest): Promise<Served> => {
    const { path } = request;
    if (path.startsWith("/v1/")) return serveApi(store, "stripe", stripe, request);
    if (path.startsWith("/2010-04-01/")) return serveApi(store, "twilio", twilio, request);
    if (path.startsWith("/pay/")) return answerCheckout(stripe, request);
    if (path === "/phone" || path.startsWith("/phone/")) return answerPhone(twilio, request);
    if (path === "/control" || path.startsWith("/control/")) return answerControl(controlled, request);
    return path === "/" ? redirect("/control") : json(404, { error: "There is nothing at this address." });
  };

  // With the shop open to the network, a neighbour may pay and read what a buyer reads; whoever steers the simulators sits at this machine.
  const forbidden = json(403, { error: "The control page answers on the machine that runs the shop, not over the network." });
  const mayAsk = (incoming: IncomingMessage, { path }: WireRequest): boolean =>
    !(path === "/control" || path.startsWith("/control/")) || /^(?:::1|(?:::ffff:)?127\.[\d.]+)$/.test(incoming.socket.remoteAddress ?? "");

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      const request = await readRequest(incoming);
      const served = request ? await (mayAsk(incoming, request) ? answer(request) : forbidden) : json(413, { error: "The request is too large." });
      if (served === "cut") incoming.socket.destroy();
      else writeAnswer(outgoing, served);
    } catch (fault) {
      // A fault of the simulator itself is not a provider's answer: say so loudly, in the provider's place.
      process.stderr.write(
        `simulators: ${incoming.method} ${incoming.url?.split("?")[0]}: ${fault instanceof Error ? fault.stack : String(fault)}\n`,
      );
      if (!outgoing.headersSent)
        writeAnswer(outgoing, json(500, { error: { type: "api_error", message: "The simulator itself failed; see its output." } }));
    } finally {
      pump.nudge();
    }
  };
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => void serve(incoming, outgoing));

  return {
    url,
    control: { stripe, twilio, nudge: pump.nudge, idle: pump.idle },
    close: async () => {
      await pump.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      store.close();
    },
  };
};
