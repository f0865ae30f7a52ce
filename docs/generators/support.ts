// docs/local-support.md: what of the template runs on one machine, what is checked, and what only the cloud has.
import type { TypeSupport } from "../../local/template/support.ts";
import { code, codes, generatedNote, table } from "./markdown.ts";

const meaning: Readonly<Record<TypeSupport["level"], string>> = {
  runs: "Runs here as in the cloud",
  checked: "Has no life of its own here, but what it says is verified",
  "cloud-only": "Only in the cloud",
};

export function supportMatrix(support: Readonly<Record<string, TypeSupport>>): string {
  const byLevel = Map.groupBy(Object.entries(support), ([, { level }]) => level);
  return [
    "# What the local platform supports",
    generatedNote,
    "A resource type or property of the template that is not listed here stops `npm start` with its name.",
    ...(["runs", "checked", "cloud-only"] as const).map((level) =>
      [
        `## ${meaning[level]}`,
        table(
          ["Type", "How", "Properties used", "Properties without effect here"],
          (byLevel.get(level) ?? []).map(([type, { about, uses, ignores }]) => [code(type), about, codes(uses), codes(ignores)]),
        ),
      ].join("\n\n"),
    ),
    "",
  ].join("\n\n");
}
