// FAULTS 10 to 14: derivatives.
import {
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  batchGrad,
  betainc,
  digamma,
  div,
  elu,
  erf,
  erfc,
  gammainc,
  gammaincc,
  gelu,
  grad,
  hessian,
  jacobian,
  jvp,
  leakyRelu,
  lgamma,
  linalg,
  log,
  logAddExp,
  logSigmoid,
  logSoftmax,
  logSumExp,
  loss,
  max,
  maximum,
  median,
  min,
  minimum,
  mul,
  neg,
  polygamma,
  pow,
  quantile,
  relu,
  remainder,
  reshape,
  type Scalar,
  sigmoid,
  silu,
  softmax,
  softplus,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  type Unary,
  variance,
  vjp,
} from "gradtape";
import { untyped } from "../support";
import { curvature, fault, type Row, scalar, slope } from "./fault";

type Scalars = (x: Scalar) => Scalar;
const f32 = { dtype: "float32" } as const;
const slopeAt = (f: Scalars, x: number): unknown => grad(f)(x);

const forward = (f: Scalars, x: number): unknown => jvp(f, [x], [1])[1];
const second = (f: Scalars, x: number): unknown => grad(grad(f))(x);
const both = (says: string, f: Scalars, x: number, right: number): Row[] => [
  [`${says}, reverse`, () => slopeAt(f, x), right],
  [`${says}, forward`, () => forward(f, x), right],
];
const rooted =
  (f: Scalars): Scalars =>
  (x) =>
    sqrt(f(x));

/** Rows of functions that go through tensors. */
const valued = (rows: readonly Row[]): Row[] => rows.map(([says, call, right]) => [says, () => scalar(call()), right]);
const vanishing: Scalars = (x) => log(softmax(stack([0, x])).at(1));

fault(10, "derivative 0 beside an infinite cotangent", [
  ...both("sqrt(relu)", rooted(relu), -1, 0),
  ...both("log(1 / maximum(1e-200, x))", (x) => log(div(1, maximum(1e-200, x))), 0, 0),
  ...both("log(-minimum)", (x) => log(sub(0, minimum(0, x))), 1, 0),
  ...both("sqrt(abs) at 0", rooted(abs), 0, 0),
  ...both("sqrt(square) at 0", rooted(square), 0, 0),
  ...both(
    "sqrt of leakyRelu of slope 0",
    rooted((x) => leakyRelu(x, { negativeSlope: 0 })),
    -1,
    0,
  ),
  ...both(
    "sqrt of elu of alpha 0",
    rooted((x) => elu(x, { alpha: 0 })),
    -1,
    0,
  ),
  ...both(
    "sqrt of hinge",
    rooted((x) => untyped(loss.hinge(x, 1))),
    2,
    0,
  ),
  ...both(
    "sqrt of huber",
    rooted((x) => untyped(loss.huber(x, 1))),
    1,
    0,
  ),
  ...[median, (x: Tensor) => quantile(x, 0.5)].map(
    (f): Row => ["sqrt of the median", () => slope((x) => sqrt(f(x) as Scalar), tensor([-1, 0, 1])), [0, Infinity, 0]],
  ),
  ["sqrt of max", () => slope((x) => sqrt(max(x) as Scalar), tensor([-1, 0])), [0, Infinity]],
  ["sqrt of min", () => slope((x) => sqrt(min(x) as Scalar), tensor([1, 0])), [0, Infinity]],
  ["per sample", () => batchGrad((w: number, x: number) => sqrt(relu(mul(w, x))))(1, tensor([4, -1, 9])).mean(), 5 / 6],
  ["to all orders", () => second(rooted(relu), -1), 0],
  [
    "softmax where it is saturated",
    () => vjp((x: Tensor) => softmax(x), [tensor([0, -800])])[1](tensor([1, Infinity])),
    [[0, 0]],
  ],
  ...valued(both("log of a share of softmax that vanishes", vanishing, -800, 0)),
  ...valued(
    both(
      "sqrt of the crossEntropy of one class",
      (x) => sqrt(loss.crossEntropy(stack([x]), tensor(0, { dtype: "int32" }))),
      1,
      0,
    ),
  ),
  ...valued(both("sqrt of -logSoftmax of one class", (x) => sum(sqrt(neg(logSoftmax(stack([x]))))), 1, 0)),
  [
    "a tangent of Infinity in logSoftmax of one class",
    () => jvp((x: Tensor) => logSoftmax(x), [tensor([1])], [tensor([Infinity])])[1],
    [0],
  ],
]);

