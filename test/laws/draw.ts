import { type Tensor, tensor, type Value } from "gradtape";

export type FloatDtype = "float64" | "float32";
type Shape = readonly number[];

/** Numbers from `low` to `high` that keep `gap` away from the points of `avoid`. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly avoid?: readonly number[];
  readonly gap?: number;
}

export const range = (low: number, high: number, avoid: readonly number[] = [], gap = 0.1): Range => ({
  low,
  high,
  avoid,
  gap,
});

const sizeOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

/** Draws the inputs and attributes of a case from uniform numbers. */
export class Draw {
  constructor(
    private readonly random: () => number,
    readonly dtype: FloatDtype,
  ) {}

  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** One of low, …, high. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  choice<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.integer(0, rest.length - 1), 1)[0]);
  }

  /** Sizes 1 to 4. */
  shape(minRank = 0, maxRank = 3): number[] {
    return Array.from({ length: this.integer(minRank, maxRank) }, () => this.integer(1, 4));
  }

  /** Two shapes that broadcast: of one shape some sizes are 1 and leading ones are missing. */
  broadcastable(): [Shape, Shape] {
    const whole = this.shape();
    const part = () => whole.map((size) => (this.chance(0.25) ? 1 : size)).slice(this.integer(0, whole.length));
    const [a, b] = [this.chance(0.5) ? whole : part(), this.chance(0.5) ? whole : part()];
    return [a, b];
  }

  number({ low, high, avoid = [], gap = 0 }: Range): number {
    for (;;) {
      const x = this.uniform(low, high);
      if (avoid.every((point) => Math.abs(x - point) > gap)) return x;
    }
  }

  tensor(shape: Shape, numbers: Range = range(-2, 2)): Tensor {
    const data = Array.from({ length: sizeOf(shape) }, () => this.number(numbers));
    return tensor(data, { shape, dtype: this.dtype });
  }

  /** Numbers of which any two differ by at least `gap`. */
  distinct(shape: Shape, gap = 0.2): Tensor {
    const size = sizeOf(shape);
    const data = this.shuffled(Array.from({ length: size }, (_, i) => (i - size / 2) * 2 * gap + this.uniform(0, gap)));
    return tensor(data, { shape, dtype: this.dtype });
  }

  integers(shape: Shape, low: number, high: number): Tensor {
    return tensor(
      Array.from({ length: sizeOf(shape) }, () => this.integer(low, high)),
      { shape, dtype: "int32" },
    );
  }

  booleans(shape: Shape): Tensor {
    return tensor(
      Array.from({ length: sizeOf(shape) }, () => this.integer(0, 1)),
      { shape, dtype: "bool" },
    );
  }

  /**
   * What an elementwise op takes: mostly a float tensor; now and then integers, or a plain number for shape []. No plain
   * numbers in float32: alone they are float64, beside a tensor they are not.
   */
  operand(shape: Shape, numbers: Range): Value {
    const { low, high, avoid = [] } = numbers;
    const whole = [-3, -2, -1, 0, 1, 2, 3].filter((n) => n >= low && n <= high && !avoid.includes(n));
    if (shape.length === 0 && this.dtype === "float64" && this.chance(0.5)) return this.number(numbers);
    if (whole.length === 0 || this.chance(0.85)) return this.tensor(shape, numbers);
    const data = Array.from({ length: sizeOf(shape) }, () => this.choice(whole));
    return tensor(data, { shape, dtype: "int32" });
  }

  /** An axis of a rank, counted from either end. */
  axis(rank: number): number {
    return this.integer(-rank, rank - 1);
  }

  /** Axes to reduce: all (undefined), one, or several in any order. */
  axes(rank: number): number | number[] | undefined {
    if (rank === 0 || this.chance(0.3)) return undefined;
    if (this.chance(0.5)) return this.axis(rank);
    const several = this.shuffled(Array.from({ length: rank }, (_, i) => i)).slice(0, this.integer(0, rank));
    return several.map((axis) => (this.chance(0.5) ? axis : axis - rank));
  }

  /** Options of a reduction. */
  reduction(rank: number): { axis?: number | number[] | undefined; keepDims?: boolean } {
    return { axis: this.axes(rank), ...(this.chance(0.5) ? { keepDims: this.chance(0.5) } : {}) };
  }
}
