// FAULTS 15 to 20: sums, squares, masks, and questions without units.
import {
  add,
  all,
  any,
  argmax,
  avgPool2d,
  cumsum,
  full,
  grad,
  hessian,
  implicitRoot,
  interpolate,
  layerNorm,
  linalg,
  linspace,
  logSoftmax,
  logSumExp,
  loss,
  max,
  maxPool2d,
  mean,
  min,
  mul,
  norm,
  prod,
  random,
  type Scalar,
  scan,
  scatterAdd,
  scatterAddAlongAxis,
  softmax,
  square,
  std,
  sub,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
  variance,
  vmap,
  zeros,
} from "gradtape";
import { adagrad, adam, adamW, clipByGlobalNorm, globalNorm, minimize, type Optimizer, rmsprop } from "gradtape/optim";
import { untyped } from "../support";
import { fault, type Row, scalar, slope } from "./fault";

const f32 = { dtype: "float32" } as const;
const single = (...xs: number[]): Tensor => tensor(xs, f32);

/** What the second of two equal steps of an optimizer of rate 1 does to parameters. */
function stepped<K extends string>(optimizer: Optimizer<K>, ...gradients: number[]): Tensor {
  const [slopes, start] = [single(...gradients), zeros([gradients.length], f32)];
  const [once, state] = optimizer.update(slopes, optimizer.init(start), start);
  return sub(once, optimizer.update(slopes, state, once)[0]);
}

