/** The library as it is built: its types, without its source. */
export type Library = typeof import("gradtape");

/** One line of the table: samples of one quantity. A ratio has the unit "x" and was taken pair by pair. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** What the median is to stay at or below. */
  readonly target?: number | undefined;
}

/** Where a figure of a comparison stands: its row is what was computed, its column is who computed it. */
export type Place = readonly [row: string, column: string];

/** What a figure of a comparison, or a ratio of two, is held to. */
export interface Limit {
  readonly of: Place;
  /** What it is divided by, pair by pair. Only then, and always then, the unit is "x". */
  readonly to?: Place;
  readonly unit: "x" | "ms" | "us" | "ns/op" | "GFLOP/s";
  /** The most that the median may be; of GFLOP/s the least. */
  readonly asked: number;
  /** Operations in one run, for rates. */
  readonly operations?: number;
}

/** Milliseconds per run of one place, round by round: numbers of the same rank and row were measured one after the other. */
export interface Cell {
  readonly place: Place;
  readonly samples: readonly number[];
}

/** What one part of a comparison gives. */
export interface Report {
  readonly cells: readonly Cell[];
  readonly limits: readonly Limit[];
  /** Who the others were, and what was agreed on. */
  readonly notes: readonly string[];
}

/** What a part of a comparison is given. */
export interface Setting {
  readonly library: Library;
  /** Where the library was loaded from: its other entries are beside it. */
  readonly file: string;
  /** Another build of it, to be run beside it; null where none was named. */
  readonly other: Library | null;
}

/** Programs by several libraries in one process, in turn; each part in a process of its own. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly parts: Readonly<Record<string, (setting: Setting) => Promise<Report>>>;
}

/** One thing to measure, in a process of its own. */
export interface Case {
  readonly name: string;
  readonly title: string;
  run(library: Library): Figure[] | Promise<Figure[]>;
}

/** Median of the samples, smallest and largest. */
export function summary(samples: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Ratios of two quantities, pair by pair: both of a pair were measured one right after the other. */
export function ratios(of: readonly number[], to: readonly number[]): number[] {
  return of.map((x, i) => x / to[i]);
}

/** Numbers without a pattern, the same in every run: sines. */
export function numbers(size: number, scale = 1, phase = 0): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => scale * Math.sin(1 + phase + 12.9898 * i));
}

/** Fails when two ways of one computation do not agree: a fast wrong answer is no figure. */
export function agree(what: string, got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  let largest = 1e-30;
  for (let i = 0; i < want.length; i++) largest = Math.max(largest, Math.abs(want[i]));
  for (let i = 0; i < want.length; i++) {
    if (!(Math.abs(got[i] - want[i]) <= tolerance * largest)) {
      throw new Error(`${what}: number ${i} is ${got[i]}, ${want[i]} is wanted`);
    }
  }
}
