/** The results as tables of text, for the terminal and the report alike. */
import { fiveNumbers, type Measurement } from "./measure";
import type { Run } from "./train";

export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Before training and after it. */
export interface Stages<T> {
  readonly start: T;
  readonly trained: T;
}

export interface Runs {
  readonly right: Run;
  readonly shortcut: Run;
}

export function outcomeTable(runs: Runs): Table {
  const row = (name: string, { final: { train, test }, seconds }: Run) => [
    name,
    percent(test.accuracy),
    percent(train.accuracy),
    test.cost.toFixed(4),
    train.cost.toFixed(4),
    seconds.toFixed(1),
  ];
  return {
    caption: "Training by the gradient of the mean cost, and by the averaged error sent back once",
    head: ["trained by", "test accuracy", "train accuracy", "test loss", "train loss", "seconds"],
    rows: [row("gradient of the mean", runs.right), row("shortcut", runs.shortcut)],
  };
}

export function parameterTable({ start, trained }: Stages<Measurement>): Table {
  return {
    caption: "Per parameter: the mean of the per-sample gradients, and the shortcut, against the gradient of the mean",
    head: [
      "parameter",
      "|mean - gradient|",
      "shortcut error, start",
      "angle, start",
      "shortcut error, trained",
      "angle, trained",
    ],
    rows: trained.shortcutErrors.map((after, i) => {
      const before = start.shortcutErrors[i] ?? after;
      const gap = Math.max(start.meanGaps[i]?.value ?? Number.NaN, trained.meanGaps[i]?.value ?? Number.NaN);
      return [
        after.path,
        scientific(gap),
        relative(before.relativeError),
        degrees(before.angle),
        relative(after.relativeError),
        degrees(after.angle),
      ];
    }),
  };
}

export function normTable(norms: Stages<readonly number[]>): Table {
  const row = (name: string, values: readonly number[]) => [name, ...fiveNumbers(values).map(significant)];
  return {
    caption: `Norms of the gradients of ${norms.start.length} single samples`,
    head: ["network", "min", "lower quartile", "median", "upper quartile", "max"],
    rows: [row("at the start", norms.start), row("trained", norms.trained)],
  };
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function relative(error: number): string {
  return error < 1e-9 ? scientific(error) : percent(error);
}

function scientific(x: number): string {
  return x === 0 ? "0" : x.toExponential(1);
}

function degrees(angle: number): string {
  return `${((180 * angle) / Math.PI).toFixed(1)}°`;
}

function significant(x: number): string {
  return x < 0.001 ? x.toExponential(2) : x.toPrecision(3);
}
