// The steps that random models are made of: each takes a vector and gives one of the same length, about as large.
import * as gt from "gradtape";
import {
  add,
  concat,
  div,
  dot,
  matmul,
  mean,
  mul,
  outer,
  slice,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
} from "gradtape";
import type { Numbers } from "./numbers";

/** Anything that can be differentiated. */
export type Tree = gt.Value | readonly Tree[] | { readonly [key: string]: Tree };

/** One sample: a vector, a number, an index, and what the loss compares with. */
export type Sample = { readonly x: Tensor; readonly scale: Tensor; readonly token: Tensor; readonly target: Tensor };

/** How many rows an embedding has, and so how many tokens there are. */
export const TOKENS = 4;

export interface Step {
  params(numbers: Numbers, n: number): Tree;
  apply(h: Tensor, params: Tree, sample: Sample): Tensor;
}

function step<P extends Tree>(
  params: (numbers: Numbers, n: number) => P,
  apply: (h: Tensor, params: P, sample: Sample) => Tensor,
): Step {
  return { params, apply: apply };
}

const sizeOf = (h: Tensor) => h.shape[0];
const bare = (apply: (h: Tensor, sample: Sample) => Tensor) =>
  step(
    () => [],
    (h, _, sample) => apply(h, sample),
  );
const withVector = (apply: (h: Tensor, v: Tensor) => Tensor) => step((numbers, n) => numbers.tensor([n]), apply);
const withMatrix = (apply: (h: Tensor, w: Tensor) => Tensor) => step((numbers, n) => numbers.tensor([n, n]), apply);

/** Inside (-0.9, 0.9), and inside [2, 3): where functions with a domain are at home. */
const narrow = (h: Tensor) => mul(0.9, tanh(h));
const positive = (h: Tensor) => add(2, square(tanh(h)));

const { sin, cos, sigmoid, softplus, logSigmoid, silu, gelu, erf, erfc, atan, asinh, relu, abs, leakyRelu, elu, neg } =
  gt;
const { exp, expm1, sinh, cosh, tan, asin, acos, atanh } = gt;
const { sqrt, rsqrt, reciprocal, log, log1p, lgamma, digamma, acosh } = gt;
const anywhere = {
  sin,
  cos,
  tanh,
  sigmoid,
  softplus,
  logSigmoid,
  silu,
  gelu,
  erf,
  erfc,
  atan,
  asinh,
  relu,
  abs,
  leakyRelu,
  elu,
  neg,
};
const insideOne = { exp, expm1, sinh, cosh, tan, asin, acos, atanh, square };
const aboveOne = { sqrt, rsqrt, reciprocal, log, log1p, lgamma, digamma, acosh };
const binary = { add, sub, mul, maximum: gt.maximum, minimum: gt.minimum, hypot: gt.hypot, logAddExp: gt.logAddExp };

type Unaries = { readonly [name: string]: (x: Tensor) => Tensor };
const unary = (functions: Unaries, domain: (h: Tensor) => Tensor) =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, bare((h) => f(domain(h)))]));

const elementwise = {
  ...unary(anywhere, (h) => h),
  ...unary(insideOne, narrow),
  ...unary(aboveOne, positive),
  ...Object.fromEntries(Object.entries(binary).map(([name, f]) => [name, withVector((h, v) => f(h, v))])),
  div: withVector((h, v) => div(h, add(2, v))),
  pow: withVector((h, v) => gt.pow(positive(h), v)),
  atan2: withVector((h, v) => gt.atan2(h, add(2, v))),
  clip: bare((h) => gt.clip(h, -1, 1)),
  where: withVector((h, v) => gt.where(gt.greater(h, v), h, mul(h, v))),
  "used twice": withVector((h, v) => mul(add(h, v), v)),
  "plain number": step(
    (numbers) => ({ gain: numbers.uniform(-1, 1) }),
    (h, { gain }) => mul(h, gain),
  ),
  "0-d tensor": step(
    (numbers) => numbers.tensor([]),
    (h, shift) => add(h, shift),
  ),
  "number of the sample": bare((h, { scale }) => mul(h, scale)),
  stopGradient: withVector((h, v) => add(h, gt.stopGradient(v))),
};

