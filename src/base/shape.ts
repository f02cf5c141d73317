import { describe, type Facts, fail, list } from "./errors";
import { numberHint } from "./number-hint";

/** Sizes of the axes, outermost first; `[]` is the shape of a scalar. */
export type Shape = readonly number[];

/** One axis or several; negative ones count from the end. */
export type Axis = number | readonly number[];

/** How many elements a shape holds. @internal */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/** Whether two shapes are the same. @internal */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides. @internal */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/** A shape given by a user: non-negative integers. @internal */
export function checkShape(where: string, shape: unknown): Shape {
  if (!Array.isArray(shape)) {
    return fail(
      "shape/invalid",
      `${where}: a shape must be an array of sizes, got ${describe(shape)}.`,
      { shape },
      "Write [2, 3] for two rows of three, [] for a single number.",
    );
  }
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      return fail(
        "shape/invalid",
        `${where}: sizes must be integers >= 0, got ${describe(size)} in ${list(shape)}.`,
        { shape, size },
        size === -1 ? "Only reshape works out a size of -1." : "A size is the number of elements along one axis.",
      );
    }
  }
  return shape.slice();
}

/** NumPy's broadcasting of two shapes; throws `[shape/broadcast]`. @internal */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const x = i < rank - a.length ? 1 : a[i - rank + a.length];
    const y = i < rank - b.length ? 1 : b[i - rank + b.length];
    if (x !== y && x !== 1 && y !== 1) {
      fail(
        "shape/broadcast",
        `${where}: shapes ${list(a)} and ${list(b)} do not broadcast: sizes ${x} and ${y} on axis ${i - rank}.`,
        { a, b, axis: i - rank },
        "Sizes must be equal, or one of them 1.",
      );
    }
    shape[i] = x === 1 ? y : x;
  }
  return shape;
}

/** Number of elements before an axis, along it and behind it: the loops of an op along one axis. @internal */
export const sizesAround = (shape: Shape, axis: number): [outer: number, count: number, inner: number] => [
  sizeOf(shape.slice(0, axis)),
  shape[axis],
  sizeOf(shape.slice(axis + 1)),
];

/** Whether `from` broadcasts to exactly `to`. @internal */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((size, i) => size === to[i + lead] || size === 1);
}

/** One axis, made non-negative; throws `[axis/range]`. @internal */
export const checkAxis = (where: string, axis: unknown, rank: number): number =>
  checkPlace("axis/range", where, "axis", axis, rank, `rank ${rank}`, { axis, rank }, axesOfRank(rank));

/** An axis or an index, which counts from 0, or from the end if negative, as a place among `size`. */
export function checkPlace(
  code: string,
  where: string,
  what: "axis" | "index",
  x: unknown,
  size: number,
  among: string,
  facts: Facts,
  hint: string,
): number {
  if (typeof x !== "number" || !Number.isInteger(x)) {
    return fail(code, `${where}: an ${what} must be an integer, got ${describe(x)} for ${among}.`, facts, hint);
  }
  if (x < -size || x >= size) fail(code, `${where}: ${what} ${x} is out of range for ${among}.`, facts, hint);
  return x < 0 ? x + size : x;
}

const axesOfRank = (rank: number): string =>
  rank === 0 ? "A single number has no axes." : `Axes run from ${-rank} to ${rank - 1}.`;

/** Checks that int32 can count the elements of an axis: ops that give places give int32. @internal */
export function checkPlaces(where: string, count: number): void {
  if (count > 2 ** 31) {
    fail(
      "index/invalid",
      `${where}: int32 cannot count the places among ${count} elements.`,
      { count },
      "Split the axis, and compare what the parts give.",
    );
  }
}

/** Axes made non-negative, ascending, without repetition; if omitted, all. @internal */
export function checkAxes(where: string, axis: Axis | null | undefined, rank: number): readonly number[] {
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  const given: readonly unknown[] = Array.isArray(axis) ? axis : [axis];
  // Array.from, not map, which passes over holes.
  const axes = Array.from(given, (a) => checkAxis(where, a, rank));
  axes.sort((a, b) => a - b);
  for (let i = 1; i < axes.length; i++) {
    if (axes[i] === axes[i - 1]) {
      fail(
        "axis/range",
        `${where}: axis ${axes[i]} is named twice in ${list(given)}.`,
        { axis, rank },
        "Name each axis once; negative ones count from the end.",
      );
    }
  }
  return axes;
}

/** The shape that is left when the axes are reduced. @internal */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const result: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!axes.includes(i)) result.push(shape[i]);
    else if (keepDims) result.push(1);
  }
  return result;
}

/** An integer argument within bounds. @internal */
export function checkInteger(
  where: string,
  name: string,
  x: unknown,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof x === "number" && Number.isInteger(x) && x >= min && x <= max) return x;
  return fail(
    "argument/integer",
    `${where}: ${name} must be an integer ${integerRange(min, max)}, got ${describe(x)}.`,
    { name, received: x, min, max },
    numberHint(x, min, max, true),
  );
}

function integerRange(min: number, max: number): string {
  if (max < Number.MAX_SAFE_INTEGER) return `from ${min} to ${max}`;
  return min > Number.MIN_SAFE_INTEGER ? `>= ${min}` : "below 2^53 in size";
}
