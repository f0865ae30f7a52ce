// Runs dependency-cruiser over a tree and answers with what it saw: a clean report about nothing is no report.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

export interface Report {
  /** Modules of the tree itself, packages left out. */
  readonly modules: readonly string[];
  readonly violations: readonly string[];
}

/** @param root the tree to look at; the rules are always this repository's */
export async function cruiseTree(root: string, folders: readonly string[]): Promise<Report> {
  const { forbidden, options } = await rules();
  const { output } = await cruise([...folders], { ...options, ruleSet: { forbidden: [...forbidden] }, validate: true, baseDir: root });
  const { modules, summary } = output as ICruiseResult;
  return {
    modules: modules.map((module) => module.source).filter((source) => folders.some((folder) => source.startsWith(`${folder}/`))),
    violations: summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`),
  };
}

interface Rules {
  readonly forbidden: readonly IForbiddenRuleType[];
  readonly options: ICruiseOptions;
}
const rules = async (): Promise<Rules> => {
  const file = join(import.meta.dirname, "../../.dependency-cruiser.mjs");
  const { default: config } = (await import(pathToFileURL(file).href)) as { default: Rules };
  return config;
};
