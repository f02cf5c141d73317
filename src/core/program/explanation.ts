/** What the library did, as rows for a program and as text for a person. */
export interface Explanation {
  /** One record for each line of the table. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** The table. */
  toString(): string;
}

/** An explanation as a table of its rows. */
export function makeExplanation(
  title: string,
  rows: readonly Readonly<Record<string, string | number>>[],
): Explanation {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  const widths = columns.map((_, k) => table.reduce((width, line) => Math.max(width, line[k].length), 0));
  const lines = table.map((line) => `  ${line.map((cell, k) => cell.padEnd(widths[k])).join("  ")}`.trimEnd());
  return { rows, toString: () => [title, ...lines].join("\n") };
}
