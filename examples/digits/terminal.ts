/** Plain text: a progress bar and tables. */
import type { Table } from "./tables";

const WIDTH = 24;
const REDRAW_MILLISECONDS = 100;

/**
 * A bar that redraws its line on a terminal; elsewhere (a log, a CI job) it prints one line per quarter.
 * Returns what to call with the share done and a note.
 */
export function progressBar(label: string, stream = process.stdout): (done: number, note: string) => void {
  const quietSteps = 4;
  let drawn = -Infinity;
  let printed = 0;
  return (done, note) => {
    const filled = Math.floor(done * WIDTH);
    const bar = `${"#".repeat(filled)}${".".repeat(WIDTH - filled)}`;
    const line = `${label} [${bar}] ${String(Math.floor(done * 100)).padStart(3)} %  ${note}`;
    if (!stream.isTTY) {
      if (Math.floor(done * quietSteps) > printed) stream.write(`${line}\n`);
      printed = Math.floor(done * quietSteps);
    } else if (done >= 1 || performance.now() - drawn > REDRAW_MILLISECONDS) {
      drawn = performance.now();
      stream.write(`\r\x1b[K${line}${done >= 1 ? "\n" : ""}`);
    }
  };
}

/** The caption, then columns padded to their widest cell: the first to the left, numbers to the right. */
export function formatTable(table: Table): string {
  const rows = [table.head, ...table.rows];
  const widths = table.head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ");
  const rule = widths.map((width) => "-".repeat(width)).join("   ");
  return [table.caption, "", line(table.head), rule, ...table.rows.map(line)].join("\n");
}
