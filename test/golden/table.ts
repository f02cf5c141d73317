// From the name of an op in the golden file to a gradtape call, or to the composition that means the same.
import * as gt from "gradtape";
import {
  add,
  div,
  expandDims,
  log,
  loss,
  mean,
  mul,
  relu,
  reshape,
  softplus,
  sub,
  type Tensor,
  tensor,
} from "gradtape";

type ReductionKind = "mean" | "sum" | "none";

/** The attributes of the golden file. A case has those of its op and no others. */
export interface Attrs {
  readonly a: number;
  readonly alpha: number;
  readonly approximate: "none" | "tanh";
  readonly axes: number[];
  readonly axis: number;
  readonly b: number;
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
  readonly length: number;
  readonly log_target: boolean;
  readonly margin: number;
  readonly max: number;
  readonly min: number;
  readonly mode: "constant" | "reflect" | "replicate";
  readonly n: number;
  readonly negative_slope: number;
  readonly ord: number | "inf" | "fro" | "nuc";
  readonly output: string;
  readonly output_padding: number[];
  readonly pad: [number, number][];
  readonly padding: number[];
  readonly part: "re" | "im" | number;
  readonly q: number | number[];
  readonly reduction: ReductionKind | "batchmean";
  readonly repeats: number;
  readonly reps: number[];
  readonly shape: number[];
  readonly shift: number;
  readonly side: "left" | "right";
  readonly size: number;
  readonly sizes: number[];
  readonly stride: number[];
  readonly slices: [start: number | null, stop: number | null, step: number | null][];
  readonly transpose: boolean;
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
const toTensor = (y: gt.Value | boolean): Tensor => (gt.isTensor(y) ? y : gt.tensor(y));

const binary =
  (f: (a: Tensor, b: Tensor) => gt.Value): Call =>
  ([a, b]) =>
    toTensor(f(a, b));
const reduction =
  (f: (x: Tensor, options: ReturnType<typeof over>) => gt.Value | boolean): Call =>
  ([x], attrs) =>
    toTensor(f(x, over(attrs)));

const comparison =
  (f: (a: Tensor, b: Tensor) => Tensor | boolean): Call =>
  ([a, b]) =>
    toTensor(f(a, b));
const predicate =
  (f: gt.Predicate): Call =>
  ([x]) =>
    toTensor(f(x));

/** A number for each reduction but "batchmean", which only the divergence has. */
const kindOf = ({ reduction }: Attrs): ReductionKind => (reduction === "batchmean" ? "mean" : reduction);
/** "inf" is what JSON has for Infinity. */
const orderOf = ({ ord }: Attrs) => (ord === "inf" ? Infinity : ord);

/** max(0, margin - x[y] + x[c]) over the classes c other than y, divided by the number of classes, averaged over rows. */
const multiMargin: Call = ([x, y], { margin }) => {
  const right = gt.takeAlongAxis(x, expandDims(y, { axis: -1 }));
  const others = sub(1, gt.oneHot(y, x.shape[1] ?? 0, { dtype: x.dtype }));
  return mean(mul(others, relu(add(margin, sub(x, right)))));
};

/** Normalized over `axes`, then scaled by gamma and shifted by beta where the case has them. */
const affineLayerNorm: Call = ([x, gamma, beta], { axes, eps }) => {
  const normal = gt.layerNorm(x, { axis: axes, epsilon: eps });
  const scaled = gamma === undefined ? normal : mul(normal, gamma);
  return beta === undefined ? scaled : add(scaled, beta);
};

/** Of rows for "batchmean" and "sum"; "none" and "mean" are elementwise in PyTorch, which the library has not. */
const klDivergence: Call = ([logQ, p], attrs) => {
  const { reduction, log_target: logTarget } = attrs;
  if (reduction === "batchmean" || reduction === "sum") {
    return loss.klDivergence(logQ, p, { reduction: kindOf(attrs), logTarget });
  }
  const terms = logTarget ? mul(gt.exp(p), sub(p, logQ)) : mul(p, sub(log(p), logQ));
  return reduction === "mean" ? mean(terms) : terms;
};

/** V diag(w) Vᵀ for each matrix of a batch. */
const ofValues = (w: Tensor, v: Tensor): Tensor =>
  gt.matmul(mul(v, expandDims(w, { axis: -2 })), gt.swapAxes(v, -1, -2));

/** V diag(f(w)) Vᵀ, or what does not depend on the signs of the vectors. */
const ofEigen: Readonly<Record<string, (values: Tensor, vectors: Tensor, k: number) => Tensor>> = {
  expm: (w, v) => ofValues(gt.exp(w), v),
  sqrtm: (w, v) => ofValues(gt.sqrt(w), v),
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
  nuclear_norm: (_, s) => gt.sum(s, { axis: -1 }),
  polar: (u, _, vt) => gt.matmul(u, vt),
  low_rank: (u, s, vt, k) => {
    const first = gt.less(gt.arange(s.shape[s.rank - 1] ?? 0), k);
    return gt.matmul(mul(u, expandDims(gt.where(first, s, 0), { axis: -2 })), vt);
  },
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

const fourierPart =
  (f: (z: Tensor | gt.Complex, options: { axis: number }) => gt.Complex): Call =>
  ([re, im], { axis, part }) => {
    const z = f(im === undefined ? re : { re, im }, { axis });
    return part === "im" ? z.im : z.re;
  };

/** A layer norm over all but the samples, in groups of channels; scale and shift are numbers for each channel. */
const groupNorm: Call = ([x, gamma, beta], { groups, eps }) => {
  const [samples = 0, channels = 0] = x.shape;
  const normal = gt.layerNorm(reshape(x, [samples, groups, -1]), { epsilon: eps });
  return add(mul(reshape(normal, x.shape), reshape(gamma, [channels, 1, 1])), reshape(beta, [channels, 1, 1]));
};

export const table: Readonly<Record<string, Call>> = {
  neg: unary(gt.neg),
  abs: unary(gt.abs),
  exp: unary(gt.exp),
  expm1: unary(gt.expm1),
  log: unary(gt.log),
  log2: unary(gt.log2),
  log10: unary(gt.log10),
  log1p: unary(gt.log1p),
  sqrt: unary(gt.sqrt),
  rsqrt: unary(gt.rsqrt),
  reciprocal: unary(gt.reciprocal),
  square: unary(gt.square),
  sin: unary(gt.sin),
  cos: unary(gt.cos),
  tan: unary(gt.tan),
  asin: unary(gt.asin),
  acos: unary(gt.acos),
  atan: unary(gt.atan),
  sinh: unary(gt.sinh),
  cosh: unary(gt.cosh),
  tanh: unary(gt.tanh),
  asinh: unary(gt.asinh),
  acosh: unary(gt.acosh),
  atanh: unary(gt.atanh),
  sigmoid: unary(gt.sigmoid),
  log_sigmoid: unary(gt.logSigmoid),
  softplus: ([x], { beta }) => div(softplus(mul(x, beta)), beta),
  erf: unary(gt.erf),
  erfc: unary(gt.erfc),
  erfinv: unary(gt.erfInv),
  lgamma: unary(gt.lgamma),
  digamma: unary(gt.digamma),
  polygamma: ([x], { n }) => gt.polygamma(n, x),
  floor: unary(gt.floor),
  ceil: unary(gt.ceil),
  round: unary(gt.round),
  trunc: unary(gt.trunc),
  sign: unary(gt.sign),
  relu: unary(gt.relu),
  silu: unary(gt.silu),
  elu: ([x], { alpha }) => gt.elu(x, { alpha }),
  leaky_relu: ([x], { negative_slope }) => gt.leakyRelu(x, { negativeSlope: negative_slope }),
  clip: ([x], { min, max }) => gt.clip(x, min, max),
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
  remainder: binary(gt.remainder),
  gammainc: binary(gt.gammainc),
  betainc: ([a, b, x]) => gt.betainc(a, b, x),
  where: ([condition, a, b]) => gt.where(condition, a, b),
  where_sqrt: ([condition, x]) => gt.where(condition, gt.sqrt(x), 0),

  lt: comparison(gt.less),
  le: comparison(gt.lessEqual),
  gt: comparison(gt.greater),
  ge: comparison(gt.greaterEqual),
  eq: comparison(gt.equal),
  ne: comparison(gt.notEqual),
  logical_and: comparison(gt.logicalAnd),
  logical_or: comparison(gt.logicalOr),
  isnan: predicate(gt.isNaN),
  isfinite: predicate(gt.isFinite),
  any: reduction(gt.any),
  all: reduction(gt.all),
  argmax: ([x], { axis }) => gt.argmax(x, { axis }),
  argmin: ([x], { axis }) => gt.argmin(x, { axis }),
  argsort: ([x], { axis, descending }) => gt.argsort(x, { axis, descending }),
  searchsorted: ([sorted, values], { side }) => gt.searchsorted(sorted, values, { side }),

  sum: reduction(gt.sum),
  mean: reduction(gt.mean),
  prod: reduction(gt.prod),
  max: reduction(gt.max),
  min: reduction(gt.min),
  logsumexp: reduction(gt.logSumExp),
  std: ([x], attrs) => gt.std(x, { ...over(attrs), correction: attrs.correction }),
  var: ([x], attrs) => gt.variance(x, { ...over(attrs), correction: attrs.correction }),
  norm: ([x], attrs) => gt.norm(x, { ...over(attrs), ord: Number(orderOf(attrs)) }),
  median: reduction(gt.median),
  quantile: ([x], { q, axis }) => gt.quantile(x, tensor(q), { axis: axis ?? undefined }),

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
  flip: ([x], { axis }) => gt.flip(x, { axis }),
  swap_axes: ([x], { a, b }) => gt.swapAxes(x, a, b),
  split: ([x], { sizes, axis, part }) => gt.split(x, sizes, { axis })[Number(part)],

  cumsum: ([x], { axis }) => gt.cumsum(x, { axis }),
  cumprod: ([x], { axis }) => gt.cumprod(x, { axis }),
  sort: ([x], { axis, descending }) => gt.sort(x, { axis, descending }),
  topk: ([x], { k, axis, largest }) => gt.topK(x, k, { axis, largest }).values,

  take_along_axis: ([x, indices], { axis }) => gt.takeAlongAxis(x, indices, { axis }),
  take: ([x, indices]) => gt.take(reshape(x, [-1]), indices),
  embedding: ([weights, tokens]) => gt.take(weights, tokens),
  index_select: ([x, indices], { axis }) => gt.take(x, indices, { axis }),
  one_hot: ([indices], { size }) => gt.oneHot(indices, size),
  interpolate: ([x, knots, values]) => gt.interpolate(x, knots, values),
  scatter_add: ([x, indices, updates], { axis }) => gt.scatterAddAlongAxis(x, indices, updates, { axis }),
  index_add: ([x, indices, updates], { axis }) => gt.scatterAdd(x, indices, updates, { axis }),
  diag: ([x], { k }) => gt.diag(x, { k }),
  diagonal: ([x], { k }) => gt.diagonal(x, { k }),
  tril: ([x], { k }) => gt.tril(x, { k }),
  triu: ([x], { k }) => gt.triu(x, { k }),

  matmul: ([a, b]) => gt.matmul(a, b),
  outer: ([a, b]) => gt.outer(a, b),
  dot: ([a, b]) => gt.dot(a, b),
  cholesky: ([a]) => gt.linalg.cholesky(a),
  triangular_solve: ([a, b], { upper, left, unit_diagonal, transpose }) =>
    gt.linalg.triangularSolve(a, b, { upper, left, unitDiagonal: unit_diagonal, transpose }),
  solve: ([a, b]) => gt.linalg.solve(a, b),
  inv: ([a]) => gt.linalg.inv(a),
  det: ([a]) => gt.linalg.det(a),
  slogdet: ([a], { output }) => (output === "sign" ? gt.linalg.slogdet(a).sign : gt.linalg.slogdet(a).logAbsDet),
  qr: ([a], { output }) => (output === "Q" ? gt.linalg.qr(a).q : gt.linalg.qr(a).r),
  eigvalsh: ([a]) => gt.linalg.eigh(a).values,
  eigh_function: eighFunction,
  svd_function: svdFunction,
  svdvals: ([a]) => gt.linalg.svd(a).s,
  matrix_norm: ([a], attrs) => gt.linalg.norm(a, { ord: orderOf(attrs) as 1 | 2 | "fro" | "nuc" }),
  trace: ([a], { k }) => gt.linalg.trace(a, { k }),
  pinv: ([a]) => gt.linalg.pinv(a),
  lstsq: ([a, b]) => gt.linalg.lstsq(a, b),
  cross: ([a, b]) => gt.linalg.cross(a, b),
  fft: fourierPart(gt.fft),
  ifft: fourierPart(gt.ifft),
  rfft: fourierPart((x, options) => gt.rfft(x as Tensor, options)),
  irfft: ([re, im], { axis, length }) => gt.irfft({ re, im }, { axis, length }),
  conv1d: ([x, kernel, bias], { stride, padding, dilation, groups }) =>
    biased(gt.conv1d(x, kernel, { stride: one(stride), padding: one(padding), dilation: one(dilation), groups }), bias),
  conv2d: ([x, kernel, bias], { stride, padding, dilation, groups }) =>
    biased(gt.conv2d(x, kernel, { stride, padding, dilation, groups }), bias),
  conv_transpose1d: ([x, kernel, bias], { stride, padding, output_padding, dilation, groups }) =>
    biased(
      gt.convTranspose1d(x, kernel, {
        stride: one(stride),
        padding: one(padding),
        outputPadding: one(output_padding),
        dilation: one(dilation),
        groups,
      }),
      bias,
    ),
  conv_transpose2d: ([x, kernel, bias], { stride, padding, output_padding, dilation, groups }) =>
    biased(gt.convTranspose2d(x, kernel, { stride, padding, outputPadding: output_padding, dilation, groups }), bias),
  max_pool2d: ([x], { kernel, stride, padding, dilation }) =>
    gt.maxPool2d(x, { window: kernel, stride, padding, dilation }),
  avg_pool2d: ([x], { kernel, stride, padding, count_include_pad }) =>
    gt.avgPool2d(x, { window: kernel, stride, padding, countIncludePad: count_include_pad }),
  einsum: (xs, { equation }) => gt.einsum(equation, ...xs),
  softmax: ([x], { axis }) => gt.softmax(x, { axis }),
  log_softmax: ([x], { axis }) => gt.logSoftmax(x, { axis }),
  layer_norm: affineLayerNorm,
  batch_norm: ([x, gamma, beta], { eps }) => add(mul(gt.layerNorm(x, { axis: 0, epsilon: eps }), gamma), beta),
  group_norm: groupNorm,

  mse: ([prediction, target], attrs) => loss.mse(prediction, target, { reduction: kindOf(attrs) }),
  l1: ([prediction, target], attrs) => loss.mae(prediction, target, { reduction: kindOf(attrs) }),
  huber: ([prediction, target], attrs) =>
    loss.huber(prediction, target, { reduction: kindOf(attrs), delta: attrs.delta }),
  hinge: ([prediction, target], attrs) =>
    loss.hinge(prediction, target, { reduction: kindOf(attrs), margin: attrs.margin }),
  bce_with_logits: ([logits, target, positiveWeight], attrs) =>
    loss.bceWithLogits(logits, target, { reduction: kindOf(attrs), positiveWeight }),
  cross_entropy: ([logits, target], attrs) =>
    loss.crossEntropy(logits, target, { reduction: kindOf(attrs), labelSmoothing: attrs.label_smoothing }),
  nll: ([logProbabilities, target], attrs) => loss.nll(logProbabilities, target, { reduction: kindOf(attrs) }),
  kl_div: klDivergence,
  multi_margin: multiMargin,
  cosine_similarity: ([a, b], { axis }) => loss.cosineSimilarity(a, b, { axis, reduction: "none" }),
};

/** Golden ops that the library does not have yet. */
export const laterOps: ReadonlySet<string> = new Set([]);

/** Cases of an op in the table that need what the library does not have yet. */
export const laterCases: ReadonlySet<string> = new Set([]);
