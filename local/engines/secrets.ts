// Generated secrets, drawn once per data folder and kept there.
import { randomInt } from "node:crypto";
import { join } from "node:path";
import type { SecretGeneration } from "../template/inventory.ts";
import { readIfThere, writeWhole } from "./files.ts";

export interface Secrets {
  /** The secret's text by its logical id; drawn and stored at the first call. */
  valueOf(logicalId: string, generate?: SecretGeneration): string;
}

const alphabets: Readonly<Record<SecretGeneration["kinds"][number], string>> = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  digits: "0123456789",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
};
/** What Secrets Manager draws when nothing else is said. */
const usual: SecretGeneration = { length: 32, exclude: "", kinds: ["lower", "upper", "digits", "punctuation"] };

export function openSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  const values = new Map<string, string>(Object.entries(JSON.parse(readIfThere(path) ?? "{}") as Record<string, string>));
  return {
    valueOf(logicalId, generate = usual) {
      const stored = values.get(logicalId);
      if (stored !== undefined) return stored;
      const fresh = draw(generate);
      values.set(logicalId, fresh);
      writeWhole(path, `${JSON.stringify(Object.fromEntries(values), null, 2)}\n`);
      return fresh;
    },
  };
}

/** One character of each kind at least, as `RequireEachIncludedType` does. */
function draw({ length, exclude, kinds }: SecretGeneration): string {
  const sets = kinds.map((kind) => [...alphabets[kind]].filter((character) => !exclude.includes(character)));
  const all = sets.flat();
  if (all.length === 0 || length < sets.length) throw new RangeError(`cannot draw a secret of ${length} from ${all.length} characters`);
  const pick = (set: readonly string[]): string => set[randomInt(set.length)] ?? "";
  const characters = [...sets.map(pick), ...Array.from({ length: length - sets.length }, () => pick(all))];
  for (let at = characters.length - 1; at > 0; at--) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other] ?? "", characters[at] ?? ""];
  }
  return characters.join("");
}