const contractions = {
  affine: step(
    (numbers, n) => ({ w: numbers.tensor([n, n]), b: numbers.tensor([n]) }),
    (h, { w, b }) => add(matmul(h, w), b),
  ),
  "matrix times vector": withMatrix((h, w) => matmul(w, h)),
  "product, then sum": withMatrix((h, w) => sum(mul(gt.expandDims(h, { axis: 1 }), w), { axis: 0 })),
  attention: step(
    (numbers, n) => [numbers.tensor([n, n]), numbers.tensor([n, n])],
    (h, [key, value]) => matmul(gt.softmax(matmul(key, h)), value),
  ),
  dot: withVector((h, v) => mul(v, dot(h, v))),
  outer: withVector((h, v) => mean(outer(h, v), { axis: 0 })),
  tril: withMatrix((h, w) => matmul(gt.tril(w), h)),
  triu: withMatrix((h, w) => matmul(gt.triu(w, { k: 1 }), h)),
  diag: withVector((h, v) => matmul(gt.diag(v), h)),
  diagonal: withVector((h, v) => gt.diagonal(outer(h, v))),
};

const reductions = {
  layerNorm: step(
    (numbers, n) => ({ scale: numbers.tensor([n]), shift: numbers.tensor([n]) }),
    (h, { scale, shift }) => add(mul(gt.layerNorm(h), scale), shift),
  ),
  softmax: bare((h) => gt.softmax(h)),
  logSoftmax: bare((h) => gt.logSoftmax(h)),
  norm: bare((h) => div(h, add(1, gt.norm(h)))),
  mean: bare((h) => sub(h, mean(h))),
  variance: bare((h) => mul(tanh(h), add(1, gt.variance(tanh(h))))),
  std: withVector((h, v) => mul(v, gt.std(concat([h, v, neg(v)])))),
  prod: withVector((h, v) => gt.prod(stack([tanh(h), v]), { axis: 0 })),
  max: withVector((h, v) => gt.max(outer(h, v), { axis: 1 })),
  min: withVector((h, v) => gt.min(outer(h, v), { axis: 0 })),
  logSumExp: withVector((h, v) => gt.logSumExp(outer(h, v), { axis: 1 })),
};

const movement = {
  flip: bare((h) => gt.flip(h)),
  concat: withVector((h, v) => slice(concat([v, h]), [{ start: 1, stop: sizeOf(h) + 1 }])),
  pad: bare((h) => slice(gt.pad(h, 1, { value: 0.5 }), [{ stop: sizeOf(h) }])),
  stack: withVector((h, v) => mean(stack([h, v], { axis: 1 }), { axis: 1 })),
  unstack: withMatrix((h, w) => gt.unstack(w).reduce((total, row) => sub(row, total), h)),
  split: bare((h) => {
    const [first, rest] = gt.split(h, [1, sizeOf(h) - 1]) as [Tensor, Tensor];
    return concat([rest, first]);
  }),
  transpose: withMatrix((h, w) => sum(gt.transpose(mul(w, h)), { axis: 0 })),
  swapAxes: withMatrix((h, w) => matmul(h, gt.swapAxes(w, 0, 1))),
  broadcastTo: bare((h) => mean(gt.broadcastTo(h, [3, sizeOf(h)]), { axis: 0 })),
  reshape: bare((h) => gt.squeeze(gt.transpose(gt.reshape(h, [1, -1])), { axis: 1 })),
  tile: withVector((h, v) => slice(mul(gt.tile(h, 2), concat([v, v])), [{ start: 1, stop: sizeOf(h) + 1 }])),
  repeat: bare((h) => slice(gt.repeat(h, 2), [{ start: 1, stop: sizeOf(h) + 1 }])),
  "slice with steps": bare((h) => concat([slice(h, [{ step: 2 }]), slice(h, [{ start: 1, step: 2 }])])),
};

/** Every place of a vector of length n once, in an order that is not the identity. */
const rotation = (h: Tensor) => Array.from({ length: sizeOf(h) }, (_, i) => (i + 1) % sizeOf(h));

const indexing = {
  embedding: step(
    (numbers, n) => ({ table: numbers.tensor([TOKENS, n]) }),
    (h, { table }, { token }) => add(h, gt.take(table, token)),
  ),
  oneHot: step(
    (numbers, n) => numbers.tensor([TOKENS, n]),
    (h, table, { x, token }) => add(h, matmul(gt.oneHot(token, TOKENS, { dtype: x.dtype }), table)),
  ),
  take: bare((h) => gt.take(h, rotation(h))),
  takeAlongAxis: bare((h) => gt.takeAlongAxis(h, rotation(h))),
  scatterAdd: withVector((h, v) =>
    gt.scatterAdd(
      v,
      rotation(h).map((i) => Math.min(i, 1)),
      h,
    ),
  ),
  scatterAddAlongAxis: withVector((h, v) => gt.scatterAddAlongAxis(h, rotation(h), v)),
  at: withVector((h, v) => mul(h, v.at(-1))),
};

export const steps: Readonly<Record<string, Step>> = {
  ...elementwise,
  ...contractions,
  ...reductions,
  ...movement,
  ...indexing,
};