/** The four nestings of two modes. */
const nestings: readonly (readonly [string, (f: Scalars, x: number) => unknown])[] = [
  ["reverse over reverse", (f, x) => grad(grad(f))(x)],
  ["forward over reverse", (f, x) => jvp(grad(f) as Scalars, [x], [1])[1]],
  ["reverse over forward", (f, x) => grad((y: Scalar) => jvp(f, [y], [1])[1] as Scalar)(x)],
  ["forward over forward", (f, x) => jvp((y: Scalar) => jvp(f, [y], [1])[1] as Scalar, [x], [1])[1]],
];
const everyWay = (says: string, f: Scalars, x: number, right: number): Row[] =>
  nestings.map(([way, derive]) => [`${says}, ${way}`, () => derive(f, x), right]);

fault(11, "second derivatives that differ by mode", [
  ...everyWay("asin at 1", asin, 1, Infinity),
  ...everyWay("asin at -1", asin, -1, -Infinity),
  ...everyWay("acos at 1", acos, 1, -Infinity),
  ...everyWay("acos at -1", acos, -1, Infinity),
  ...everyWay("atanh at 1", atanh, 1, Infinity),
  ...everyWay("atanh at -1", atanh, -1, -Infinity),
  ...everyWay("acosh at 1", acosh, 1, -Infinity),
  ...[Infinity, -Infinity].flatMap((x) =>
    [atan, asinh, erf, erfc, silu].flatMap((f) => everyWay(`${f.name || "f"} at ${x}`, f as Unary as Scalars, x, 0)),
  ),
  ...everyWay("acosh at Infinity", acosh, Infinity, 0),
  ...everyWay("atan2(x, Infinity)", (x) => atan2(x, Infinity), 1, 0),
  ...everyWay("atan2(Infinity, x)", (x) => atan2(Infinity, x), 1, 0),
  [
    "pow at (0, 1), by the policy",
    () => hessian(([a, b]: readonly [Scalar, Scalar]) => pow(a, b))([0, 1]),
    [
      [0, 0],
      [0, 0],
    ],
  ],
  ...valued(everyWay("log of a share of softmax that vanishes", vanishing, -800, 0)),
  ...valued(everyWay("sqrt(variance) at 0", (x) => sqrt(variance(stack([x, 0]))), 0, Infinity)),
  ...valued(
    everyWay(
      "sqrt(variance) at 0, masked",
      (x) => sqrt(variance(stack([x, 0, 7]), { where: tensor([true, true, false]) })),
      0,
      Infinity,
    ),
  ),
  ...valued(everyWay("sqrt(sum(square)) at 0", (x) => sqrt(sum(square(stack([x, 0])))), 0, Infinity)),
  ...valued(
    everyWay("sqrt(det) of a matrix of rank 1", (x) => sqrt(linalg.det(reshape(stack([x, 0, 0, 0]), [2, 2]))), 1, 0),
  ),
  ...everyWay("logAddExp at NaN", (x) => logAddExp(x, x), Number.NaN, Number.NaN),
]);

const pair =
  (f: (a: Scalar, b: Scalar) => Scalar) =>
  ([a, b]: readonly [Scalar, Scalar]) =>
    f(a, b);
fault(12, "ties", [
  [
    "logAddExp",
    () => hessian(pair(logAddExp))([1, 1]),
    [
      [0.25, -0.25],
      [-0.25, 0.25],
    ],
  ],
]);

const tanhGelu: Scalars = (x) => gelu(x, { approximate: "tanh" });
fault(13, "activations at the ends", [
  ["gelu(-Infinity)", () => gelu(-Infinity), -0],
  ...both("gelu at Infinity", gelu, Infinity, 1),
  ...both("gelu at -Infinity", gelu, -Infinity, 0),
  ...both("gelu tanh at 1e155", tanhGelu, 1e155, 1),
  ...both("gelu tanh at 1e300", tanhGelu, 1e300, 1),
  ["gelu tanh, forward in float32", () => scalar(jvp(tanhGelu, [tensor(2e19, f32)], [tensor(1, f32)])[1]), 1],
  ...both("silu at Infinity", silu, Infinity, 1),
  ...both("silu at -Infinity", silu, -Infinity, 0),
  ["remainder", () => grad(pair(remainder))([3.5, -Infinity]), [1, 1]],
]);

