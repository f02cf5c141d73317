// From the name of an op in the golden file to a gradtape call, or to the composition that means the same.
import * as gt from "gradtape";
import { add, div, expandDims, log, loss, mean, mul, relu, reshape, softplus, sub, type Tensor } from "gradtape";

type ReductionKind = "mean" | "sum" | "none";

/** The attributes of the golden file. A case has those of its op and no others. */
export interface Attrs {
  readonly approximate: "none" | "tanh";
  readonly axes: number[];
  readonly axis: number;
  readonly beta: number;
  readonly correction: number;
  readonly count_include_pad: boolean;
  readonly delta: number;
  readonly dilation: number[];
  readonly descending: boolean;
  readonly eps: number;
  readonly equation: string;
  readonly exponent: number;
  readonly function: string;
  readonly groups: number;
  readonly k: number;
  readonly keepdims: boolean;
  readonly kernel: number[];
  readonly label_smoothing: number;
  readonly largest: boolean;
  readonly left: boolean;
  readonly log_target: boolean;
  readonly margin: number;
  readonly mode: "constant" | "reflect" | "replicate";
  readonly ord: number;
  readonly output: string;
  readonly pad: [number, number][];
  readonly padding: number[];
  readonly reduction: ReductionKind;
  readonly repeats: number;
  readonly reps: number[];
  readonly shape: number[];
  readonly shift: number;
  readonly stride: number[];
  readonly slices: [start: number | null, stop: number | null, step: number | null][];
  readonly unit_diagonal: boolean;
  readonly upper: boolean;
  readonly value: number;
}
export type Call = (args: Tensor[], attrs: Attrs) => Tensor;

/** Options of a reduction: in the golden file `axis: null` means all axes. */
const over = ({ axis, keepdims }: Attrs) => ({ axis: axis ?? undefined, keepDims: keepdims });

const unary =
  (f: gt.Unary): Call =>
  ([x]) =>
    f(x);
const binary =
  (f: gt.Binary): Call =>
  ([a, b]) =>
    f(a, b);
const reduction =
  (f: gt.Reduction): Call =>
  ([x], attrs) =>
    f(x, over(attrs));

/** max(0, margin - x[y] + x[c]) over the classes c other than y, divided by the number of classes, averaged over rows. */
const multiMargin: Call = ([x, y], { margin }) => {
  const right = gt.takeAlongAxis(x, expandDims(y, { axis: -1 }));
  const others = sub(1, gt.oneHot(y, x.shape[1] ?? 0, { dtype: x.dtype }));
  return mean(mul(others, relu(add(margin, sub(x, right)))));
};

/** Normalised over `axes`, then scaled by gamma and shifted by beta where the case has them. */
const affineLayerNorm: Call = ([x, gamma, beta], { axes, eps }) => {
  const normal = gt.layerNorm(x, { axis: axes, epsilon: eps });
  return gamma === undefined ? normal : add(mul(normal, gamma), beta);
};

/** Elementwise where nothing is reduced (PyTorch's convention); else the library's, which sums over classes first. */
const klDivergence: Call = ([logQ, p], { reduction, log_target }) =>
  reduction === "none" ? mul(p, sub(log(p), logQ)) : loss.klDivergence(logQ, p, { reduction, logTarget: log_target });

/** V diag(f(w)) Vᵀ, or what does not depend on the signs of the vectors. */
const ofEigen: Readonly<Record<string, (values: Tensor, vectors: Tensor, k: number) => Tensor>> = {
  expm: (w, v) => gt.matmul(mul(v, gt.exp(w)), gt.transpose(v)),
  sqrtm: (w, v) => gt.matmul(mul(v, gt.sqrt(w)), gt.transpose(v)),
  projector: (_, v, k) => gt.outer(gt.take(v, k, { axis: 1 }), gt.take(v, k, { axis: 1 })),
  eigenvectors_squared: (_, v) => gt.square(v),
};
const eighFunction: Call = ([a], attrs) => {
  const { values, vectors } = gt.linalg.eigh(a);
  const f = ofEigen[attrs.function];
  if (f === undefined) throw new Error(`no such function of a symmetric matrix: ${attrs.function}`);
  return f(values, vectors, attrs.k);
};

