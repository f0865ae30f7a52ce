// npm start: the command line around the local platform.
import { banner, type ReadyLine } from "./banner.ts";
import { parseOptions, usage } from "./options.ts";
import { StartRefused } from "./refusal.ts";
import { type LocalShop, root, startLocal } from "./start.ts";

/** A stop that takes longer is cut, in milliseconds; every child ends with this process. */
const stopMsMax = 4_500;
const parentCheckMs = 500;

const startedAt = performance.now();
// Functions run in UTC in the cloud, and so do the worker threads of this process.
process.env.TZ = "UTC";

const parsed = parseOptions(process.argv.slice(2), root);
if (!parsed.ok) end(1, parsed.sentence);
const { options } = parsed;
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const screen = options.json ? process.stderr : process.stdout;
// Whoever read our words may go before we do: npm start | head
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
const say = (line: string): void => void screen.write(`${line}\n`);

let shop: LocalShop | undefined;
let stopRequested = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
watchParent();

try {
  shop = await startLocal({
    port: options.port,
    dataDir: options.dataDir,
    lan: options.lan,
    reset: options.reset,
    progress: say,
    ...(options.verbose && { echo: say }),
  });
  await announce(shop);
} catch (error) {
  if (error instanceof StartRefused) end(1, error.message);
  end(1, `The shop could not start; this is a fault of the program:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

async function announce({ url, simulators, scan, logFile }: LocalShop): Promise<void> {
  const ready: ReadyLine = {
    ready: true,
    url,
    scan,
    console: `${url}/`,
    phone: `${simulators}/phone`,
    control: `${simulators}/control`,
    openapi: `${url}/openapi.json`,
  };
  say(
    await banner(ready, {
      dataDir: options.dataDir,
      log: logFile,
      seconds: (performance.now() - startedAt) / 1000,
      lan: options.lan,
      colours: screen.isTTY === true,
    }),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(ready)}\n`);
}

/** Repeated signals change nothing: a terminal's Ctrl-C reaches this process twice, by itself and through npm. */
async function stop(why: string): Promise<void> {
  if (stopRequested) return;
  stopRequested = true;
  say(`Stopping (${why}) …`);
  setTimeout(() => process.exit(0), stopMsMax).unref();
  // Halfway through a start there is nothing to finish: children end with this process, data stands a kill at any moment.
  await shop?.stop();
  process.exit(0);
}

/** The toolchain's process was killed outright: nobody can stop us by Ctrl-C any more, so we stop by ourselves. */
function watchParent(): void {
  const parent = Number(process.env.GIGBRIDGE_TOOLCHAIN_PID);
  if (process.ppid !== parent) return;
  setInterval(() => {
    if (process.ppid !== parent) void stop("its parent process is gone");
  }, parentCheckMs).unref();
}

function end(code: number, sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}