const confident = tensor([40, 0]);
const q = Math.exp(-40);
const p = q / (1 + q);
const curve = -p * (1 - p);
fault(14, "slopes that cancel", [
  ["tanh at 20", () => slopeAt(tanh, 20), 4 / Math.exp(40), 1e-15],
  ["tanh at 9 in float32", () => scalar(grad(tanh)(tensor(9, f32))), 6.0919e-8, 1e-4],
  ["sigmoid at 40", () => slopeAt(sigmoid, 40), 4.248354255291589e-18],
  ["sigmoid at -40", () => slopeAt(sigmoid, -40), 4.248354255291589e-18],
  ["sigmoid at 30", () => slopeAt(sigmoid, 30), 9.357622968839299e-14],
  ["softplus, second", () => second(softplus, 40), 4.248354255291589e-18],
  ["logSigmoid, second", () => second(logSigmoid, 40), -4.248354255291589e-18],
  ["silu, second", () => second(silu, 40), (2 - 40) * q],
  ["asin, second", () => second(asin, 1e-12), 1e-12],
  ["acos, second", () => second(acos, 1e-12), -1e-12],
  ["atanh, second", () => second(atanh, 1e-12), 2e-12],
  ["sigmoid, second", () => second(sigmoid, 1e-12), -1e-12 / 8],
  ["acosh at 1e160", () => slopeAt(acosh, 1e160), 1e-160],
  [
    "the Jacobian of softmax",
    () => jacobian(softmax)(confident),
    [
      [p, -p],
      [-p, p],
    ],
  ],
  ["its rows add up to 0", () => sum(jacobian(softmax)(confident) as Tensor, { axis: 1 }), [0, 0]],
  ["logSoftmax at a confident prediction", () => slope((x) => logSoftmax(x).at(0), confident), [p, -p]],
  ["the other one", () => slope((x) => logSoftmax(x).at(1), confident), [p - 1, 1 - p]],
  ["logSoftmax, forward", () => jvp((x: Tensor) => logSoftmax(x), [confident], [tensor([1, 0])])[1], [p, p - 1]],
  ["logSumExp", () => slope((x) => logSumExp(x), confident), [1, p]],
  ["the value of logSoftmax", () => logSoftmax(confident), [-p, -40]],
  ["the value of logSumExp", () => logSumExp(tensor([0, -40])).item(), p],
  ["the value of loss.crossEntropy", () => loss.crossEntropy(confident, 0).item(), p],
  ["logSoftmax in float32", () => slope((x) => logSoftmax(x).at(0), tensor([40, 0], f32)), [p, -p], 1e-7],
  ["loss.crossEntropy", () => slope((x) => loss.crossEntropy(x, 0), confident), [-p, p]],
  ["loss.crossEntropy, of probabilities", () => slope((x) => loss.crossEntropy(x, tensor([1, 0])), confident), [-p, p]],
  [
    "loss.crossEntropy, second",
    () => curvature((x) => loss.crossEntropy(x, 0), confident),
    [
      [-curve, curve],
      [curve, -curve],
    ],
  ],
  [
    "logSoftmax, second",
    () => curvature((x) => logSoftmax(x).at(0), confident),
    [
      [curve, -curve],
      [-curve, curve],
    ],
  ],
  [
    "logSumExp, second",
    () => curvature((x) => logSumExp(x), confident),
    [
      [-curve, curve],
      [curve, -curve],
    ],
  ],
  [
    "softmax, second",
    () => curvature((x) => softmax(x).at(0), confident),
    [
      [-p, p],
      [p, -p],
    ],
  ],
  [
    "logAddExp, second",
    () => hessian(pair(logAddExp))([40, 0]),
    [
      [p, -p],
      [-p, p],
    ],
  ],
  ["digamma next to its pole", () => slopeAt(digamma, -1e-310), Infinity],
  ["polygamma next to its pole", () => polygamma(2, -1e-310), Infinity],
  ["lgamma'' next to its pole", () => second(lgamma, -1e-310), Infinity],
  ["gammaincc next to 0", () => slopeAt((x) => gammaincc(0.5, x), 1e-310), -5.641895835477564e154],
  ["gammainc next to 0", () => slopeAt((x) => gammainc(0.5, x), 1e-310), 5.641895835477564e154],
  ["betainc next to 0", () => slopeAt((x) => betainc(0.5, 2, x), 1e-310), 7.5e154],
]);
