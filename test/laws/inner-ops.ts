// Ops that no function of the package is named after, and that tapes print all the same: each with a sentence for
// docs/ops.md. Names that end in the orders of a derivative (polygamma2, gammaDensity0,1) stand without them. inner-ops.test.ts holds the list against what the tapes of all ops print.

/** Sentences by name, in the order of the page. */
export const innerOps: Readonly<Record<string, string>> = {
  mulZero:
    "a cotangent or tangent times a partial derivative: exactly 0 on either side gives 0, even beside Infinity or NaN",
  accumulate: "the sum of two contributions to one cotangent or tangent",
  divideBy: "division by a constant, mostly a count",
  stridedPad: "the transpose of `slice`: its input at the places of the slice, 0 elsewhere",
  triangle: "one triangle of the last two axes, zeros elsewhere: `tril` and `triu`",
  recurrence: "y[i] = a[i] y[i - 1] + b[i] along an axis: derivatives of `cumprod`",
  meanOfSome: "the mean of what a mask leaves, from a tensor with zeros elsewhere and the counts",
  center: "x minus its mean along axes: the first half of `variance` and `std`",
  powerMean: "(sum of |x|^p / divisor)^(1/p) along axes: `norm` and `std`, and without the root `variance`",
  softmaxTimes: "the Jacobian of `softmax`, which is symmetric, times a tensor",
  layerNormTimes: "the Jacobian of `layerNorm`, which is symmetric, times a tensor",
  conv: "the convolution behind `conv1d` and `conv2d`, of the images and the kernel",
  convInput:
    "a convolution's transpose by its images: from the result and the kernel; also `convTranspose1d` and `convTranspose2d`",
  convKernel: "a convolution's transpose by its kernel: from the images and the result",
  argmaxPool: "where the largest element of each window of `maxPool2d` is",
  quantileIndices: "the places in sorted order that a quantile lies between",
  step: "1 where x is above 0, 0 elsewhere: the derivative of `relu`",
  segment: "the knot to the left of each point that `interpolate` looks up",
  betaDensity: "the derivative of `betainc` by its last argument, and derivatives of that",
  gammaDensity: "the derivative of `gammainc` by its last argument, and derivatives of that",
  lerp: "(1 - t) a + t b: between the two neighbors of a quantile or of an interpolated point",
  luFactors: "the factors L and U of matrices, and the order of their rows",
  cofactors: "the cofactors of matrices, and derivatives of them: what `linalg.det` has as derivative",
  inverseOrZero: "1 / x, and 0 where x is no more than rounding: differences of eigenvalues and singular values",
  weighted: "a weight times a term of a loss: exactly 0 times Infinity is 0",
  checkClasses: "class indices, checked against the number of classes when the values are known",
  map: "a program run once for each sample: what `vmap` makes of a custom op without a batch rule",
  linearSolve: "the linear system that derivatives of `implicitRoot` and `fixedPoint` solve",
  implicitSolver: "the solver of `implicitRoot` and `fixedPoint`, where its inputs are not known yet",
  implicitRoot: "what a solver found, with the derivative of the implicit function theorem",
  splitKey: "the keys that `random.split` makes",
  pickKey: "one of the keys that `random.split` made",
  foldKey: "the key that `random.fold` makes of a key and an integer",
};
