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

/** Widths in em of a bold system font, rounded up. */
const emOf = (char: string): number => (/[MWmw@%&]/.test(char) ? 0.98 : /[\s\-./:1iljtfr|I]/.test(char) ? 0.6 : /[\u2e80-\uffff]/.test(char) ? 1.05 : 0.74);
const gapEm = 0.22;
const widthEm = (group: string): number => [...group].reduce((width, char) => width + emOf(char), gapEm);

/** About what fits across a phone at a size that can be read at arm's length. */
const lineEmMax = 8;

/** Groups on lines, and the width in em of the widest line, from which the page derives the size of the type. */
export function layOut(serial: string): { readonly lines: readonly (readonly string[])[]; readonly em: number } {
  const groups = readingGroups(serial);
  const total = groups.reduce((width, group) => width + widthEm(group), 0);
  const perLine = total / Math.max(1, Math.ceil(total / lineEmMax));
  const lines: string[][] = [];
  let width = Number.POSITIVE_INFINITY;
  for (const group of groups) {
    const next = widthEm(group);
    if (width + next / 2 > perLine) {
      lines.push([]);
      width = 0;
    }
    lines.at(-1)?.push(group);
    width += next;
  }
  return { lines, em: Math.max(1, ...lines.map((line) => line.reduce((sum, group) => sum + widthEm(group), 0))) };
}
