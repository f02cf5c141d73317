import { grad, hessian, isTensor, type Scalar, type Tensor, valueOf } from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";

/** The number of whatever has one element. */
export const scalar = (x: unknown): number => valueOf(untyped(x));

/** The gradient of a function whose result is a scalar, whatever its type says. */
export const slope = (f: (x: Tensor) => unknown, x: Tensor): Tensor => grad((y: Tensor): Scalar => untyped(f(y)))(x);

/** The same for its Hessian. */
export const curvature = (f: (x: Tensor) => unknown, x: Tensor): unknown =>
  hessian((y: Tensor): Scalar => untyped(f(y)))(x);

/**
 * One input: what it is, the call, and what is right. A text that begins with "[" is the code of an error and the start of
 * its message. Numbers agree to the tolerance, relative to each of them; 0, infinities and NaN exactly. A number is a plain
 * number: for a tensor of no axes, write item().
 */
export type Row = readonly [says: string, call: () => unknown, right: unknown, tolerance?: number];

/** Tensors as nested arrays, wherever they stand. */
function plain(x: unknown): unknown {
  if (isTensor(x)) return x.rank === 0 ? { scalar: x.toArray() } : x.toArray();
  if (ArrayBuffer.isView(x)) return Array.from(x as Float64Array);
  if (Array.isArray(x)) return x.map(plain);
  if (typeof x !== "object" || x === null) return x;
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]));
}

/** A number that is near enough to what is right becomes what is right, so that the rest can be compared as it stands. */
function settled(got: unknown, right: unknown, tolerance: number): unknown {
  if (typeof got === "number" && typeof right === "number") {
    return got === right || Math.abs(got - right) <= tolerance * Math.abs(right) ? right : got;
  }
  if (Array.isArray(got) && Array.isArray(right)) return got.map((x, i) => settled(x, right[i], tolerance));
  if (typeof got !== "object" || got === null || typeof right !== "object" || right === null) return got;
  const known = new Map(Object.entries(right));
  return Object.fromEntries(Object.entries(got).map(([key, x]) => [key, settled(x, known.get(key), tolerance)]));
}

/** Inputs of one kind of fault, by its number, each with its right value or its error. */
export function fault(kind: number, title: string, rows: readonly Row[]): void {
  describe(`FAULTS ${kind}: ${title}`, () => {
    for (const [says, call, right, tolerance = 1e-12] of rows) {
      test(says, () => check(call, right, tolerance));
    }
  });
}

function check(call: () => unknown, right: unknown, tolerance: number): void {
  if (typeof right === "string" && right.startsWith("[")) {
    const error = errorOf(call);
    expect(error.slice(0, right.length), error).toBe(right);
    expect(error.length).toBeLessThan(1200);
  } else {
    const want = plain(right);
    expect(settled(plain(call()), want, tolerance)).toEqual(want);
  }
}
