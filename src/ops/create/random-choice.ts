import { allocatingFor } from "../../base/allocate";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { checkAxis, checkInteger, checkShape, type Shape, sameShape, sizeOf, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, castTo } from "../../core/op/sweep-ops";
import { type Handle, makeFilled, makeTensor } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { isHandle, notATensor } from "../../core/tensor/tensor-argument";
import { fillDistinct } from "../../numeric/random/draw";
import { fillWeighted, fillWeightedOnce } from "../../numeric/random/weighted";
import { add } from "../elementwise/arithmetic";
import { positionOf } from "../indexing/index-checks";
import { take } from "../indexing/take";
import { argmax } from "../reduce/reduction";
import { gumbel } from "./random-continuous";
import { integers } from "./random-discrete";
import { checkKey, type Draw, drawFor, type Key, makeDraw } from "./random-op";

const CHOICE = "random.choice";

/** Options of choice. */
export interface ChoiceOptions {
  /** Whether the same one can be drawn again; true by default. */
  readonly replace?: boolean | undefined;
  /** How likely each one is, relative to the others: numbers >= 0, which need not add up to 1. Equally by default. */
  readonly weights?: Tensor | readonly number[] | undefined;
  /** The axis of a tensor that is drawn from; 0 by default. */
  readonly axis?: number | undefined;
}

/** Nothing can be drawn. */
const refuse = (says: string, facts: Record<string, unknown>, hint: string): never =>
  fail("random/choice", says, facts, hint);

/**
 * Class indices drawn with the probabilities that logits stand for: `softmax(logits)`. See also {@link choice}, which takes
 * weights.
 *
 * Shape: `F[...A, classes, ...B] -> int32[...A, ...B]`, or `int32[...shape]` for a shape that ends with these axes.
 *
 * By the largest of logits plus Gumbel numbers. Logits need not be normalized; a class of -Infinity is never drawn. Not
 * differentiable.
 *
 * @param key - a key
 * @param logits - unnormalized logarithms of probabilities
 * @param options - axis: that of the classes, default -1; shape: the shape of the result, for several draws from each row
 * @returns class indices
 * @throws GradtapeError `random/key`; `random/choice` without classes, for a row of -Infinity alone, for a logit that is NaN or Infinity, or for a shape
 *   that does not end with the axes of the rows;
 *   `axis/range`
 * @example
 * ```ts
 * import { log, random, tensor } from "gradtape";
 * random.categorical(random.key(1), tensor([0, -Infinity])); // => 0
 * const logits = log(tensor([0.2, 0.8]));
 * random.categorical(random.key(1), logits, { shape: [5] }).shape; // => [5]
 * ```
 * @see C. J. Maddison, D. Tarlow, T. Minka, A* sampling (2014)
 */
export function categorical(
  key: Key,
  logits: Tensor,
  options?: { readonly axis?: number | undefined; readonly shape?: Shape | undefined },
): Tensor {
  refuseExtra("random.categorical", "key, logits, options", 3, arguments);
  const where = "random.categorical";
  if (!isHandle(where, logits)) return notATensor(where, logits, "logits", true);
  const x = castTo(logits, "float64");
  checkOptions(where, options, ["axis", "shape"]);
  const axis = checkAxis(where, options?.axis ?? -1, x.rank);
  const rows = x.shape.filter((_, i) => i !== axis);
  const shape = checkShape(where, options?.shape ?? rows);
  const lead = shape.slice(0, Math.max(0, shape.length - rows.length));
  if (!sameShape(shape, [...lead, ...rows])) {
    refuse(
      `${where}: shape must end with ${list(rows)}, the axes of the logits without the classes, got ${list(shape)}.`,
      { shape, rows },
      "Leave shape out for one draw from each row.",
    );
  }
  if (x.shape[axis] === 0) {
    refuse(
      `${where}: there are no classes on axis ${axis} of shape ${list(x.shape)}.`,
      { shape: x.shape, axis },
      "Check its size first.",
    );
  }
  return allocatingFor(where, () =>
    argmax(add(apply(CENTERED, [x], axis), gumbel(key, [...lead, ...x.shape])), { axis: axis + lead.length }),
  );
}

