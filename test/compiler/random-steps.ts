// Steps of random programs for the compiler: any tensors go in, of any shapes and dtypes, and a tensor comes out.

import type { Tensor, Value } from "gradtape";
import * as gt from "gradtape";
import { type Dtype, isFloat } from "../../src/base/dtype";
import { asHandle } from "../../src/core/tensor/value";

/** Sizes around those of vectors, tiles and blocks. */
export const SIZES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 33, 64, 65, 130] as const;
const DTYPES: readonly Dtype[] = ["float64", "float32", "int32", "bool"];
/** Numbers stay this small, so that sums and products of them are exact in every dtype. */
const BOUND = 8;
const MOST_RANK = 4;
/** Products in one sum of products, and in all of its results together. */
const MOST_TERMS = 30_000;

/** What a step is made of: tensors so far, and lesser choices. */
export interface Choice {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
  /** One of so many, another one at each call. */
  pick(count: number): number;
}
export type Step = (choice: Choice) => Value | boolean;

const asTensor = (x: Value | boolean): Tensor => asHandle(x);
const numbers = (x: Tensor): Tensor => (x.dtype === "bool" ? asTensor(gt.cast(x, "int32")) : x);
const truth = (x: Tensor): Tensor => (x.dtype === "bool" ? x : asTensor(gt.cast(x, "bool")));
const floats = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : asTensor(gt.cast(x, "float32")));
/** Products and sums cut off where they leave the numbers that are exact. */
const bounded = (x: Value | boolean): Tensor => asTensor(gt.clip(asTensor(x), -BOUND, BOUND));
const ranked = (x: Tensor, least: number): Tensor =>
  x.rank >= least ? x : asTensor(gt.reshape(x, [...Array.from({ length: least - x.rank }, () => 1), ...x.shape]));
const size = ({ pick }: Choice): number => SIZES[pick(SIZES.length)];

/** x as a tensor of a shape, by slices, sums and repetitions: any two tensors go together. */
function fitted(x: Tensor, shape: readonly number[], pick: Choice["pick"]): Tensor {
  const extra = Math.max(0, x.rank - shape.length);
  const summed = extra === 0 ? x : bounded(gt.sum(numbers(x), { axis: Array.from({ length: extra }, (_, i) => i) }));
  const own = shape.slice(shape.length - summed.rank);
  const parts = summed.shape.map((n, i) => {
    if (n < own[i]) return { start: pick(n), stop: undefined, step: 1 };
    const step = Math.max(1, pick(Math.floor((n - 1) / Math.max(1, own[i] - 1)) || 1));
    const first = pick(n - (own[i] - 1) * step);
    const last = first + (own[i] - 1) * step;
    return pick(2) === 0
      ? { start: first, stop: last + 1, step }
      : { start: last, stop: first === 0 ? undefined : first - 1, step: -step };
  });
  const cut = gt.slice(
    summed,
    parts.map((part, i) => (summed.shape[i] < own[i] ? { start: part.start, stop: part.start + 1 } : part)),
  );
  return asTensor(gt.broadcastTo(cut, shape));
}

/** b as it goes with a: of its shape, or of one that broadcasts to it. */
function beside({ a, b, pick }: Choice): Tensor {
  const shape = a.shape.slice(pick(a.rank + 1));
  return fitted(
    b,
    shape.map((n) => (pick(4) === 0 ? 1 : n)),
    pick,
  );
}

/** Some axes of a tensor. */
const axesOf = (x: Tensor, pick: Choice["pick"]): number[] => x.shape.flatMap((_, i) => (pick(2) === 0 ? [i] : []));
const axisOf = (x: Tensor, pick: Choice["pick"]): number => pick(x.rank) - (pick(2) === 0 ? x.rank : 0);
const reduced =
  (f: (x: Tensor, axis: number[]) => Value | boolean): Step =>
  ({ a, pick }) => {
    const axes = axesOf(a, pick);
    return axes.length === 0 ? a : f(a, axes);
  };

/** A sum of products: letters shared or not, in the output or not; a letter may stand twice in one operand. */
function contracted(choice: Choice): Tensor {
  const { pick } = choice;
  const sizes = Array.from({ length: 4 }, () => size(choice));
  while (sizes.reduce((n, one) => n * one, 1) > MOST_TERMS) sizes[pick(4)] = 1 + pick(3);
  const letters = "abcd";
  const operand = (x: Tensor): [string, Tensor] => {
    const term = Array.from({ length: 1 + pick(3) }, () => letters[pick(4)]);
    const own = [...new Set(term)];
    while (own.reduce((n, letter) => n * sizes[letters.indexOf(letter)], 1) > MOST) own.pop();
    return [
      own.join(""),
      fitted(
        numbers(x),
        own.map((letter) => sizes[letters.indexOf(letter)]),
        pick,
      ),
    ];
  };
  const [left, a] = operand(choice.a);
  const [right, b] = operand(choice.b);
  const output = [...new Set(left + right)].filter(() => pick(3) > 0).sort(() => pick(3) - 1);
  while (output.reduce((n, letter) => n * sizes[letters.indexOf(letter)], 1) > MOST) output.pop();
  return bounded(gt.einsum(`${left},${right}->${output.join("")}`, a, b));
}