fault(15, "squares that overflow or vanish", [
  ["norm", () => norm(tensor([3e200, 4e200])).item(), 5e200],
  ["its gradient", () => slope((x) => norm(x), tensor([3e200, 4e200])), [0.6, 0.8]],
  ["norm of tiny numbers", () => norm(tensor([3e-200, 4e-200])).item(), 5e-200],
  ["norm in float32", () => norm(single(3e19, 4e19)).item(), 5e19, 1e-6],
  ["norm of order 10 in float32", () => norm(single(1e4, 1e4), { ord: 10 }).item(), 1e4 * 2 ** 0.1, 1e-6],
  ...[1e200, 1e-200].flatMap((s): Row[] => [
    [`std at ${s}`, () => std(tensor([s, 3 * s])).item(), s],
    [`the gradient of std at ${s}`, () => slope((x) => std(x), tensor([s, 3 * s])), [-0.5, 0.5]],
    [
      `linalg.norm at ${s}`,
      () =>
        linalg
          .norm(
            tensor([
              [3 * s, 0],
              [0, 4 * s],
            ]),
          )
          .item(),
      5 * s,
    ],
    [`globalNorm at ${s}`, () => scalar(globalNorm({ a: tensor([3 * s]), b: 4 * s })), 5 * s],
    [`clipByGlobalNorm at ${s}`, () => clipByGlobalNorm(tensor([3 * s, 4 * s]), s), [0.6 * s, 0.8 * s]],
    [
      `cosineSimilarity at ${s}`,
      () => scalar(loss.cosineSimilarity(tensor([s, 0]), tensor([s, s]), { epsilon: 0 })),
      Math.SQRT1_2,
    ],
    [`layerNorm at ${s}`, () => layerNorm(tensor([s, 3 * s]), { epsilon: 0 }), [-1, 1]],
    [
      `the Hessian of norm at ${s ** 0.5}`,
      () => mul(hessian((x: Tensor) => norm(x) as Scalar)(tensor([3 * s ** 0.5, 4 * s ** 0.5])), s ** 0.5),
      [
        [0.128, -0.096],
        [-0.096, 0.072],
      ],
      1e-10,
    ],
  ]),
  ...[1e25, 1e-25].flatMap((s): Row[] => [
    [`std in float32 at ${s}`, () => std(single(s, 3 * s)).item(), s, 1e-6],
    [`the gradient of std in float32 at ${s}`, () => slope((x) => std(x), single(s, 3 * s)), [-0.5, 0.5], 1e-6],
    [
      `linalg.norm in float32 at ${s}`,
      () => linalg.norm(single(3 * s, 0, 0, 4 * s).reshape([2, 2])).item(),
      5 * s,
      1e-6,
    ],
    [`globalNorm in float32 at ${s}`, () => scalar(globalNorm(single(3 * s, 4 * s))), 5 * s, 1e-6],
    [
      `cosineSimilarity in float32 at ${s}`,
      () => scalar(loss.cosineSimilarity(single(s, 0), single(s, s), { epsilon: 0 })),
      Math.SQRT1_2,
      1e-6,
    ],
    [`layerNorm in float32 at ${s}`, () => layerNorm(single(s, 3 * s), { epsilon: 0 }), [-1, 1], 1e-6],
    [`adam of float32 gradients of ${s}`, () => stepped(adam({ rate: 1, epsilon: 0 }), s, -3 * s), [1, -1], 1e-6],
    [
      `adamW of float32 gradients of ${s}`,
      () => stepped(adamW({ rate: 1, epsilon: 0, weightDecay: 0 }), s, -3 * s),
      [1, -1],
      1e-6,
    ],
    [
      `rmsprop of float32 gradients of ${s}`,
      () => stepped(rmsprop({ rate: 1, decay: 0, epsilon: 0 }), s, -3 * s),
      [1, -1],
      1e-6,
    ],
    [
      `adagrad of float32 gradients of ${s}`,
      () => stepped(adagrad({ rate: 1, epsilon: 0 }), s, -3 * s),
      [Math.SQRT1_2, -Math.SQRT1_2],
      1e-6,
    ],
  ]),
  ["variance at 1e150", () => variance(tensor([1e150, 3e150])).item(), 1e300],
  ["variance at 1e-150", () => variance(tensor([1e-150, 3e-150])).item(), 1e-300],
  ["variance out of range", () => variance(tensor([1e200, 3e200])).item(), Infinity],
  ["clipByGlobalNorm in float32", () => clipByGlobalNorm(single(3e25, 4e25), 1), [0.6, 0.8], 1e-6],
  [
    "clipByGlobalNorm where the norm itself overflows",
    () => clipByGlobalNorm({ a: tensor([1.7e308, 1.7e308]) }, 1).a,
    [Math.SQRT1_2, Math.SQRT1_2],
  ],
  ["clipByGlobalNorm of numbers", () => clipByGlobalNorm([1.7e308, 1.7e308], 1), [Math.SQRT1_2, Math.SQRT1_2]],
  [
    "clipByGlobalNorm in vmap",
    () =>
      vmap((x: Tensor) => clipByGlobalNorm(x, 1))(
        tensor([
          [1.7e308, 1.7e308],
          [0.3, 0.4],
        ]),
      ),
    [
      [Math.SQRT1_2, Math.SQRT1_2],
      [0.3, 0.4],
    ],
  ],
  ["clipByGlobalNorm far below the norm", () => clipByGlobalNorm({ a: tensor([1e308, 0]) }, 1e-290).a, [1e-290, 0]],
]);

