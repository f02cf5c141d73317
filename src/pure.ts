/**
 * The functions of gradtape without methods on tensors and without side effects: one op imported alone brings little else.
 *
 * @module gradtape/pure
 */
export type { Dtype, TensorData } from "./base/dtype";
export { GradtapeError, type Facts } from "./base/errors";
export type { Axis, Shape } from "./base/shape";
export type * from "./core/tensor/tensor";
export type * from "./core/tensor/shape-types";
export type * from "./core/tensor/tree-types";
export { isTensor } from "./core/tensor/tensor-argument";
export { sumTo } from "./core/op/sweep-ops";
export { dtypeOf, shapeOf, valueOf } from "./core/tensor/value";
export type { Explanation } from "./core/program/explanation";

// Creation
export { full, ones, onesLike, tensor, variable, zeros, zerosLike } from "./ops/create/creation";
export type { Nested, TensorOptions, TypedArray, ShapeOfData } from "./ops/create/read-data";
export { arange, eye, linspace } from "./ops/create/ranges";
export { cast } from "./ops/elementwise/cast";

// Elementwise
export { abs, add, div, maximum, minimum, mul, neg, reciprocal, sign, square, sub } from "./ops/elementwise/arithmetic";
export { ceil, floor, round, trunc } from "./ops/elementwise/rounding";
export { floorDivide, remainder } from "./ops/elementwise/remainder";
export {
  exp,
  expm1,
  hypot,
  log,
  log10,
  log1p,
  log2,
  logAddExp,
  pow,
  rsqrt,
  sqrt,
  xlogy,
} from "./ops/elementwise/exponential";
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinh,
  tan,
  tanh,
} from "./ops/elementwise/trigonometric";
export { sinc } from "./ops/elementwise/sinc";
export { logit, logSigmoid, sigmoid, softplus } from "./ops/elementwise/logistic";
export { clip, elu, gelu, leakyRelu, relu, silu } from "./ops/elementwise/activation";
export { digamma, erf, erfc, erfInv, lgamma, polygamma } from "./ops/elementwise/error-and-gamma";
export { logNdtr, ndtr } from "./ops/elementwise/normal-distribution";
export { betainc, gammainc, gammaincc } from "./ops/elementwise/incomplete-gamma-beta";
export {
  type Comparison,
  type Connective,
  equal,
  greater,
  greaterEqual,
  isFinite,
  isInf,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  type Predicate,
  type Truth,
} from "./ops/elementwise/comparison";
export { allClose, nanToNum, type Replacements, where } from "./ops/elementwise/where";
export { dropout } from "./ops/create/dropout";

// Reductions
export { all, any, argmax, argmin, max, mean, min, prod, sum } from "./ops/reduce/reduction";
export { logSumExp } from "./ops/reduce/log-sum-exp";
export { norm, type NormOptions, type SpreadOptions, std, variance } from "./ops/reduce/statistics";
export { median, quantile } from "./ops/reduce/quantile";
export { logSoftmax, softmax } from "./ops/reduce/softmax";
export { layerNorm } from "./ops/reduce/layer-norm";

// Movement
export { broadcastTo, reshape, swapAxes, transpose } from "./ops/movement/reshape-transpose";
export { flip, slice } from "./ops/movement/slicing";
export { pad } from "./ops/indexing/pad";
export { roll } from "./ops/movement/roll";
export { concat, stack } from "./ops/movement/concat-stack";
export { split, unstack } from "./ops/movement/split-unstack";
export { expandDims, squeeze } from "./ops/movement/squeeze-expand";
export { repeat, tile } from "./ops/movement/tile-repeat";
export { meshgrid, type MeshgridOptions } from "./ops/create/meshgrid";

// Indexing
export { take, takeAlongAxis } from "./ops/indexing/take";
export { gather } from "./ops/indexing/gather";
export { scatterAdd, scatterAddAlongAxis } from "./ops/indexing/scatter-add";
export { scatterMax, scatterMin } from "./ops/indexing/scatter-extreme";
export { scatterSet } from "./ops/indexing/scatter-set";
export { oneHot } from "./ops/indexing/one-hot";
export { diag, diagonal, type DiagonalOption, tril, triu } from "./ops/indexing/diagonal";
export { cumprod, cumsum, type RunOptions } from "./ops/order/cumulative";
export { logCumSumExp } from "./ops/order/log-cum-sum-exp";
export { cummax, cummin } from "./ops/order/running-extremes";
export { argsort, sort, type SortOptions, topK } from "./ops/order/sorting";
export { interpolate, searchsorted } from "./ops/indexing/interpolation";