/** Logits less the largest along the axis: what is added to them is not lost beside large ones. */
const CENTERED: CoreOp<number> = /* @__PURE__ */ makeOp<readonly [Handle], number>({
  name: "categorical",
  shape: ([shape]) => shape,
  dtype: () => "float64",
  evaluate: (out, [x], axis) => {
    const [outer, n, inner] = sizesAround(x.shape, axis);
    const { data } = x;
    for (let row = 0; row < outer * inner; row++) {
      const start = Math.floor(row / inner) * n * inner + (row % inner);
      let most = -Infinity;
      for (let i = 0, at = start; i < n; i++, at += inner) {
        if (!(data[at] < Infinity)) refuseLogits(x, at, "numbers below Infinity", `${data[at]}`);
        most = Math.max(most, data[at]);
      }
      if (most === -Infinity) refuseLogits(x, start, "above -Infinity for at least one class of each row", "none");
      for (let i = 0, at = start; i < n; i++, at += inner) out[at] = data[at] - most;
    }
  },
  vjp: [null],
  batch: ([x], _, axis) => apply(CENTERED, [x], axis + 1),
});

const refuseLogits = ({ shape }: Handle, at: number, right: string, got: string): never =>
  refuse(
    `random.categorical: logits must be ${right}, got ${got} at ${list(positionOf(at, shape))}.`,
    { position: at },
    "A class of -Infinity is never drawn; that of the largest alone is argmax.",
  );

interface Choice {
  /** The shape of the draws, and how many there are to choose from. */
  readonly shape: Shape;
  readonly n: number;
  readonly replace: boolean;
  /** Batch axes in front, of both inputs. */
  readonly lead: number;
}

/** Inputs keys [...L, 2] and weights [...L, n]. */
const WEIGHTED: CoreOp<Choice> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Choice>({
  name: "weightedChoice",
  shape: ([keys], { shape, lead }) => [...keys.slice(0, lead), ...shape],
  dtype: () => "int32",
  evaluate: (out, [keys, weights], { shape, n, replace }) => {
    if (!(out instanceof Int32Array)) return;
    const [words, count] = [keys.data, sizeOf(shape)];
    checkWeights(weights, n, replace ? Math.min(1, count) : count);
    const fill = replace ? fillWeighted : fillWeightedOnce;
    for (let i = 0; 2 * i < words.length; i++) {
      fill(out, i * count, count, words[2 * i], words[2 * i + 1], weights.data, i * n, n);
    }
  },
  vjp: [null, null],
  batch: (inputs, batched, choice, size) =>
    apply(WEIGHTED, broadcastBatch(inputs, batched, size), { ...choice, lead: choice.lead + 1 }),
});

/** Throws for weights [...L, n] that are none, or where fewer than `distinct` of them are above 0. */
function checkWeights({ data, shape }: Handle, n: number, distinct: number): void {
  for (let i = 0, positive = 0; i < data.length; i++) {
    if (!(data[i] >= 0 && data[i] < Infinity)) {
      refuse(
        `${CHOICE}: weights must be finite numbers >= 0, got ${data[i]} at ${list(positionOf(i, shape))}.`,
        { weight: data[i], position: i },
        "Weights are not logarithms: for logits use random.categorical.",
      );
    }
    positive = (i % n === 0 ? 0 : positive) + (data[i] > 0 ? 1 : 0);
    if (i % n === n - 1 && positive < distinct) {
      refuse(
        `${CHOICE}: at least ${distinct} of the weights must be above 0, got ${positive}.`,
        { positive, distinct },
        "What has weight 0 is never drawn.",
      );
    }
  }
}

const DISTINCT: CoreOp<Draw & { readonly n: number }> = /* @__PURE__ */ makeDraw(
  "choice",
  (out, offset, count, k0, k1, { n }) => {
    if (out instanceof Int32Array) fillDistinct(out, offset, count, k0, k1, n);
  },
);