const MANY = 1_000_000;
const terms = full([MANY], 0.1, f32);
const places = new Int32Array(MANY);
const HUNDRED_THOUSAND = MANY * Math.fround(0.1);
const exact = 2e-7;
fault(16, "float32 added up in float32", [
  ["scatterAdd", () => scatterAdd(zeros([1], f32), places, terms), [HUNDRED_THOUSAND], exact],
  ["scatterAddAlongAxis", () => scatterAddAlongAxis(zeros([1], f32), places, terms), [HUNDRED_THOUSAND], exact],
  [
    "the gradient of take",
    () => slope((x) => sum(mul(take(x, places), terms)), zeros([1], f32)),
    [HUNDRED_THOUSAND],
    exact,
  ],
  [
    "the gradient of takeAlongAxis",
    () => slope((x) => sum(mul(takeAlongAxis(x, places), terms)), zeros([1], f32)),
    [HUNDRED_THOUSAND],
    exact,
  ],
  [
    "the gradient of interpolate",
    () => slope((y) => sum(mul(interpolate(zeros([MANY], f32), single(0, 1), y), terms)), zeros([2], f32)),
    [HUNDRED_THOUSAND, 0],
    exact,
  ],
  ["mean", () => mean(single(3e38, 3e38)).item(), 3e38, exact],
  [
    "the gradient of overlapping maxPool2d",
    () => {
      const x = tensor(
        Float32Array.from({ length: 2001 }, (_, i) => (i === 1000 ? 1 : 0)),
        { shape: [1, 1, 1, 2001] },
      );
      return slope((v) => sum(mul(maxPool2d(v, { window: [1, 1001], stride: 1 }), single(0.1))), x).data[1000];
    },
    1001 * Math.fround(0.1),
    exact,
  ],
  [
    "a parameter used 10,000 times",
    () =>
      slope((w) => {
        let total: Tensor = zeros([], f32);
        for (let i = 0; i < 10_000; i++) total = add(total, sum(mul(w, single(0.1))));
        return total;
      }, single(0)),
    [1e4 * Math.fround(0.1)],
    exact,
  ],
  [
    "a scalar parameter used 10,000 times",
    () =>
      slope(
        (w) => {
          let total: Tensor = zeros([], f32);
          for (let i = 0; i < 10_000; i++) total = add(total, mul(w, tensor(0.1, f32)));
          return total;
        },
        tensor(0, f32),
      ).item(),
    1e4 * Math.fround(0.1),
    exact,
  ],
  [
    "a number used 10,000 times beside float32",
    () =>
      grad((w: Scalar) => {
        let total: Tensor = zeros([], f32);
        for (let i = 0; i < 10_000; i++) total = add(total, mul(w, tensor(0.1, f32)));
        return total as Scalar;
      })(0),
    1e4 * Math.fround(0.1),
    exact,
  ],
  [
    "elements taken 10,000 times",
    () =>
      slope(
        (w) => {
          let total: Tensor = zeros([], f32);
          for (let i = 0; i < 10_000; i++) total = add(total, mul(w.at(i % 2), tensor(0.1, f32)));
          return total;
        },
        single(0, 0),
      ),
    [5e3 * Math.fround(0.1), 5e3 * Math.fround(0.1)],
    exact,
  ],
  [
    "a tensor used 10,000 times by jvp of vjp",
    () =>
      slope(
        (w) => {
          let total: Tensor = zeros([2], f32);
          for (let i = 0; i < 10_000; i++) total = add(total, mul(w, 0.1));
          return sum(total);
        },
        single(0, 0),
      ),
    [1e4 * Math.fround(0.1), 1e4 * Math.fround(0.1)],
    exact,
  ],
  [
    "a scan of 1,000 steps",
    () =>
      slope(
        (w) =>
          sum(
            scan((c: Tensor, x: Tensor) => [add(c, mul(w, x)), x] as const, zeros([], f32), full([1000], 0.1, f32))[0],
          ),
        tensor(0, f32),
      ).item(),
    1e3 * Math.fround(0.1),
    exact,
  ],
  [
    "a scan of 10,000 steps",
    () =>
      slope(
        (w) =>
          sum(
            scan(
              (c: Tensor, x: Tensor) => [add(c, mul(w, x)), x] as const,
              zeros([], f32),
              full([10_000], 0.1, f32),
            )[0],
          ),
        tensor(0, f32),
      ).item(),
    1e4 * Math.fround(0.1),
    exact,
  ],
  ["ten million of float64", () => sum(full([1e7], 0.1)).item(), 1e6, 1e-13],
  ["avgPool2d", () => avgPool2d(tensor([[[[3e38, 3e38]]]], f32), { window: [1, 2] }).item(), 3e38, exact],
  ["avgPool2d of float64", () => avgPool2d(tensor([[[[1.7e308, 1.7e308]]]]), { window: [1, 2] }).item(), 1.7e308],
  [
    "avgPool2d without padding",
    () =>
      avgPool2d(tensor([[[[1.7e308, 1.7e308]]]]), {
        window: [1, 2],
        padding: "same",
        stride: 1,
        countIncludePad: false,
      }),
    [[[[1.7e308, 1.7e308]]]],
  ],
  [
    "ten million of float64 by scatterAdd",
    () => scatterAdd(zeros([1]), zeros([1e7], { dtype: "int32" }), full([1e7], 0.1)),
    [1e6],
    1e-14,
  ],
  [
    "ten million of float64 by cumsum",
    () =>
      cumsum(full([1e7], 0.1))
        .at(-1)
        .item(),
    1e6,
    1e-14,
  ],
  ["columns of float64 by cumsum", () => cumsum(full([1e6, 2], 0.1), { axis: 0 }).at(-1), [1e5, 1e5], 1e-14],
]);