// Contraction
export { dot, matmul, outer } from "./ops/contract/matmul";
export { einsum } from "./ops/contract/einsum";
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from "./ops/convolution/convolution";
export type {
  ConvOptions,
  PoolOptions,
  Sizes1,
  Sizes2,
  TransposedConvOptions,
} from "./ops/convolution/convolution-options";
export { avgPool2d, maxPool2d } from "./ops/convolution/pooling";
export { type Complex, fft, ifft, irfft, rfft } from "./ops/fourier/fourier";

// Linear algebra
export * as linalg from "./ops/linalg/index";
export type { MatrixNormOptions, TriangularOptions } from "./ops/linalg/index";

// Losses, random numbers, trees
export * as loss from "./loss/index";
export type { Pointwise, PointwiseLoss } from "./loss/pointwise";
export type { ClassOptions, Rowwise } from "./loss/rowwise";
export type { LossOptions, ReductionKind } from "./loss/terms";
export * as random from "./ops/create/random";
export type { Bell, ChoiceOptions, Key, Keys, Range, TruncatedBell } from "./ops/create/random";
export * as tree from "./transforms/tree";
export type { TransferableTensor, TransferableTree } from "./transforms/transferable";

// Files
export * as npy from "./formats/npy";
export * as safetensors from "./formats/safetensors";

// Transforms
export { backward, type BackwardOptions } from "./transforms/backward";
export { grad, valueAndGrad } from "./transforms/grad";
export { jvp, vjp } from "./transforms/vjp-jvp";
export { type Axes, vmap } from "./transforms/vmap";
export { detach, stopGradient } from "./transforms/stop-gradient";
export { type Again, type Equation, type Operand, type Tape, trace } from "./transforms/trace";
export { checkNumerics } from "./transforms/check-numerics";
export { explain } from "./transforms/explain";
export { compile, type CompileOptions, type CompiledParts } from "./compiler/compile";
export { hessian, hvp, jacobian, type Mode } from "./transforms/jacobian";
export { checkpoint } from "./control/checkpoint";
export { customGradient } from "./transforms/custom-gradient";
export { scan, type ScanOptions } from "./control/scan";
export { forLoop } from "./control/for-loop";
export { cond } from "./control/cond";
export { whileLoop } from "./control/while-loop";
export { fixedPoint, type ImplicitOptions, implicitRoot } from "./control/implicit";

// Per-sample gradients
export { batchGrad } from "./per-sample/batch-grad";
export type { BatchGradOptions, ClipOptions, PerSampleGradient, Weights } from "./per-sample/per-sample-gradient";

// Custom ops
export {
  type Binary,
  type BinaryDefinition,
  defineBinary,
  defineUnary,
  type Extreme,
  type FamilyBase,
  type Unary,
  type UnaryDefinition,
} from "./ops/define/define-elementwise";
export {
  defineReduction,
  type MaskedReduction,
  type Quantifier,
  type Reduction,
  type ReductionDefinition,
  type Selection,
} from "./ops/define/define-reduction";
export { defineBilinear, defineLinear } from "./ops/define/define-linear";
export type { LinearDefinition } from "./core/op/linear-op";
export type { Kind, LinearFacts, Placed, Selected } from "./core/op/op";
export type { Along, Lazy, Lower, Lowering } from "./core/op/op";
export type { Expansion, Formula, FormulaFunction, Term } from "./kernel/formula";
export type { NumberType, Primitive } from "./kernel/primitives";
export * as formula from "./kernel/expansions/builder";
export { defineOp, type Op, type PartsOp } from "./ops/define/define-op";
export type {
  DefinitionBase,
  OpDefinition,
  PartsDefinition,
  PartsRule,
  PerInput,
  Pullback,
  Pushforward,
  Reads,
  Rule,
  WithPullback,
} from "./core/op/definition";
