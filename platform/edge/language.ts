// Which language a page speaks: what the buyer chose, else what the phone prefers, else English.
import { type Language, languages } from "../contract/problem.ts";

const isLanguage = (tag: string): tag is Language => (languages as readonly string[]).includes(tag);

/** "zh-Hans-CN" → "zh"; undefined for a language we do not speak. */
const spoken = (tag: string): Language | undefined => {
  const primary = tag.trim().toLowerCase().split("-")[0] ?? "";
  return isLanguage(primary) ? primary : undefined;
};

/**
 * @param query value of `?lang=`
 * @param header value of `Accept-Language`
 */
export function chooseLanguage(query: string | undefined, header: string | undefined): Language {
  const chosen = query === undefined ? undefined : spoken(query);
  if (chosen) return chosen;
  const preferred = (header ?? "")
    .slice(0, 500)
    .split(",")
    .map((entry, order) => {
      const [tag = "", ...parameters] = entry.split(";");
      const quality = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find((q) => q !== undefined);
      return { language: spoken(tag), quality: quality === undefined ? 1 : Number(quality), order };
    })
    .filter((entry) => entry.language !== undefined && entry.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.order - b.order);
  return preferred[0]?.language ?? "en";
}
