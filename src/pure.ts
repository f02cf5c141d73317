/**
 * The functions of gradtape without methods on tensors and without side effects: one op imported alone brings little else.
 *
 * @module gradtape/pure
 */
export type { Dtype, TensorData } from "./base/dtype";
export { GradtapeError, type Facts } from "./base/errors";
export type { Axis, Shape } from "./base/shape";
export type * from "./core/tensor";
export { isTensor } from "./core/handle";
export { dtypeOf, shapeOf, sumTo, valueOf } from "./core/linear";
export type { Explanation } from "./core/explanation";

// Creation
export { full, ones, onesLike, tensor, variable, zeros, zerosLike } from "./ops/creation";
export type { Nested, TensorOptions, TypedArray, ShapeOfData } from "./ops/nested";
export { arange, eye, linspace } from "./ops/sequence";
export { cast } from "./ops/cast";

// Elementwise
export { abs, add, div, maximum, minimum, mul, neg, reciprocal, sign, square, sub } from "./ops/arithmetic";
export { ceil, floor, round, trunc } from "./ops/rounding";
export { remainder } from "./ops/remainder";
export { exp, expm1, hypot, log, log10, log1p, log2, logAddExp, pow, rsqrt, sqrt } from "./ops/exponential";
export { acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh } from "./ops/trigonometric";
export { logSigmoid, sigmoid, softplus } from "./ops/logistic";
export { clip, elu, gelu, leakyRelu, relu, silu } from "./ops/activation";
export { digamma, erf, erfc, erfInv, lgamma, polygamma } from "./ops/special";
export { betainc, gammainc } from "./ops/incomplete";
export {
  type Comparison,
  type Connective,
  equal,
  greater,
  greaterEqual,
  isFinite,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
  type Predicate,
  type Truth,
} from "./ops/comparison";
export { allClose, nanToNum, type Replacements, where } from "./ops/selection";
export { dropout } from "./ops/dropout";

// Reductions
export { all, any, argmax, argmin, logSumExp, max, mean, min, prod, sum } from "./ops/reduction";
export { norm, type NormOptions, type SpreadOptions, std, variance } from "./ops/statistics";
export { median, quantile } from "./ops/quantile";
export { logSoftmax, softmax } from "./ops/softmax";
export { layerNorm } from "./ops/layer-norm";

// Movement
export { broadcastTo, reshape, swapAxes, transpose } from "./ops/movement";
export { flip, slice } from "./ops/slicing";
export { pad } from "./ops/padding";
export { roll } from "./ops/rolling";
export { concat, stack } from "./ops/joining";
export { split, unstack } from "./ops/splitting";
export { expandDims, squeeze } from "./ops/axes";
export { repeat, tile } from "./ops/repetition";
export { meshgrid, type MeshgridOptions } from "./ops/meshgrid";

// Indexing
export { take, takeAlongAxis } from "./ops/indexing";
export { scatterAdd, scatterAddAlongAxis } from "./ops/scatter";
export { oneHot } from "./ops/one-hot";
export { diag, diagonal, type DiagonalOption, tril, triu } from "./ops/diagonal";
export { cumprod, cumsum } from "./ops/cumulative";
export { argsort, sort, type SortOptions, topK } from "./ops/sorting";
export { interpolate, searchsorted } from "./ops/interpolation";

// Contraction
export { dot, matmul, outer } from "./ops/contraction";
export { einsum } from "./ops/einsum";
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from "./ops/convolution";
export type { ConvOptions, PoolOptions, Sizes1, Sizes2, TransposedConvOptions } from "./ops/convolution-options";
export { avgPool2d, maxPool2d } from "./ops/pooling";
export { type Complex, fft, ifft, irfft, rfft } from "./ops/fourier";

// Linear algebra
export * as linalg from "./ops/linalg/index";
export type { MatrixNormOptions, TriangularOptions } from "./ops/linalg/index";

// Losses, random numbers, trees
export * as loss from "./loss/index";
export type { Pointwise, PointwiseLoss } from "./loss/pointwise";
export type { ClassOptions, Rowwise } from "./loss/rowwise";
export type { LossOptions, ReductionKind } from "./loss/terms";
export * as random from "./ops/random";
export type { Bell, Key, Range } from "./ops/random";
export * as tree from "./ops/tree";

// Files
export * as npy from "./formats/npy";
export * as safetensors from "./formats/safetensors";

// Transforms
export { backward, type BackwardOptions } from "./transforms/backward";
export { grad, valueAndGrad } from "./transforms/gradient";
export { jvp, vjp } from "./transforms/vjp";
export { type Axes, vmap } from "./transforms/vmap";
export { detach, stopGradient } from "./transforms/stop-gradient";
export { type Equation, type Operand, type Tape, trace } from "./transforms/trace";
export { checkNumerics } from "./transforms/check-numerics";
export { explain } from "./transforms/explain";
export { hessian, hvp, jacobian, type Mode } from "./transforms/jacobian";
export { checkpoint } from "./transforms/checkpoint";
export { customGradient } from "./transforms/custom-gradient";
export { forLoop, scan, type ScanOptions } from "./transforms/scan";
export { cond } from "./transforms/branch";
export { whileLoop } from "./transforms/while-loop";
export { fixedPoint, type ImplicitOptions, implicitRoot } from "./transforms/implicit";

// Per-sample gradients
export { batchGrad } from "./per-sample/batch-grad";
export type { BatchGradOptions, ClipOptions, PerSampleGradient, Weights } from "./per-sample/per-sample-gradient";

// Ops of one's own
export {
  type Binary,
  type BinaryDefinition,
  defineBinary,
  defineUnary,
  type FamilyBase,
  type Unary,
  type UnaryDefinition,
} from "./ops/define-elementwise";
export { defineReduction, type Reduction, type ReductionDefinition } from "./ops/define-reduction";
export { defineBilinear, defineLinear, type LinearDefinition } from "./ops/define-linear";
export {
  defineOp,
  type Emitter,
  type Op,
  type OpDefinition,
  type PartsDefinition,
  type PartsOp,
  type Pullback,
  type Pushforward,
  type Reads,
  type Rule,
} from "./ops/define-op";
