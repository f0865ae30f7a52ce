// docs/errors.md: every code a caller may meet, what it says in each language, and who answers it.
import type { CommandSpec } from "../../platform/contract/command.ts";
import { commonProblems, languages, type Problem } from "../../platform/contract/problem.ts";
import type { RouteSpec } from "../../platform/contract/route.ts";
import { generatedNote, table } from "./markdown.ts";
import { problemsOf } from "./openapi.ts";

interface Use {
  readonly problem: Problem;
  readonly by: Set<string>;
}

export function errorCatalogue(routes: readonly RouteSpec[], commands: readonly CommandSpec[]): string {
  // One code may be said by two contexts in different words; each wording is an entry of its own.
  const uses = new Map<string, Use[]>();
  const add = (code: string, problem: Problem, by: string): void => {
    const known = uses.get(code) ?? [];
    const same = known.find((use) => JSON.stringify(use.problem) === JSON.stringify(problem));
    if (same) same.by.add(by);
    else uses.set(code, [...known, { problem, by: new Set([by]) }]);
  };
  for (const route of routes) for (const [code, problem] of Object.entries(problemsOf(route))) add(code, problem, route.id);
  for (const command of commands) for (const [code, problem] of Object.entries(command.errors)) add(code, problem, command.id);
  for (const [code, problem] of Object.entries(commonProblems)) if (!uses.has(code)) add(code, problem, "the edge");

  const sections = [...uses].sort(([a], [b]) => a.localeCompare(b, "en")).flatMap(([code, found]) => [`## ${code}`, ...found.map(entry)]);
  return [
    "# Errors",
    generatedNote,
    "Problems follow RFC 9457: `code` is stable, `detail` is the sentence in the caller's language, `request_id` finds the log line. " +
      "Refusals change nothing unless their sentence says so.",
    ...sections,
    "",
  ].join("\n\n");
}

const entry = ({ problem, by }: Use): string =>
  [
    `Status ${problem.status}. Answered by ${[...by]
      .sort()
      .map((id) => (id === "the edge" ? id : `\`${id}\``))
      .join(", ")}.`,
    table(
      ["", "Sentence"],
      languages.map((language) => [language, problem.sentence[language]]),
    ),
  ].join("\n\n");
