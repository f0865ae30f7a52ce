// How a number is laid out: in groups a person can read aloud, on lines as large as the width allows.

/** Pieces of at most five characters; separators stay with the piece before them, so the pieces join to the exact number. */
export function readingGroups(serial: string): readonly string[] {
  const words = serial.match(/[^\s\-./]+[\s\-./]*|[\s\-./]+/g) ?? [];
  return words.flatMap((word) => {
    const core = word.replace(/[\s\-./]+$/, "");
    if (core.length <= 5) return [word];
    const count = Math.ceil(core.length / 4);
    const cut = (i: number): number => Math.ceil((i * core.length) / count);
    return Array.from({ length: count }, (_, i) => word.slice(cut(i), i + 1 === count ? word.length : cut(i + 1)));
  });
}

/** Widths in em of bold system fonts, rounded up. */
const emOf = (char: string): number => {
  if (/[MWmw@%&]/.test(char)) return 0.98;
  if (/\d/.test(char)) return 0.64;
  if (/[\s\-./:iljtfrI]/.test(char)) return 0.46;
  return /[\u2e80-\uffff]/.test(char) ? 1.05 : 0.72;
};
/** The space between two groups, as in buyer.css. */
const gapEm = 0.16;
const widthEm = (line: readonly string[]): number => [...line.join("")].reduce((width, char) => width + emOf(char), gapEm * (line.length - 1));

/** About what fits across a phone at a size that can be read at arm's length. */
const lineEmMax = 8;

const fill = (groups: readonly string[], em: number): readonly (readonly string[])[] => {
  const lines: string[][] = [];
  for (const group of groups) {
    const last = lines.at(-1);
    if (last && widthEm([...last, group]) <= em) last.push(group);
    else lines.push([group]);
  }
  return lines;
};

/** Groups on as few lines as can be read, evenly filled, and the width in em of the widest, from which the page derives the size of the type. */
export function layOut(serial: string): { readonly lines: readonly (readonly string[])[]; readonly em: number } {
  const groups = readingGroups(serial);
  let lines = fill(groups, lineEmMax);
  for (let em = lineEmMax; em > 0; em -= 0.25) {
    const narrower = fill(groups, em);
    if (narrower.length > lines.length) break;
    lines = narrower;
  }
  return { lines, em: Math.max(1, ...lines.map(widthEm)) };
}
