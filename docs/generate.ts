// `npm run generate`: writes the documents that are made from code. With `--check` it writes nothing and fails when one is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { entities } from "../functions/entities.ts";
import { routesOf } from "../functions/routes.ts";
import { functionList } from "../lib/function-list.ts";
import { support } from "../local/template/support.ts";
import { contractsOf } from "./generators/contracts.ts";
import { errorCatalogue } from "./generators/errors.ts";
import { openApi } from "./generators/openapi.ts";
import { supportMatrix } from "./generators/support.ts";
import { tableDocument } from "./generators/table.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The generated documents by their path from the root. */
export async function documents(): Promise<Readonly<Record<string, string>>> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const commands = (await contractsOf(root)).flatMap((contract) => contract.commands);
  return {
    "docs/openapi.json": `${JSON.stringify(openApi(routesOf, version), null, 2)}\n`,
    "docs/errors.md": errorCatalogue(Object.values(routesOf).flat(), commands),
    "docs/table.md": tableDocument(entities, functionList),
    "docs/local-support.md": supportMatrix(support),
  };
}

/** The first line in which a document on disk differs from what the code says, for a person to find the place. */
export function staleness(stored: string | undefined, fresh: string): string | undefined {
  if (stored === fresh) return undefined;
  if (stored === undefined) return "is missing";
  const [was, is] = [stored.split("\n"), fresh.split("\n")];
  const line = is.findIndex((text, index) => text !== was[index]);
  const at = line === -1 ? is.length : line;
  return `is stale from line ${at + 1} on\n- ${was[at] ?? "(end)"}\n+ ${is[at] ?? "(end)"}`;
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  for (const [path, fresh] of Object.entries(await documents())) {
    const file = join(root, path);
    const stale = staleness(existsSync(file) ? readFileSync(file, "utf8") : undefined, fresh);
    if (stale === undefined) continue;
    if (check) process.exitCode = 1;
    else writeFileSync(file, fresh);
    process.stdout.write(check ? `${path} ${stale}\nrun: npm run generate\n` : `wrote ${path}\n`);
  }
}