function multiplied(choice: Choice): Tensor {
  const { pick } = choice;
  const a = ranked(numbers(choice.a), 2);
  const k = a.shape[a.rank - 1];
  const n = size(choice);
  const batch = pick(2) === 0 ? [] : a.shape.slice(0, -2).map((one) => (pick(3) === 0 ? 1 : one));
  const swapped = pick(2) === 0;
  const b = fitted(numbers(choice.b), [...batch, ...(swapped ? [n, k] : [k, n])], pick);
  return bounded(gt.matmul(a, swapped ? gt.swapAxes(b, -1, -2) : b));
}

/** Tensors stay this small. */
export const MOST = 4000;
export const isSmall = (x: Tensor): boolean => x.size <= MOST && x.rank <= MOST_RANK;

/** Exact in every dtype: compiled and eager give the same numbers. */
const EXACT: readonly Step[] = [
  (choice) => bounded(gt.mul(choice.a, beside(choice))),
  (choice) => bounded(gt.add(choice.a, beside(choice))),
  (choice) => bounded(gt.sub(beside(choice), choice.a)),
  (choice) => gt.maximum(choice.a, beside(choice)),
  (choice) => gt.minimum(beside(choice), choice.a),
  (choice) => gt.mul(choice.a, [2, -1, 0, 1][choice.pick(4)]),
  (choice) => gt.add([3, 1, 0][choice.pick(3)], choice.a),
  ({ a }) => bounded(gt.square(numbers(a))),
  ({ a, pick }) => [gt.neg, gt.abs, gt.sign, gt.relu][pick(4)](numbers(a)),
  ({ a, pick }) => [gt.floor, gt.ceil, gt.trunc, gt.round][pick(4)](gt.mul(floats(a), 0.375)),
  ({ a, pick }) => gt.cast(a, DTYPES[pick(4)]),
  ({ a }) => a,
  (choice) => [gt.less, gt.lessEqual, gt.equal, gt.notEqual, gt.greater][choice.pick(5)](choice.a, beside(choice)),
  (choice) => gt.where(truth(choice.a), beside(choice), choice.c.rank === 0 ? choice.c : [1, -3, 2][choice.pick(3)]),
  (choice) => gt.where(truth(fitted(choice.c, choice.a.shape, choice.pick)), choice.a, beside(choice)),
  (choice) => [gt.logicalAnd, gt.logicalOr, gt.logicalXor][choice.pick(3)](truth(choice.a), truth(beside(choice))),
  ({ a }) => gt.logicalNot(truth(a)),
  reduced((x, axis) => bounded(gt.sum(numbers(x), { axis }))),
  reduced((x, axis) => bounded(gt.sum(numbers(x), { axis, keepDims: true }))),
  reduced((x, axis) => gt.max(x, { axis })),
  reduced((x, axis) => gt.min(x, { axis, keepDims: true })),
  reduced((x, axis) => gt.any(truth(x), { axis })),
  reduced((x, axis) => gt.all(truth(x), { axis })),
  ({ a, pick }) => (a.rank === 0 ? a : gt.argmax(numbers(a), { axis: axisOf(a, pick) })),
  ({ a, pick }) => (a.rank === 0 ? a : bounded(gt.cumsum(numbers(a), { axis: axisOf(a, pick) }))),
];

