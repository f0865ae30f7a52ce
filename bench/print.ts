// Tables on the terminal.
export const print = (line = ""): void => void process.stdout.write(`${line}\n`);

export function heading(title: string, note?: string): void {
  print();
  print(`== ${title}`);
  if (note !== undefined) print(`   ${note}`);
}

/** Columns as wide as their longest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [...(head.every((cell) => cell === "") ? [] : [head]), ...rows.map((row) => row.map(String))];
  const first = cells.length - rows.length;
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [place, row] of cells.entries()) {
    const numeric = (column: number): boolean => typeof rows[place - first]?.[column] === "number";
    print(
      `   ${row
        .map((cell, column) => (numeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd()}`,
    );
  }
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
export const met = (value: number, goal: number): string => (value <= goal ? `met (<= ${goal})` : `MISSED (<= ${goal})`);

/** @param sorted ascending */
export const percentile = (sorted: readonly number[], share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
