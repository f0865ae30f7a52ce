// `npm run check`: formatting, lint, types, import rules, dead code and the generated documents. `npm run check -- --fix`
// first mends what can be mended. Each check is one pass or one failure; `npm test` runs them before the tests.
import { type Check, toolChecks, type Verdict } from "./rules/tool-checks.ts";
import { type Count, finish } from "./support/tally.ts";

export interface CheckOptions {
  /** Mend what can be mended before judging. */
  readonly fix?: boolean;
  readonly print?: (text: string) => void;
}

export async function runChecks(checks: readonly Check[] = toolChecks, { fix = false, print = toStdout }: CheckOptions = {}): Promise<Count> {
  print("\n== checks\n");
  const judge = async (check: Check): Promise<Verdict & { readonly seconds: string }> => {
    const startedAt = performance.now();
    const verdict = await check.run(fix).catch((error: unknown) => ({ ok: false, text: String(error) }));
    return { ...verdict, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
  };
  // All at once, told in their order; one after the other when each reads what the one before has mended.
  const begun = fix ? [] : checks.map(judge);
  let passed = 0;
  for (const [place, check] of checks.entries()) {
    const { seconds, ...verdict } = await (begun[place] ?? judge(check));
    print(`${verdict.ok ? "ok  " : "FAIL"}  ${check.name} (${seconds} s)\n`);
    if (verdict.ok) passed += 1;
    else print(`${verdict.text.trimEnd()}\n\n`);
  }
  return { passed, failed: checks.length - passed };
}

const toStdout = (text: string): void => {
  process.stdout.write(text);
};

if (import.meta.main) finish("check", [await runChecks(toolChecks, { fix: process.argv.includes("--fix") })]);
