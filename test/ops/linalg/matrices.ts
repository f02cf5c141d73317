import { type Tensor, tensor } from "gradtape";
import { expect } from "vitest";
import { uniform } from "../../numeric/matrix/drawn-matrix";

type Shape = readonly number[];
const sizeOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1);

/** Uniform numbers from -1 to 1. */
export function drawn(shape: Shape, seed: number): Tensor {
  return tensor(Float64Array.from({ length: sizeOf(shape) }, uniform(seed)), { shape });
}

/** Square matrices that are far from singular. */
export function regular(shape: Shape, seed: number): Tensor {
  const n = shape.at(-1) as number;
  const x = drawn(shape, seed);
  return tensor(
    x.data.map((value, k) => value + (Math.floor(k / n) % n === (k + 1) % n ? n + 1 : 0)),
    { shape },
  );
}

/** The same shape, and numbers that differ by less than 10 ** -digits of the largest (of 1 where all are smaller). */
export function expectNear(got: Tensor, want: Tensor, digits = 11): void {
  expect(got.shape).toEqual(want.shape);
  const scale = Array.from(want.data).reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  const off = Array.from(got.data).findIndex((x, i) => !(Math.abs(x - want.data[i]) < scale * 10 ** -digits));
  if (off >= 0) expect.fail(`at ${off}: got ${got.data[off]}, want ${want.data[off]}`);
}
