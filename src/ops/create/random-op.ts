import { allocatingFor } from "../../base/allocate";
import type { Dtype, TensorData } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { numberHint } from "../../base/number-hint";
import { type Shape, sameShape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { isHandle } from "../../core/tensor/tensor-argument";
import { foldKey, splitKey } from "../../numeric/random/threefry";

/** What random numbers are drawn from: two int32 numbers. The same key gives the same numbers, always and everywhere. */
export type Key = Tensor<readonly [2]>;

/** The dtypes of numbers from continuous distributions. */
export const FLOATS = ["float64", "float32"] as const;

/** What drawing needs to know: the shape of one draw, its dtype, and the numbers that describe its distribution. */
export interface Draw {
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** Writes the `count` elements drawn from one key to out[offset ...]. */
export type Fill<D extends Draw> = (
  out: TensorData,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  draw: D,
) => void;

/** An op that draws for each key of `[...L, 2]`: `[...L, ...shape]`. Leading axes are what vmap adds. */
export function makeDraw<D extends Draw>(name: string, fill: Fill<D>): CoreOp<D> {
  const op: CoreOp<D> = makeOp<readonly [Handle], D>({
    name,
    shape: ([keys], { shape }) => [...keys.slice(0, -1), ...shape],
    dtype: (_, { dtype }) => dtype,
    evaluate: (out, [keys], draw) => {
      const count = sizeOf(draw.shape);
      const words = keys.data;
      for (let i = 0; 2 * i < words.length; i++) fill(out, i * count, count, words[2 * i], words[2 * i + 1], draw);
    },
    vjp: [null],
    batch: ([keys], _, draw) => apply(op, [keys], draw),
  });
  return op;
}

/** What an op draws from a key, for the function that `where` names. */
export const drawFor = <D extends Draw>(where: string, op: CoreOp<D>, key: Key, draw: D): Handle =>
  allocatingFor(where, () => apply(op, [checkKey(where, key)], draw));

/** `count` keys from each key: `[...L, 2] -> [...L, count, 2]`. */
export const SPLIT: CoreOp<{ readonly count: number }> = /* @__PURE__ */ makeOp<
  readonly [Handle],
  { readonly count: number }
>({
  name: "splitKey",
  shape: ([keys], { count }) => [...keys.slice(0, -1), count, 2],
  dtype: ([dtype]) => dtype,
  evaluate: (out, [keys], { count }) => {
    if (!(out instanceof Int32Array)) return;
    const words = keys.data;
    for (let i = 0; 2 * i < words.length; i++) splitKey(words[2 * i], words[2 * i + 1], count, out, 2 * i * count);
  },
  vjp: [null],
  batch: ([keys], _, attrs) => apply(SPLIT, [keys], attrs),
});

/** One of the keys that a split made: `[...L, n, 2] -> [...L, 2]`. */
export const PICK: CoreOp<{ readonly index: number }> = /* @__PURE__ */ makeOp<
  readonly [Handle],
  { readonly index: number }
>({
  name: "pickKey",
  shape: ([keys]) => [...keys.slice(0, -2), 2],
  dtype: ([dtype]) => dtype,
  evaluate: (out, [keys], { index }) => {
    const row = 2 * keys.shape[keys.rank - 2];
    for (let i = 0; 2 * i < out.length; i++) {
      out[2 * i] = keys.data[i * row + 2 * index];
      out[2 * i + 1] = keys.data[i * row + 2 * index + 1];
    }
  },
  vjp: [null],
  batch: ([keys], _, attrs) => apply(PICK, [keys], attrs),
});

/** A key for each integer: `[...L, 2]` and `[...L, ...D]` give `[...L, ...D, 2]`; L are the `lead` axes that vmap added. */
export const FOLD: CoreOp<{ readonly lead: number }> = /* @__PURE__ */ makeOp<
  readonly [Handle, Handle],
  { readonly lead: number }
>({
  name: "foldKey",
  shape: ([, data]) => [...data, 2],
  dtype: ([dtype]) => dtype,
  evaluate: (out, [keys, integers], { lead }) => {
    if (!(out instanceof Int32Array)) return;
    const [words, data] = [keys.data, integers.data];
    const each = sizeOf(integers.shape.slice(lead));
    for (let i = 0; i < data.length; i++) {
      const k = 2 * Math.floor(i / each);
      foldKey(words[k], words[k + 1], data[i], out, 2 * i);
    }
  },
  vjp: [null, null],
  batch: (inputs, batched, { lead }, size) => apply(FOLD, broadcastBatch(inputs, batched, size), { lead: lead + 1 }),
});

/** A number that must be finite. */
export function checkFinite(where: string, name: string, x: unknown): number {
  if (typeof x === "number" && Number.isFinite(x)) return x;
  return fail(
    "argument/number",
    `${where}: ${name} must be a finite number, got ${describe(x)}.`,
    { name, received: x },
    numberHint(x, -Number.MAX_VALUE, Number.MAX_VALUE),
  );
}

/** A key given by a user. */
export function checkKey(where: string, key: unknown): Handle {
  const wanted = `${where}: a key must be an int32 tensor of shape [2]`;
  if (!isHandle(where, key)) {
    return fail("random/key", `${wanted}, got ${describe(key)}.`, { received: key }, "Make one with random.key(seed).");
  }
  if (key.dtype === "int32" && sameShape(key.shape, [2])) return key;
  const several = key.dtype === "int32" && key.rank > 1 && key.shape[key.rank - 1] === 2;
  return fail(
    "random/key",
    `${wanted}, got ${key.dtype} ${list(key.shape)}.`,
    { shape: key.shape, dtype: key.dtype },
    several ? "Draw with one key at a time, inside vmap." : "Make one with random.key(seed).",
  );
}
