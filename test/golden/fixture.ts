import { readFileSync } from "node:fs";
import { type Tensor, tensor, type Value } from "gradtape";
import { expect } from "vitest";

/** An array as the golden files write it: row-major, float64 unless `dtype` says otherwise, non-finite numbers as text. */
export interface Encoded {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
  readonly dtype?: "int64" | "bool";
}

/** Reads one of the golden files: ops.json, models.json, and more of both. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/golden/${name}.json`, import.meta.url), "utf8"));
}

/** The tensor that a golden array stands for: float64, or int32 where the file says int64. */
export function decode({ shape, data, dtype }: Encoded): Tensor {
  const numbers = data.map(Number);
  if (dtype === "bool") return tensor(Uint8Array.from(numbers), { shape, dtype });
  return tensor(dtype === "int64" ? Int32Array.from(numbers) : Float64Array.from(numbers), { shape });
}

/** A tensor (or a plain number) written as the golden files write it. */
export function encode(x: Value): Encoded {
  return typeof x === "number" ? { shape: [], data: [x] } : { shape: x.shape, data: Array.from<number>(x.data) };
}

/** |got - want| <= 1e-12 + 1e-9 |want|; NaN agrees with NaN, an infinity with itself only. */
export function agrees(got: number, want: number): boolean {
  if (Number.isNaN(want)) return Number.isNaN(got);
  if (!Number.isFinite(want)) return got === want;
  return Math.abs(got - want) <= 1e-12 + 1e-9 * Math.abs(want);
}

/** Fails with every entry of `got` that is further from `want` than the golden tolerance, or with the two shapes. */
export function expectGolden(got: Value, want: Encoded | number, name: string): void {
  const { shape, data } = encode(got);
  const expected = typeof want === "number" ? encode(want) : want;
  expect(shape, `shape of ${name}`).toEqual(expected.shape);
  const far = expected.data.flatMap((entry, i) =>
    agrees(Number(data[i]), Number(entry)) ? [] : [`${name}, entry ${i}: got ${data[i]}, want ${entry}`],
  );
  expect(far).toEqual([]);
}