const nothing = tensor([-Infinity, 0]);
fault(17, "0 times Infinity in losses", [
  ["bceWithLogits(Infinity, 1)", () => loss.bceWithLogits(Infinity, 1), 0],
  ["bceWithLogits(-Infinity, 0)", () => loss.bceWithLogits(-Infinity, 0), 0],
  ["its gradient", () => grad((x: Scalar) => loss.bceWithLogits(x, 1) as Scalar)(Infinity), 0],
  ["crossEntropy of a class of weight 0", () => loss.crossEntropy(nothing, 0, { classWeights: [0, 1] }).item(), 0],
  [
    "crossEntropy of probabilities",
    () => loss.crossEntropy(nothing, tensor([0.5, 0.5]), { classWeights: [0, 1] }).item(),
    0,
  ],
  ["nll of a class of weight 0", () => loss.nll(nothing, 0, { classWeights: [0, 1] }).item(), 0],
  ["nll of a probability of 0", () => loss.nll(nothing, tensor([0, 1])).item(), 0],
  ["klDivergence of a probability of 0", () => loss.klDivergence(nothing, tensor([0, 1])).item(), 0],
  [
    "no cosine above 1",
    () =>
      Array.from({ length: 1000 }, (_, i) => tensor([Math.sin(i), Math.cos(i * i), Math.sin(3 * i)])).filter(
        (x, i) => Math.abs(scalar(loss.cosineSimilarity(x, mul(x, 0.1 + i)))) > 1,
      ).length,
    0,
  ],
  ["hinge with a target of 0", () => loss.hinge(Infinity, 0), 1],
  ["its gradient", () => grad((x: Scalar) => loss.hinge(x, 0))(Infinity), 0],
]);

