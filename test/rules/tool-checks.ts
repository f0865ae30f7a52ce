// The checks that tools make over the whole repository. Each says what it saw, and a check that saw too little fails:
// a tool pointed at nothing reports no errors.
import { runTool } from "../support/tool.ts";
import { cruiseTree } from "./boundaries.ts";
import { sourceFiles, sourceFolders } from "./source-tree.ts";

export interface Verdict {
  readonly ok: boolean;
  /** What to read when it is not ok. */
  readonly text: string;
}
export interface Check {
  readonly name: string;
  /** @param fix mend what the tool can mend, then judge what is left */
  readonly run: (fix: boolean) => Promise<Verdict>;
}

/** The tools' own programs, run under this very Node. */
export const tools = {
  biome: "node_modules/@biomejs/biome/bin/biome",
  tsc: "node_modules/typescript/bin/tsc",
  knip: "node_modules/knip/bin/knip.js",
};

const root = process.cwd();
/** Modules that every whole-repository tool must have seen. */
const known = ["functions/routes.ts", "functions/orders/contract.ts", "platform/table/model.ts", "kernel/money.ts", "lib/function-list.ts"];

const failed = (text: string): Verdict => ({ ok: false, text });
const count = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

/** Formatter and linter see every TypeScript file, and configuration beside. */
const formatAndLint: Check = {
  name: "format and lint",
  run: async (fix) => {
    const command = fix ? ["check", "--write"] : ["ci"];
    const { code, text } = await runTool(tools.biome, [...command, "--max-diagnostics=50", "--error-on-warnings"]);
    const seen = count(text, /Checked (\d+) files/);
    const expected = sourceFiles(root).length;
    return seen < expected ? failed(`${text}\nsaw ${seen} files of at least ${expected}`) : { ok: code === 0, text };
  },
};

const types: Check = {
  name: "types",
  run: async () => {
    // Each of its checkers works out shared types anew: four, as usual, take twice the processor time of two.
    const { code, text } = await runTool(tools.tsc, ["-p", ".", "--listFiles", "--pretty", "false", "--checkers", "2"]);
    const lines = text.split("\n");
    const seen = lines.filter((line) => line.startsWith(`${root}/`));
    const errors = lines.filter((line) => line !== "" && !seen.includes(line)).join("\n");
    const unseen = known.filter((path) => !seen.includes(`${root}/${path}`));
    return unseen.length > 0 ? failed(`${errors}\ndid not see ${unseen.join(", ")}`) : { ok: code === 0, text: errors };
  },
};

/** The buyer's scripts know a browser and no Node: a configuration of their own. */
const browserTypes: Check = {
  name: "types of the buyer's scripts",
  run: async () => {
    const { code, text } = await runTool(tools.tsc, ["-p", "web/buyer", "--listFiles", "--pretty", "false"]);
    const seen = text.includes(`${root}/web/buyer/scan.ts`);
    return seen ? { ok: code === 0, text } : failed(`${text}\ndid not see web/buyer/scan.ts`);
  },
};

const boundaries: Check = {
  name: "import rules",
  run: async () => {
    const { modules, violations } = await cruiseTree(root, foldersThatExist());
    const unseen = known.filter((path) => !modules.includes(path));
    const expected = sourceFiles(root).length;
    if (unseen.length > 0 || modules.length < expected) return failed(`saw ${modules.length} modules of ${expected}; not seen: ${unseen.join(", ")}`);
    return { ok: violations.length === 0, text: violations.join("\n") };
  },
};
const foldersThatExist = (): readonly string[] => {
  const files = sourceFiles(root);
  return sourceFolders.filter((folder) => files.some((file) => file.startsWith(`${folder}/`)));
};

const deadCode: Check = {
  name: "dead code",
  run: async () => {
    const { code, text } = await runTool(tools.knip, ["--no-progress", "--reporter", "symbols", "--reporter", "./test/support/knip-reporter.mjs"]);
    const seen = count(text, /Looked at (\d+) files/);
    const expected = sourceFiles(root).length;
    return seen < expected ? failed(`${text}\nsaw ${seen} files of at least ${expected}`) : { ok: code === 0, text };
  },
};

const generatedDocs: Check = {
  name: "generated documents",
  run: async (fix) => {
    const { code, text } = await runTool("docs/generate.ts", fix ? [] : ["--check"]);
    return { ok: code === 0, text };
  },
};

export const toolChecks: readonly Check[] = [formatAndLint, types, browserTypes, boundaries, deadCode, generatedDocs];