const ofSingular: Readonly<Record<string, (u: Tensor, s: Tensor, vt: Tensor, k: number) => Tensor>> = {
  nuclear_norm: (_, s) => gt.sum(s),
  polar: (u, _, vt) => gt.matmul(u, vt),
  low_rank: (u, s, vt, k) =>
    gt.matmul(mul(gt.slice(u, [null, { stop: k }]), gt.slice(s, [{ stop: k }])), gt.slice(vt, [{ stop: k }])),
};
const svdFunction: Call = ([a], attrs) => {
  const { u, s, vt } = gt.linalg.svd(a);
  const f = ofSingular[attrs.function];
  if (f === undefined) throw new Error(`no such function of singular values: ${attrs.function}`);
  return f(u, s, vt, attrs.k);
};

/** A bias, where the case has one, is a number for each filter. */
const biased = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : add(y, reshape(bias, [-1, ...y.shape.slice(2).map(() => 1)]));
const one = (sizes: number[]): [number] => [sizes[0] ?? 0];

export const table: Readonly<Record<string, Call>> = {
  neg: unary(gt.neg),
  abs: unary(gt.abs),
  exp: unary(gt.exp),
  expm1: unary(gt.expm1),
  log: unary(gt.log),
  log1p: unary(gt.log1p),
  sqrt: unary(gt.sqrt),
  rsqrt: unary(gt.rsqrt),
  reciprocal: unary(gt.reciprocal),
  cos: unary(gt.cos),
  tan: unary(gt.tan),
  asin: unary(gt.asin),
  acos: unary(gt.acos),
  sinh: unary(gt.sinh),
  tanh: unary(gt.tanh),
  asinh: unary(gt.asinh),
  acosh: unary(gt.acosh),
  sigmoid: unary(gt.sigmoid),
  log_sigmoid: unary(gt.logSigmoid),
  softplus: ([x], { beta }) => div(softplus(mul(x, beta)), beta),
  erf: unary(gt.erf),
  lgamma: unary(gt.lgamma),
  digamma: unary(gt.digamma),
  floor: unary(gt.floor),
  gelu: ([x], { approximate }) => gt.gelu(x, { approximate }),

  add: binary(gt.add),
  sub: binary(gt.sub),
  mul: binary(gt.mul),
  div: binary(gt.div),
  pow: binary(gt.pow),
  maximum: binary(gt.maximum),
  minimum: binary(gt.minimum),
  atan2: binary(gt.atan2),
  hypot: binary(gt.hypot),
  logaddexp: binary(gt.logAddExp),
  pow_scalar: ([x], { exponent }) => gt.pow(x, exponent),

  ge: ([a, b]) => gt.greaterEqual(a, b),
  argmax: ([x], { axis }) => gt.argmax(x, { axis }),
  argmin: ([x], { axis }) => gt.argmin(x, { axis }),

  sum: reduction(gt.sum),
  mean: reduction(gt.mean),
  prod: reduction(gt.prod),
  max: reduction(gt.max),
  min: reduction(gt.min),
  logsumexp: reduction(gt.logSumExp),
  std: ([x], attrs) => gt.std(x, { ...over(attrs), correction: attrs.correction }),
  norm: ([x], attrs) => gt.norm(x, { ...over(attrs), ord: attrs.ord }),

  reshape: ([x], { shape }) => reshape(x, shape),
  transpose: ([x], { axes }) => gt.transpose(x, axes),
  broadcast_to: ([x], { shape }) => gt.broadcastTo(x, shape),
  slice: ([x], { slices }) =>
    gt.slice(
      x,
      slices.map(([start, stop, step]) => ({
        start: start ?? undefined,
        stop: stop ?? undefined,
        step: step ?? undefined,
      })),
    ),
  pad: ([x], { pad, mode, value }) => gt.pad(x, pad, { mode, value }),
  concat: (xs, { axis }) => gt.concat(xs, { axis }),
  stack: (xs, { axis }) => gt.stack(xs, { axis }),
  squeeze: ([x], { axis }) => gt.squeeze(x, { axis: axis ?? undefined }),
  unsqueeze: ([x], { axis }) => expandDims(x, { axis }),
  tile: ([x], { reps }) => gt.tile(x, reps),
  repeat: ([x], { repeats, axis }) => gt.repeat(x, repeats, { axis }),
  roll: ([x], { shift, axis }) => gt.roll(x, shift, { axis }),

  cumsum: ([x], { axis }) => gt.cumsum(x, { axis }),
  cumprod: ([x], { axis }) => gt.cumprod(x, { axis }),
  sort: ([x], { axis, descending }) => gt.sort(x, { axis, descending }),
  topk: ([x], { k, axis, largest }) => gt.topK(x, k, { axis, largest }).values,

  take_along_axis: ([x, indices], { axis }) => gt.takeAlongAxis(x, indices, { axis }),
  take: ([x, indices]) => gt.take(reshape(x, [-1]), indices),
  embedding: ([weights, tokens]) => gt.take(weights, tokens),
  scatter_add: ([x, indices, updates], { axis }) => gt.scatterAddAlongAxis(x, indices, updates, { axis }),
  index_add: ([x, indices, updates], { axis }) => gt.scatterAdd(x, indices, updates, { axis }),
  diag: ([x], { k }) => gt.diag(x, { k }),
  diagonal: ([x], { k }) => gt.diagonal(x, { k }),
  tril: ([x], { k }) => gt.tril(x, { k }),

  matmul: ([a, b]) => gt.matmul(a, b),
  cholesky: ([a]) => gt.linalg.cholesky(a),
  triangular_solve: ([a, b], { upper, left, unit_diagonal }) =>
    gt.linalg.triangularSolve(a, b, { upper, left, unitDiagonal: unit_diagonal }),
  solve: ([a, b]) => gt.linalg.solve(a, b),
  inv: ([a]) => gt.linalg.inv(a),
  det: ([a]) => gt.linalg.det(a),
  slogdet: ([a], { output }) => (output === "sign" ? gt.linalg.slogdet(a).sign : gt.linalg.slogdet(a).logAbsDet),
  qr: ([a], { output }) => (output === "Q" ? gt.linalg.qr(a).q : gt.linalg.qr(a).r),
  eigvalsh: ([a]) => gt.linalg.eigh(a).values,
  eigh_function: eighFunction,
  svd_function: svdFunction,
  conv1d: ([x, kernel, bias], { stride, padding, dilation, groups }) =>
    biased(gt.conv1d(x, kernel, { stride: one(stride), padding: one(padding), dilation: one(dilation), groups }), bias),
  conv2d: ([x, kernel, bias], { stride, padding, dilation, groups }) =>
    biased(gt.conv2d(x, kernel, { stride, padding, dilation, groups }), bias),
  max_pool2d: ([x], { kernel, stride, padding, dilation }) =>
    gt.maxPool2d(x, { window: kernel, stride, padding, dilation }),
  avg_pool2d: ([x], { kernel, stride, padding, count_include_pad }) =>
    gt.avgPool2d(x, { window: kernel, stride, padding, countIncludePad: count_include_pad }),
  einsum: (xs, { equation }) => gt.einsum(equation, ...xs),
  softmax: ([x], { axis }) => gt.softmax(x, { axis }),
  log_softmax: ([x], { axis }) => gt.logSoftmax(x, { axis }),
  layer_norm: affineLayerNorm,

  mse: ([prediction, target], { reduction }) => loss.mse(prediction, target, { reduction }),
  l1: ([prediction, target], { reduction }) => loss.mae(prediction, target, { reduction }),
  huber: ([prediction, target], { reduction, delta }) => loss.huber(prediction, target, { reduction, delta }),
  hinge: ([prediction, target], { reduction, margin }) => loss.hinge(prediction, target, { reduction, margin }),
  bce_with_logits: ([logits, target], { reduction }) => loss.bceWithLogits(logits, target, { reduction }),
  cross_entropy: ([logits, target], { reduction, label_smoothing }) =>
    loss.crossEntropy(logits, target, { reduction, labelSmoothing: label_smoothing }),
  nll: ([logProbabilities, target], { reduction }) => loss.nll(logProbabilities, target, { reduction }),
  kl_div: klDivergence,
  multi_margin: multiMargin,
  cosine_similarity: ([a, b], { axis }) => loss.cosineSimilarity(a, b, { axis, reduction: "none" }),
};

/** Golden ops that the library does not have yet. */
export const laterOps: ReadonlySet<string> = new Set([]);

/** Cases of an op in the table that need what the library does not have yet. */
export const laterCases: ReadonlySet<string> = new Set([]);