/** Numbers in other places. */
const MOVES: readonly Step[] = [
  ({ a, pick }) => {
    const left = a.shape.map((_, i) => i);
    return gt.transpose(
      a,
      a.shape.map(() => left.splice(pick(left.length), 1)[0]),
    );
  },
  ({ a }) => gt.reshape(a, [-1]),
  ({ a, pick }) => {
    const divisors = SIZES.filter((n) => a.size % n === 0);
    const n = divisors[pick(divisors.length)];
    return gt.reshape(a, pick(2) === 0 ? [n, a.size / n] : [a.size / n, n]);
  },
  ({ a, pick }) => gt.expandDims(a, { axis: pick(a.rank + 1) }),
  ({ a, pick }) => gt.flip(a, { axis: axesOf(a, pick) }),
  ({ a, pick }) =>
    gt.slice(
      a,
      a.shape.map((n) => {
        const [start, step] = [pick(n), 1 + pick(4)];
        if (pick(5) === 0) return start;
        return pick(2) === 0 ? { start, step } : { start: n - 1 - start, step: -step };
      }),
    ),
  ({ a, pick }) =>
    gt.pad(
      a,
      a.shape.map((): [number, number] => [pick(3), pick(3)]),
      { value: [0, 1, a.dtype === "bool" ? 1 : -2][pick(3)] },
    ),
  (choice) => {
    const a = ranked(choice.a, 1);
    const axis = axisOf(a, choice.pick);
    const b = fitted(choice.b, a.shape, choice.pick);
    const xs = [a, a.dtype === b.dtype ? b : asTensor(gt.cast(b, a.dtype)), a].slice(0, 2 + choice.pick(2));
    return choice.pick(2) === 0 ? gt.concat(xs, { axis }) : gt.stack(xs, { axis });
  },
  ({ a, pick }) =>
    gt.tile(
      a,
      a.shape.map(() => 1 + pick(2)),
    ),
  ({ a, pick }) => (a.rank === 0 ? a : gt.repeat(a, 1 + pick(3), { axis: axisOf(a, pick) })),
  ({ a, pick }) => (a.rank === 0 ? a : gt.roll(a, pick(9) - 4, { axis: axisOf(a, pick) })),
  (choice) => gt.broadcastTo(choice.a, [size(choice), ...choice.a.shape]),
  ({ a, pick }) => {
    const x = ranked(a, 2);
    const k = pick(3) - 1;
    return x.shape[x.rank - 1] + Math.min(k, 0) > 0 && x.shape[x.rank - 2] > Math.max(-k, 0) && x.shape[x.rank - 1] > k
      ? gt.diagonal(x, { k })
      : x;
  },
  ({ a, pick }) => [gt.tril, gt.triu][pick(2)](ranked(a, 2), { k: pick(5) - 2 }),
];

/** Numbers at places that others name: no rounding must stand before these. */
const NAMED: readonly Step[] = [
  ({ a, b, pick }) => {
    const x = ranked(a, 1);
    const n = x.shape[0];
    return gt.take(x, asTensor(gt.cast(gt.clip(fitted(numbers(b), [5], pick), -n, n - 1), "int32")), { axis: 0 });
  },
  ({ a, pick }) => gt.oneHot(asTensor(gt.cast(gt.clip(numbers(a), 0, 4), "int32")), 5, { dtype: DTYPES[pick(4)] }),
];

/** Functions, within rounding, of numbers at which they are smooth; results are near 1 in size. */
const SMOOTH: readonly Step[] = [
  (choice) => gt.tanh(gt.mul(floats(choice.a), beside(choice))),
  (choice) => gt.sub(floats(choice.a), gt.mul(beside(choice), 0.5)),
  (choice) => gt.div(floats(choice.a), gt.add(gt.square(beside(choice)), 1)),
  ({ a, pick }) => [gt.tanh, gt.sigmoid, gt.sin, gt.atan, gt.softplus, gt.erf, gt.gelu, gt.silu][pick(8)](floats(a)),
  ({ a }) => gt.exp(gt.neg(gt.square(floats(a)))),
  ({ a }) => gt.log(gt.add(gt.square(floats(a)), 1.5)),
  ({ a }) => gt.sqrt(gt.add(gt.square(floats(a)), 0.25)),
  reduced((x, axis) => gt.mean(floats(x), { axis })),
  reduced((x, axis) => gt.tanh(gt.sum(floats(x), { axis }))),
  reduced((x, axis) => gt.logSumExp(floats(x), { axis })),
  ({ a, pick }) => (a.rank === 0 ? a : gt.softmax(floats(a), { axis: axisOf(a, pick) })),
  ({ a, pick }) => (a.rank === 0 ? a : gt.layerNorm(floats(a), { axis: axisOf(a, pick), epsilon: 0.1 })),
  (choice) => gt.tanh(multiplied({ ...choice, a: floats(choice.a) })),
];

/** Steps of programs by what is asked of their results. */
export const STEPS = {
  exact: [...EXACT, ...EXACT, ...MOVES, ...NAMED, contracted, contracted, multiplied, multiplied],
  smooth: [...SMOOTH, ...SMOOTH, ...MOVES],
  /** The same, where all numbers are float64. */
  double: [...SMOOTH, ...SMOOTH, ...MOVES],
} as const satisfies Record<string, readonly Step[]>;
