// Comparisons as Markdown, to stand in docs/performance.md as they are printed.
import { type Cell, type Limit, type Place, type Report, ratios, summary } from "./figure";

const shorten = (x: number): string =>
  x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.1 ? x.toFixed(2) : x.toPrecision(2);

const line = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

const same = (a: Place, b: Place): boolean => a[0] === b[0] && a[1] === b[1];

const samplesAt = (cells: readonly Cell[], place: Place): readonly number[] | undefined =>
  cells.find((cell) => same(cell.place, place))?.samples;

/** Least time and median, in microseconds, milliseconds or seconds. */
function duration(samples: readonly number[]): string {
  const { min, median } = summary(samples);
  const [scale, unit] = median < 0.1 ? [1e3, "us"] : median < 1000 ? [1, "ms"] : [1e-3, "s"];
  return `${shorten(min * scale)} / ${shorten(median * scale)} ${unit}`;
}

/** Rows by columns: what each library took. */
function times(cells: readonly Cell[]): string {
  const rows = [...new Set(cells.map(({ place }) => place[0]))];
  const columns = [...new Set(cells.map(({ place }) => place[1]))];
  return markdown(
    ["least / median", ...columns],
    rows.map((row) => [
      row,
      ...columns.map((name) => {
        const samples = samplesAt(cells, [row, name]);
        return samples === undefined ? "" : duration(samples);
      }),
    ]),
  );
}

/** Milliseconds in the unit of a limit. */
function inUnit(ms: number, { unit, operations = 1 }: Limit): number {
  if (unit === "us") return ms * 1e3;
  if (unit === "ns/op") return (ms * 1e6) / operations;
  if (unit === "GFLOP/s") return operations / (ms * 1e6);
  return ms;
}

/** Median and best of what a limit is for; null where one of its places is missing. */
function measured(cells: readonly Cell[], limit: Limit): { median: number; best: number } | null {
  const of = samplesAt(cells, limit.of);
  if (of === undefined) return null;
  if (limit.to === undefined) {
    const { median, min } = summary(of);
    return { median: inUnit(median, limit), best: inUnit(min, limit) };
  }
  const to = samplesAt(cells, limit.to);
  if (to === undefined) return null;
  return { median: summary(ratios(of, to)).median, best: summary(of).min / summary(to).min };
}

function verdict(limit: Limit, { median, best }: { median: number; best: number }): string {
  const met = (x: number): boolean => (limit.unit === "GFLOP/s" ? x >= limit.asked : x <= limit.asked);
  if (met(median)) return "met";
  return met(best) ? "by the least times alone" : "missed";
}

const nameOf = ({ of, to }: Limit): string => {
  if (to === undefined) return of[1];
  return of[0] === to[0] ? `${of[1]} / ${to[1]}` : `${of[1]} / ${to[1]} of ${to[0]}`;
};

/** What was asked, what was measured, and whether it is enough. */
const limitsOf = ({ cells, limits }: Report): string =>
  markdown(
    ["program", "figure", "asked", "median", "of the least times", ""],
    limits.map((limit) => {
      const found = measured(cells, limit);
      const unit = limit.unit === "x" ? "" : ` ${limit.unit}`;
      const asked = `${limit.unit === "GFLOP/s" ? ">=" : "<="} ${limit.asked}${unit}`;
      const results =
        found === null
          ? ["", "", "not measured"]
          : [`${shorten(found.median)}${unit}`, `${shorten(found.best)}${unit}`, verdict(limit, found)];
      return [limit.of[0], nameOf(limit), asked, ...results];
    }),
  );

/** Everything that a comparison found. */
export function page(report: Report): string {
  const parts = [times(report.cells)];
  if (report.limits.length > 0) parts.push(limitsOf(report));
  if (report.notes.length > 0) parts.push(report.notes.map((note) => `- ${note}`).join("\n"));
  return parts.join("\n\n");
}

/** Reports of the same part by several processes, together: rounds of one process stay next to each other. */
export const pooledReport = (runs: readonly Report[]): Report => ({
  ...runs[0],
  cells: runs[0].cells.map(({ place }, k) => ({ place, samples: runs.flatMap((run) => run.cells[k].samples) })),
});
