// The whole platform in this process: simulators, engines, gateway, functions, workflows, event sources, schedules, edge.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressesOf } from "./addresses.ts";
import { buildAssembly } from "./build.ts";
import { startDistribution } from "./cdn/distribution.ts";
import { type Closing, closing } from "./closing.ts";
import { lockData, lockFiles } from "./data-lock.ts";
import { canonical, openEdge, openSimulators } from "./doors.ts";
import { openSecrets } from "./engines/secrets.ts";
import type { Gateway, Invocation, Workflows } from "./host.ts";
import { hostControls, type RunningParts } from "./host-controls.ts";
import { httpApi } from "./http/api.ts";
import { type LogFile, openLog } from "./log-file.ts";
import { startPlatform } from "./platform.ts";
import { StartRefused } from "./refusal.ts";
import { demo, demoListing, demoNode } from "./seed/demo.ts";
import { seedOnce } from "./seed/run.ts";
import type { Inventory } from "./template/inventory.ts";
import { loadTemplate } from "./template/load.ts";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

export interface StartOptions {
  /** Port of the shop, the simulators take the next; 0 for any free ones. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly lan?: boolean;
  /** Forgets all data first. */
  readonly reset?: boolean;
  /** Leaves the shop without its demo merchant. */
  readonly empty?: boolean;
  /** A line for whoever waits. */
  readonly progress?: (line: string) => void;
  /** Every line that functions and host log; they go to the log file anyway. */
  readonly echo?: (line: string) => void;
}
export interface LocalShop {
  /** Origin of the shop as people open it. */
  readonly url: string;
  /** The HTTP API without the distribution in front: what an attacker who found its own address would talk to. */
  readonly apiUrl: string;
  /** Origin of the simulated providers. */
  readonly simulators: string;
  readonly scan: string;
  readonly logFile: string;
  readonly gateway: Gateway;
  readonly workflows: Workflows;
  readonly inventory: Inventory;
  /** Runs a function by its logical id, its full name or its name without the stage prefix. Never rejects for what the handler does. */
  invoke(function_: string, event: unknown): Promise<Invocation>;
  /** Runs a schedule beside its plan. */
  runSchedule(id: string): Promise<Invocation>;
  /** Stops everything; data stays. */
  stop(): Promise<void>;
}

/** @throws StartRefused with a sentence for a person; whatever is thrown, nothing is left running */
export async function startLocal(options: StartOptions): Promise<LocalShop> {
  const { dataDir } = options;
  const lock = lockData(dataDir);
  try {
    if (options.reset === true) forget(dataDir);
  } catch (error) {
    lock.release();
    throw error;
  }
  const log = openLog(join(dataDir, "log", "shop.log"), options.echo);
  const stopping = closing((name, error) => log.write("host", `${name} did not stop cleanly: ${String(error)}`));
  stopping.add("data lock", () => lock.release());
  stopping.add("log", () => log.close());
  try {
    const shop = await start(options, log, stopping);
    lock.describe(shop.url);
    return shop;
  } catch (error) {
    await stopping.all();
    throw error;
  }
}

async function start(options: StartOptions, log: LogFile, stopping: Closing): Promise<LocalShop> {
  const { dataDir, port, progress = () => {} } = options;
  const fault = (speaker: string, error: unknown): void =>
    log.write(speaker, `FAULT ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const { bind, host } = addressesOf(options.lan ?? false);
  let parts: RunningParts | undefined;

  // Ports first: a busy one is known before anything is built.
  const edge = await openEdge(bind, port, fault, stopping);
  const url = `http://${host}:${edge.port}`;
  const simulators = await openSimulators(
    { port: port === 0 ? 0 : port + 1, bind, host, dataDir, shopOrigin: url, controls: hostControls(() => parts) },
    stopping,
  );
  const assemblyDir = await buildAssembly(root, { progress });

  progress("Starting tables, queues and functions …");
  const secrets = openSecrets(dataDir);
  const inventory = loadTemplate({
    assemblyDir,
    parameters: { PublicOrigin: url, SimulatedProviders: simulators.loopback, CheckoutOrigin: simulators.origin },
    secretValue: (id, generate) => secrets.valueOf(id, generate),
  });
  log.write("host", `template ${inventory.templateHash} of ${inventory.stackName}, data in ${dataDir}`);
  const platform = await startPlatform({ inventory, dataDir, log: (speaker, line) => log.write(speaker, line), fault }, stopping);

  const api = httpApi({ api: inventory.api, invoker: platform.functions });
  const distribution = await startDistribution({ distribution: inventory.distribution, buckets: inventory.buckets, api });
  const find = functionFinder(inventory);
  const invoke = (name: string, event: unknown): Promise<Invocation> => platform.functions.invoke(find(name), event);
  if (options.empty !== true) await seedOnce(demo, dataDir, invoke, () => progress("Setting up the demo shop …"));

  const direct = await openEdge("127.0.0.1", 0, fault, stopping);
  direct.serve((request) => api.handle(request));
  edge.serve(canonical(url, (request) => distribution.handle(request)));
  const running = await platform.animate();
  parts = running;
  // First to go at a stop: no new work comes in while the rest ends.
  stopping.add("simulators", () => simulators.close());
  stopping.add("edge", () => Promise.all([edge.close(), direct.close()]));

  return {
    url,
    apiUrl: `http://127.0.0.1:${direct.port}`,
    simulators: simulators.origin,
    scan: `${url}/scan/${demoListing}?node=${demoNode}`,
    logFile: log.path,
    gateway: platform.gateway,
    workflows: platform.workflows,
    inventory,
    invoke,
    runSchedule: (id) => running.schedules.runNow(id),
    stop: () => stopping.all(),
  };
}

/** What a shop writes into its data folder, with what SQLite puts beside a database. */
const ours = /^(?:checkpoints|executions|log|sqs|seeded|master\.key|secrets\.json|(?:tables|simulators)\.sqlite(?:-\w+)?)$/;

/** @throws StartRefused when the folder holds anything that no shop wrote: then nothing is removed */
function forget(dataDir: string): void {
  const entries = readdirSync(dataDir).filter((entry) => !lockFiles.includes(entry) && !/^host\.lock-/.test(entry));
  const foreign = entries.filter((entry) => !ours.test(entry));
  if (foreign.length > 0) {
    throw new StartRefused(
      `--reset would empty ${dataDir}, which holds more than a shop's data (${foreign.slice(0, 3).join(", ")}). Nothing was removed. Name a folder of its own with --data DIR.`,
    );
  }
  for (const entry of entries) rmSync(join(dataDir, entry), { recursive: true, force: true });
}

function functionFinder({ functions }: Inventory): (name: string) => string {
  return (name) => functions.find((one) => one.id === name || one.name === name || one.name.replace(/^gigbridge-[a-z]+-/, "") === name)?.id ?? name;
}