const x = tensor([
  [1, NaN, 3],
  [Infinity, NaN, -Infinity],
]);
const where = tensor([
  [true, false, true],
  [false, false, false],
]);
const some = { where, axis: 1 } as const;
const e2 = Math.exp(-2);
const masked = (f: (x: Tensor) => Tensor): Tensor => slope((v) => sum(mul(f(v), tensor([1, 5]))), x);
const none = [0, 0, 0];
fault(18, "a row that is masked as a whole", [
  ["softmax", () => softmax(x, { where }), [[e2 / (1 + e2), 0, 1 / (1 + e2)], none]],
  [
    "logSoftmax",
    () => logSoftmax(x, { where }),
    [
      [-2 - Math.log1p(e2), -Infinity, -Math.log1p(e2)],
      [-Infinity, -Infinity, -Infinity],
    ],
  ],
  ["logSumExp", () => logSumExp(x, some), [3 + Math.log1p(e2), -Infinity]],
  ["sum", () => sum(x, some), [4, 0]],
  ["mean", () => mean(x, some), [2, NaN]],
  ["max", () => max(x, some), [3, -Infinity]],
  ["min", () => min(x, some), [1, Infinity]],
  ["prod", () => prod(x, some), [3, 1]],
  ["any", () => any(x, some), tensor([true, false])],
  ["all", () => all(x, some), tensor([true, true])],
  ["variance", () => variance(x, some), [1, NaN]],
  ["std", () => std(x, some), [1, NaN]],
  ["norm", () => norm(x, some), [Math.sqrt(10), 0]],
  ["max of int32", () => max(tensor([1], { dtype: "int32" }), { where: tensor([false]) }).item(), -(2 ** 31)],
  ["min of int32", () => min(tensor([1], { dtype: "int32" }), { where: tensor([false]) }).item(), 2 ** 31 - 1],
  ["argmax takes no mask", () => argmax(x, untyped({ where })), "[option/unknown]"],
  ["the gradient of softmax", () => slope((v) => sum(square(softmax(v, { where }))), x).slice([1]), none],
  [
    "the gradient of logSoftmax",
    () => slope((v) => sum(logSoftmax(v, { where }).slice([0])).add(0), x).slice([1]),
    none,
  ],
  ...(
    [
      [logSumExp, 0],
      [sum, 1],
      [mean, 0.5],
      [max, 0],
      [min, 1],
      [prod, 3],
      [variance, -1],
      [std, -0.5],
      [norm, 1 / Math.sqrt(10)],
    ] as const
  ).map(
    ([of, first]): Row => [
      `the gradient of reduction ${first}`,
      () => {
        const [row, rest] = masked((v) => (of as typeof logSumExp)(v, some) as Tensor).toArray<
          number[][]
        >() as unknown as number[][];
        return [row[0] + (of === logSumExp ? -e2 / (1 + e2) : 0), row[1], rest];
      },
      [first, 0, none],
    ],
  ),
]);

const near3 = (f: (x: Scalar) => Scalar) => {
  const { params, converged } = minimize(f, 0);
  return [Math.round(params * 1e4) / 1e4, converged];
};
const rootBy = (scale: number, a: number, solved: number) => () =>
  grad((p: Scalar) =>
    implicitRoot(
      (y: Scalar, q: Scalar) => mul(scale, sub(square(y), q)),
      () => solved,
    )(p),
  )(a);
fault(19, "questions without units", [
  ["minimize 1e-10 (x - 3)^2", () => near3((v) => mul(1e-10, square(sub(v, 3)))), [3, true]],
  ["minimize 1e10 + (x - 3)^2", () => near3((v) => add(1e10, square(sub(v, 3)))), [3, true]],
  ["minimize 1e10 (x - 3)^2", () => near3((v) => mul(1e10, square(sub(v, 3)))), [3, true]],
  ["implicitRoot of a wrong root", rootBy(1e-9, 4, 4), "[implicit/not-converged]"],
  ["implicitRoot of a root to the last bit", rootBy(1e12, 3, Math.sqrt(3)), 1 / (2 * Math.sqrt(3))],
]);

const wide = random.uniform(random.key(1), [100], { min: -1e308, max: 1e308 });
fault(20, "ranges wider than the range of numbers", [
  ["random.uniform varies", () => new Set(wide.data).size, 100],
  ["random.uniform on both sides", () => [scalar(min(wide)) < -5e307, scalar(max(wide)) > 5e307], [true, true]],
  ["linspace", () => linspace(-1e308, 1e308, 5), [-1e308, -5e307, 0, 5e307, 1e308]],
]);

fault(21, "empty axes", [
  ["norm of order Infinity", () => norm(tensor([]), { ord: Infinity }).item(), 0],
  ["along an axis", () => norm(zeros([2, 0]), { axis: 1, ord: Infinity }), [0, 0]],
]);
