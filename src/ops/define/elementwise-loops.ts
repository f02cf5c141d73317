import type { Dtype, TensorData } from "../../base/dtype";
import { type Shape, stridesOf } from "../../base/shape";
import { type Formula, formulaOf } from "../../kernel/formula";

type Data = TensorData;

/** Formulas over whole arrays. */
export interface ArrayMap {
  /** Computes n elements of each output, of arrays and of numbers that hold for all elements; false: it cannot. */
  run(outputs: readonly Data[], inputs: readonly (Data | number)[], n: number): boolean;
  /** Computes an output of two arrays that are broadcast; false: it cannot. */
  broadcast(out: Data, a: Data, b: Data, stretches: Stretches): boolean;
}

/** Makes formulas over arrays of formulas. */
export type ArrayMaps = (formulas: readonly Formula[]) => ArrayMap;

let arrayMaps: ArrayMaps | null = null;
/** Kernels of which `gradtape/pure` knows nothing: the main entry brings them. */
export const setArrayMaps = (maps: ArrayMaps): void => {
  arrayMaps = maps;
};

/** Runs f with the functions themselves, called for each element. */
export function withoutKernels<T>(f: () => T): T {
  const maps = arrayMaps;
  arrayMaps = null;
  try {
    return f();
  } finally {
    arrayMaps = maps;
  }
}

/** From so many elements on, copies into the memory of kernels and back pay. */
export const FROM_KERNELS = 64;

/** A function of the numbers at one place, for whole arrays. */
export interface Pointwise {
  /** The function. */
  readonly value: (...x: number[]) => number;
  /** The function in dtypes where it is another one. */
  readonly twins: Readonly<Partial<Record<Dtype, (...x: number[]) => number>>>;
  readonly formula: (...x: Formula[]) => Formula;
  /** The formula over arrays, once it was asked for. */
  map: ArrayMap | null;
}

export const pointwise = (
  value: Pointwise["value"],
  formula: Pointwise["formula"],
  twins: Pointwise["twins"] = {},
): Pointwise => ({ value, twins, formula, map: null });

/** Formulas over arrays, kept where they belong; null where arrays are short, or where there are no kernels. */
export function mapsOf(
  keeper: { map: ArrayMap | null },
  n: number,
  formulas: () => readonly Formula[],
): ArrayMap | null {
  if (n < FROM_KERNELS || arrayMaps === null) return null;
  keeper.map ??= arrayMaps(formulas());
  return keeper.map;
}

const mapFor = (given: Pointwise, arity: number, n: number): ArrayMap | null =>
  n < FROM_KERNELS ? null : mapsOf(given, n, () => [formulaOf(given.formula, arity)]);

const valueIn = ({ value, twins }: Pointwise, out: Data): Pointwise["value"] => {
  if (out instanceof Float32Array) return twins.float32 ?? value;
  return out instanceof Int32Array ? (twins.int32 ?? value) : value;
};

/** Computes a function of one number for every element. */
export function runUnary(given: Pointwise, out: Data, x: Data): void {
  if (mapFor(given, 1, out.length)?.run([out], [x], out.length)) return;
  const value = valueIn(given, out);
  for (let k = 0; k < out.length; k++) out[k] = value(x[k]);
}

/** Computes a function of three numbers for every element of arrays of one length. */
export function runTernary(given: Pointwise, out: Data, a: Data, b: Data, c: Data): void {
  if (mapFor(given, 3, out.length)?.run([out], [a, b, c], out.length)) return;
  const value = valueIn(given, out);
  for (let k = 0; k < out.length; k++) out[k] = value(a[k], b[k], c[k]);
}

/** Computes a function of two numbers, of operands that broadcast to `shape`. */
export function runBinary(
  given: Pointwise,
  out: Data,
  shape: Shape,
  a: Data,
  shapeA: Shape,
  b: Data,
  shapeB: Shape,
): void {
  const n = out.length;
  if (n === 0) return;
  const map = mapFor(given, 2, n);
  const value = valueIn(given, out);
  if (a.length === n && b.length === n) {
    if (!map?.run([out], [a, b], n)) both(value, out, 0, a, 0, b, 0, n);
  } else if (b.length === 1) {
    if (!map?.run([out], [a, b[0]], n)) right(value, out, 0, a, 0, b[0], n);
  } else if (a.length === 1) {
    if (!map?.run([out], [a[0], b], n)) left(value, out, 0, a[0], b, 0, n);
  } else {
    const stretches = new Stretches(shape, stepsOf(shape, shapeA), stepsOf(shape, shapeB));
    if (map?.broadcast(out, a, b, stretches)) return;
    const { n, stepA, stepB } = stretches;
    stretches.each((to, i, j) => {
      if (stepB === 0) right(value, out, to, a, i, b[j], stepA === 0 ? 1 : n);
      else if (stepA === 0) left(value, out, to, a[i], b, j, n);
      else both(value, out, to, a, i, b, j, n);
    });
  }
}

type Value = (a: number, b: number) => number;
function both(value: Value, out: Data, to: number, a: Data, i: number, b: Data, j: number, n: number): void {
  for (let k = 0; k < n; k++) out[to + k] = value(a[i + k], b[j + k]);
}
function right(value: Value, out: Data, to: number, a: Data, i: number, b: number, n: number): void {
  for (let k = 0; k < n; k++) out[to + k] = value(a[i + k], b);
}
function left(value: Value, out: Data, to: number, a: number, b: Data, j: number, n: number): void {
  for (let k = 0; k < n; k++) out[to + k] = value(a, b[j + k]);
}

const stepsOf = (shape: Shape, of: Shape): number[] => {
  const strides = stridesOf(of);
  const lead = shape.length - of.length;
  return shape.map((_, i) => (i < lead || of[i - lead] === 1 ? 0 : strides[i - lead]));
};

/** The innermost stretches of two operands that broadcast: in each of them, an operand moves on or stands. */
export class Stretches {
  /** Elements of a stretch. */
  readonly n: number;
  /** How far the operands move from one element to the next: 0 or 1. */
  readonly stepA: number;
  readonly stepB: number;
  /** The axis that the stretches go along, with those inside of it. */
  private readonly last: number;

  constructor(
    private readonly shape: Shape,
    private readonly stepsA: readonly number[],
    private readonly stepsB: readonly number[],
  ) {
    let last = shape.length - 1;
    while (last > 0 && shape[last] === 1) last--;
    let n = shape[last];
    const [stepA, stepB] = [stepsA[last], stepsB[last]];
    while (last > 0 && stepsA[last - 1] === stepA * n && stepsB[last - 1] === stepB * n) n *= shape[--last];
    [this.n, this.stepA, this.stepB, this.last] = [n, stepA, stepB, last];
  }

  /** Visits the stretches in order, by where they begin: in the output, in a, in b. */
  each(visit: (to: number, i: number, j: number) => void): void {
    const { shape, stepsA, stepsB, last, n } = this;
    let to = 0;
    const walk = (axis: number, i: number, j: number): void => {
      if (axis === last) {
        visit(to, i, j);
        to += n;
        return;
      }
      const [dA, dB] = [stepsA[axis], stepsB[axis]];
      for (let k = 0; k < shape[axis]; k++) walk(axis + 1, i + k * dA, j + k * dB);
    };
    walk(0, 0, 0);
  }
}