/** Weights for n positions. */
function toWeights(weights: unknown, n: number): Handle {
  const numbers = Array.isArray(weights) && weights.every((w) => typeof w === "number");
  const given = numbers ? makeTensor([weights.length], "float64", Float64Array.from(weights)) : weights;
  if (isHandle(CHOICE, given) && sameShape(given.shape, [n])) return castTo(given, "float64");
  return refuse(
    `${CHOICE}: weights must be ${n} numbers, one for each to choose from, got ${
      isHandle(CHOICE, given) ? `shape ${list(given.shape)}` : describe(weights)
    }.`,
    { weights, n },
    "Leave them out if all are equally likely.",
  );
}

/** The positions that are drawn, of n. */
function positionsOf(key: Key, n: number, shape: Shape, options: ChoiceOptions | undefined): Tensor {
  const count = sizeOf(shape);
  const replace = checkFlag(CHOICE, "replace", options?.replace ?? true);
  if (count > (replace && n > 0 ? Infinity : n)) {
    refuse(
      `${CHOICE}: shape must ask for at most ${n} draws, as many as there are to choose from, got ${list(shape)}.`,
      { n, count },
      n === 0 ? "Check the size first." : "With { replace: true } the same one can be drawn again.",
    );
  }
  const given = options?.weights ?? null;
  if (given !== null) {
    const inputs = [checkKey(CHOICE, key), toWeights(given, n)];
    return allocatingFor(CHOICE, () => apply(WEIGHTED, inputs, { shape, n, replace, lead: 0 }));
  }
  if (count === 0) return makeFilled(shape, "int32", 0);
  if (replace) return allocatingFor(CHOICE, () => integers(key, shape, { max: n }));
  return drawFor(CHOICE, DISTINCT, key, { shape, dtype: "int32", n });
}

/**
 * Draws from the integers 0, ..., n - 1, or whole slices of a tensor along an axis, with replacement or without, equally likely or
 * by weights. See also {@link permutation}, and {@link categorical}, which takes logits.
 *
 * Shape: `int32[2] -> int32[...shape]`; from a tensor `T[...A, n, ...B] -> T[...A, ...shape, ...B]`.
 *
 * Without replacement and with weights it is as if they were drawn one after the other, each time by the weights of those that are
 * left. Differentiable by the tensor that is drawn from, as {@link take} is, not by the weights.
 *
 * @param key - a key
 * @param from - how many integers, or a tensor
 * @param shape - the shape of the draws
 * @param options - replace: default true; weights: n numbers >= 0, relative to each other; axis: of the tensor, default 0
 * @returns integers, or slices of the tensor
 * @throws GradtapeError `random/key`; `random/choice` where nothing is left to draw, or for weights of another length, below 0 or
 *   not finite; `argument/integer`, `axis/range`
 * @example
 * ```ts
 * import { random, sort, tensor } from "gradtape";
 * sort(random.choice(random.key(1), 3, [3], { replace: false })); // => [0, 1, 2]
 * random.choice(random.key(1), tensor([5, 7]), [2], { weights: [0, 1] }); // => [7, 7]
 * ```
 * @see P. S. Efraimidis, P. G. Spirakis, Weighted random sampling with a reservoir (2006)
 */
export function choice<const S extends Shape>(key: Key, from: number, shape: S, options?: ChoiceOptions): Tensor<S>;
export function choice(key: Key, from: Tensor, shape: Shape, options?: ChoiceOptions): Tensor;
export function choice(key: Key, from: number | Tensor, shape: Shape, options?: ChoiceOptions): Tensor {
  refuseExtra("random.choice", "key, from, shape, options", 4, arguments);
  checkOptions(CHOICE, options, ["replace", "weights", "axis"]);
  checkKey(CHOICE, key);
  const wanted = checkShape(CHOICE, shape);
  if (!isHandle(CHOICE, from)) {
    return positionsOf(key, checkInteger(CHOICE, "from", from, 0, 2 ** 31 - 1), wanted, options);
  }
  const axis = checkAxis(CHOICE, options?.axis ?? 0, from.rank);
  return take(from, positionsOf(key, from.shape[axis], wanted, options), { axis });
}
