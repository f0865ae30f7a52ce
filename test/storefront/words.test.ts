import { expect, it } from "@jest/globals";
import { layOut, readingGroups } from "../../functions/storefront/serial.ts";
import { words } from "../../functions/storefront/words.ts";
import { languages } from "../../platform/contract/problem.ts";

const sentences = (value: unknown, path = ""): readonly (readonly [string, string])[] => {
  if (typeof value === "function") return [[path, String(value(3, 7))]];
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([key, inner]) => sentences(inner, `${path}.${key}`));
};

it("has every sentence in every language, none left empty or untranslated", () => {
  const english = new Map(sentences(words.en));
  expect(english.size).toBeGreaterThan(50);
  for (const language of languages) {
    const own = sentences(words[language]);
    expect(own.map(([path]) => path).sort()).toEqual([...english.keys()].sort());
    expect(own.filter(([, text]) => text.trim() === "")).toEqual([]);
    if (language === "zh") expect(own.filter(([, text]) => !/[\u4e00-\u9fff\uff1a]/.test(text))).toEqual([]);
  }
});

it("puts the space that French wants before a colon, one that never breaks the line", () => {
  const colons = sentences(words.fr).filter(([, text]) => text.includes(":"));
  expect(colons.length).toBeGreaterThan(5);
  expect(colons.filter(([, text]) => /[^\u00a0]:/.test(text))).toEqual([]);
});

it("uses the arguments of a sentence in every language", () => {
  for (const language of languages) {
    const say = words[language];
    for (const text of [
      say.left(17),
      say.plenty(17),
      say.payAmount("17"),
      say.smsSent("17"),
      say.heldUntil("17"),
      say.smsLate("17"),
      say.smsUnheard("17"),
      say.smsOptedOut("17"),
      say.after.back("17"),
      say.after.coming("17"),
      say.after.waiting("17"),
      say.after.failed("17"),
      say.after.stockLost("17"),
      say.after.mismatch("1", "17"),
      say.after.mismatch("17", "1"),
      say.after.accepted("1", "17"),
      say.after.takenBack(1, 17),
      say.after.disputeOpen("17"),
      say.after.disputeLost("17"),
      say.after.inCurrency("17"),
    ])
      expect(text).toContain("17");
  }
});

it.each([
  ["LW60-0001", ["LW60-", "0001"]],
  ["12345", ["12345"]],
  ["123456", ["123", "456"]],
  ["1234567890", ["1234", "567", "890"]],
  ["7394056218830417", ["7394", "0562", "1883", "0417"]],
  ["A-12", ["A-", "12"]],
])("groups %s for reading aloud", (serial, groups) => {
  expect(readingGroups(serial)).toEqual(groups);
});

it("never changes a number by laying it out, and keeps every line readable", () => {
  for (const serial of ["", "-", "LW60-0001", "WASHMEMBERXQ", "A B.C/D--9", "0".repeat(40), "钥匙-12"]) {
    const { lines, em } = layOut(serial);
    expect(lines.flat().join("")).toBe(serial);
    expect(em).toBeLessThanOrEqual(8);
  }
});
