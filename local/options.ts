// The command line of the local shop.
import { isAbsolute, resolve } from "node:path";

export interface Options {
  /** Port of the shop; the simulators take the next one. 0: any free ones. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly reset: boolean;
  readonly lan: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}
export type ParsedOptions = { readonly ok: true; readonly options: Options } | { readonly ok: false; readonly sentence: string };

export const portDefault = 4100;
const dataDirDefault = ".data";

export const usage = `Runs the whole shop on this machine.

  npm start -- [options]

  --port N     the shop listens on N (default ${portDefault}), the simulated Stripe, Twilio and phone on N+1
  --data DIR   where data is kept between runs (default ${dataDirDefault})
  --reset      forget all data first
  --lan        listen on all addresses, so that a phone in the same network can scan the code
  --json       one line of JSON when ready (the last line on stdout); progress goes to stderr
  --verbose    show what the functions log
  --help       this text
`;

const flags = ["reset", "lan", "json", "verbose", "help"] as const;

/** @param root folder that relative paths count from */
export function parseOptions(args: readonly string[], root: string): ParsedOptions {
  const on = new Set<string>();
  let port = portDefault;
  let dataDir = dataDirDefault;
  const rest = args.flatMap((arg) => (/^--\w+=/.test(arg) ? [arg.slice(0, arg.indexOf("=")), arg.slice(arg.indexOf("=") + 1)] : [arg]));
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--port" || arg === "--data") {
      const value = rest.shift();
      if (value === undefined || value === "" || value.startsWith("--"))
        return refuse(`${arg} needs a value: ${arg === "--port" ? "--port 4200" : "--data ./my-data"}.`);
      if (arg === "--data") dataDir = value;
      else if (/^\d{1,5}$/.test(value) && Number(value) <= 65_534) port = Number(value);
      else return refuse(`--port takes a number from 1 to 65534, or 0 for any free port; not "${value}".`);
    } else if (flags.some((flag) => arg === `--${flag}`)) {
      on.add(arg.slice(2));
    } else {
      return refuse(`There is no option "${arg}". Known: --port N, --data DIR, ${flags.map((flag) => `--${flag}`).join(", ")}.`);
    }
  }
  return {
    ok: true,
    options: {
      port,
      dataDir: isAbsolute(dataDir) ? dataDir : resolve(root, dataDir),
      reset: on.has("reset"),
      lan: on.has("lan"),
      json: on.has("json"),
      verbose: on.has("verbose"),
      help: on.has("help"),
    },
  };
}

const refuse = (sentence: string): ParsedOptions => ({ ok: false, sentence });
