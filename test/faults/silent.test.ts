// FAULTS 1 to 9: what was wrong without a word.
import {
  add,
  all,
  any,
  backward,
  batchGrad,
  cast,
  checkpoint,
  clip,
  concat,
  cond,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  cumprod,
  defineOp,
  div,
  dot,
  dtypeOf,
  einsum,
  equal,
  exp,
  floor,
  grad,
  greater,
  greaterEqual,
  hessian,
  implicitRoot,
  interpolate,
  isFinite,
  isInf,
  isNaN,
  jacobian,
  jvp,
  less,
  lessEqual,
  linalg,
  logicalAnd,
  logicalNot,
  logicalOr,
  loss,
  matmul,
  max,
  maximum,
  min,
  minimum,
  mul,
  notEqual,
  npy,
  pow,
  prod,
  quantile,
  reshape,
  round,
  type Scalar,
  safetensors,
  scan,
  sin,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  type Value,
  valueAndGrad,
  valueOf,
  variable,
  vjp,
  vmap,
  where,
  whileLoop,
  zerosLike,
} from "gradtape";
import { leastSquares, minimize } from "gradtape/optim";
import { untyped } from "../support";
import { fault, scalar } from "./fault";

const f32 = { dtype: "float32" } as const;
const i32 = { dtype: "int32" } as const;
const ints = (...xs: number[]): Tensor => tensor(xs, i32);
const bools = (...xs: boolean[]): Tensor => tensor(xs);
const single = (...xs: number[]): Tensor => tensor(xs, f32);

/** Calls as plain JavaScript does, whatever the types say. */
const call = (f: unknown, ...args: unknown[]): unknown => (f as (...args: unknown[]) => unknown)(...args);

const branch = (x: Scalar): Scalar => (greater(x, 0) ? pow(x, 3) : mul(2, x));
const onSymbol = (x: Tensor<readonly []>): Tensor<readonly []> => (greater(x, 0) ? pow(x, 3) : mul(2, x));
const point = (x: number): Tensor<readonly []> => tensor(x);
const pick = (x: Scalar): Scalar =>
  cond(
    greater(x, 0),
    (y: Scalar) => pow(y, 3),
    (y: Scalar) => mul(2, y),
    x,
  );
const chosen = (x: Scalar): Scalar => where(untyped(greater(x, 0)), pow(x, 3), mul(2, x));

/** What a function of x gives inside grad. */
const inGrad = (see: (x: Scalar) => unknown, at = 2): unknown => {
  let seen: unknown;
  grad((x: Scalar) => {
    seen = see(x);
    return x;
  })(at);
  return seen;
};

fault(1, "a condition that is an object", [
  ["grad at -2", () => grad(branch)(-2), 2],
  ["grad at 2", () => grad(branch)(2), 12],
  ["grad of a tensor", () => grad(branch)(point(-2)).item(), 2],
  ["vjp", () => vjp(branch, [-2])[1](1), [2]],
  ["jvp", () => jvp(branch, [-2], [1]), [-4, 2]],
  ["hessian", () => hessian(branch)(-2), 0],
  ["hessian on the other side", () => hessian(branch)(2), 12],
  ["jacobian", () => jacobian(branch)(-2), 2],
  [
    "a variable",
    () => {
      const x = variable(-2);
      return backward(branch(x), x).item();
    },
    2,
  ],
  ...[greater, greaterEqual, less, lessEqual, equal, notEqual].map(
    (f) => [`${f.name} is a boolean inside grad`, () => typeof inGrad((x) => f(x, 0)), "boolean"] as const,
  ),
  ...[isNaN, isFinite, isInf, logicalNot].map(
    (f) => [`${f.name} is a boolean inside grad`, () => typeof inGrad((x) => f(x)), "boolean"] as const,
  ),
  ...[logicalAnd, logicalOr].map(
    (f) => [`${f.name} is a boolean inside grad`, () => typeof inGrad((x) => f(x, true)), "boolean"] as const,
  ),
  ["any without axes", () => inGrad((x) => any(stack([greater(x, 3), greater(x, 1)]))), true],
  ["all without axes", () => inGrad((x) => all(stack([greater(x, 3), greater(x, 1)]))), false],
  ["any of a tensor", () => any(bools(false, false)), false],
  ["a comparison of a tensor of no axes", () => greater(point(1), 2), false],
  ["a predicate of a tensor of no axes", () => isNaN(point(Number.NaN)), true],
  [
    "while, && and !",
    () =>
      grad((x: Scalar) => {
        let y = x;
        while (less(y, 100) && !equal(y, 64)) y = square(y);
        return y;
      })(2),
    1024,
  ],
  ["a boolean: mul", () => mul(true, 2), 2],
  ["a boolean: exp", () => exp(true), Math.E],
  ["a boolean: sum", () => sum(true), 1],
  ["a boolean: cast", () => cast(true, "float64").item(), 1],
  ["a boolean: stack", () => stack([true, false]), bools(true, false)],
  ["a boolean: reshape", () => reshape(untyped(true), [1]), bools(true)],
  ["a boolean: leaves of a tree", () => tree.leaves({ a: true, b: 1 }).map(({ value }) => value), [true, 1]],
  ["a boolean: the result of grad's function", () => grad((x: Scalar): Scalar => untyped(greater(x, 0)))(2), 0],
  ["a boolean: the result of vjp's function", () => vjp((x: Scalar) => greater(x, 0), [2])[0], true],
  ["a boolean: the result of jvp's function", () => jvp((x: Scalar) => greater(x, 0), [2], [1])[0], true],
  [
    "a boolean: the result of vmap's function",
    () => vmap((x: Scalar) => greater(x, 0))(tensor([1, -1])),
    bools(true, false),
  ],
  ["a boolean: the result of a traced body", () => trace(() => true)().replay(), true],
  [
    "a boolean: aux",
    () => valueAndGrad((x: Scalar) => [square(x), greater(x, 0)] as const, { aux: true })(3),
    [9, 6, true],
  ],
  ["logic of booleans", () => logicalAnd(true, false), false],
  ["arithmetic of booleans", () => add(true, true), 2],
  [
    "a plain number beside a symbol of a comparison",
    () => trace((x: Tensor<readonly []>) => mul(greater(x, 0), 2.5))(tensor(1, f32)).equations.at(-1)?.dtype,
    dtypeOf(mul(greater(tensor(1, f32), 0), 2.5)),
  ],
  [
    "float32 beside a symbol of a comparison",
    () => trace((x: Tensor) => mul(greater(sum(x), 0), x))(single(1)).equations.at(-1)?.dtype,
    "float32",
  ],
  ["grad of checkpoint", () => grad(checkpoint(branch))(-2), "[trace/condition]"],
  ["vmap", () => vmap(onSymbol)(tensor([1, -1])), "[trace/condition]"],
  ["trace", () => trace(onSymbol)(point(1)), "[trace/condition]"],
  [
    "batchGrad",
    () => batchGrad((w: number, x: number) => mul(w, onSymbol(untyped(x))))(1, tensor([1, -1])).mean(),
    "[trace/condition]",
  ],
  [
    "scan",
    () => scan((c: Tensor<readonly []>, x: Tensor<readonly []>) => [onSymbol(c), x] as const, point(1), tensor([1, 2])),
    "[trace/condition]",
  ],
  [
    "cond",
    () => trace((x: Tensor<readonly []>) => cond(greater(x, 5), onSymbol, (y: Tensor<readonly []>) => y, x))(point(1)),
    "[trace/condition]",
  ],
  [
    "whileLoop",
    () =>
      trace((x: Tensor<readonly []>) =>
        whileLoop(
          (y) => less(y, 9),
          (y: Tensor<readonly []>) => add(onSymbol(y), 1),
          x,
        ),
      )(point(1)),
    "[trace/condition]",
  ],
  [
    "any of symbols",
    () =>
      vmap((x: Tensor) => (any(greater(x, 0)) ? sum(x) : 0))(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ),
    "[trace/condition]",
  ],
  ["a predicate of symbols", () => vmap((x: Scalar) => (isNaN(x) ? 0 : x))(tensor([1, 2])), "[trace/condition]"],
  [
    "while on a symbol",
    () =>
      trace((x: Tensor<readonly []>) => {
        let y = x;
        while (less(y, 100)) y = square(y);
        return y;
      })(point(2)),
    "[trace/condition]",
  ],
  ["cond uses it", () => vmap(pick)(tensor([2, -2])), [8, -4]],
  ["where uses it", () => vmap(chosen)(tensor([2, -2])), [8, -4]],
  ["where under checkpoint", () => grad(checkpoint(chosen))(-2), 2],
  [
    "whileLoop uses it",
    () =>
      vmap((x: Scalar) =>
        whileLoop(
          (y: Scalar) => untyped(less(y, 100)),
          (y: Scalar) => square(y),
          x,
        ),
      )(tensor([2, 3])),
    [256, 6561],
  ],
  [
    "to return it is use",
    () => vmap((x: Scalar) => [x, greater(x, 0)] as const)(tensor([1, -1])),
    [tensor([1, -1]), bools(true, false)],
  ],
  [
    "to return it as aux is use",
    () =>
      vmap((x: Scalar) => valueAndGrad((y: Scalar) => [square(y), greater(y, 0)] as const, { aux: true })(x))(
        tensor([1, -1]),
      ),
    [tensor([1, 1]), tensor([2, -2]), bools(true, false)],
  ],
]);

const sent = (x: Tensor): Tensor => tree.fromTransferable(tree.toTransferable(x).data);
const cut = (x: Tensor): Scalar => valueOf(sum(square(x)));
const two = tensor([1, 2]);
fault(2, "a loss cut off from its parameters", [
  ["grad, valueOf", () => grad(cut)(two), "[grad/unconnected]"],
  ["grad, item", () => grad((x: Tensor): Scalar => sum(x).item())(two), "[grad/unconnected]"],
  ["grad, data", () => grad((x: Tensor): Scalar => x.data[0])(two), "[grad/unconnected]"],
  [
    "grad, toArray",
    () =>
      grad((x: Tensor): Scalar => {
        const [first = 0]: number[] = untyped(x.toArray());
        return first;
      })(two),
    "[grad/unconnected]",
  ],
  ["tree.toTransferable", () => grad((x: Tensor): Scalar => sum(sent(square(x))))(two), "[grad/unconnected]"],
  ["npy.encode", () => grad((x: Tensor): Scalar => sum(npy.decode(npy.encode(square(x)))))(two), "[grad/unconnected]"],
  [
    "safetensors.encode",
    () =>
      grad((x: Tensor): Scalar => {
        const { tensors } = safetensors.decode(safetensors.encode({ y: square(x) }));
        return sum(tensors.y);
      })(two),
    "[grad/unconnected]",
  ],
  ["toJSON", () => grad((x: Tensor): Scalar => sum(tensor(square(x).toJSON())))(two), "[grad/unconnected]"],
  [
    "JSON",
    () => grad((x: Tensor): Scalar => sum(tensor(untyped(JSON.parse(JSON.stringify(square(x)))))))(two),
    "[grad/unconnected]",
  ],
  [
    "minimize",
    () => grad((w: number): Scalar => minimize((x: Scalar) => square(sub(x, w)), 0).params)(2),
    "[grad/unconnected]",
  ],
  [
    "leastSquares",
    () => grad((w: number): Scalar => leastSquares((x: Scalar) => sub(x, w), 0).params)(2),
    "[grad/unconnected]",
  ],
  [
    "what was encoded beside the loss",
    () =>
      grad((x: Tensor): Scalar => {
        npy.encode(x);
        return sum(square(x));
      })(two),
    [2, 4],
  ],
  ["valueAndGrad", () => valueAndGrad(cut)(two), "[grad/unconnected]"],
  ["jacobian", () => jacobian(cut)(two), "[grad/unconnected]"],
  ["hessian", () => hessian(cut)(two), "[grad/unconnected]"],
  [
    "backward, which has no function to call once more",
    () => {
      const x = variable([1, 2]);
      return backward(valueOf(sum(x)), x);
    },
    [0, 0],
  ],
  ["an early exit", () => grad((x: Tensor): Scalar => (sum(x).item() > 0 ? 5 : sum(x)))(two), [0, 0]],
  ["a barrier", () => grad((x: Tensor): Scalar => (sum(x).item() > 0 ? Infinity : sum(x)))(two), [0, 0]],
  ["a piecewise constant", () => grad((x: Tensor): Scalar => Math.floor(sum(x).item() + 0.5))(two), [0, 0]],
  ["floor", () => grad((x: Tensor): Scalar => sum(floor(add(x, 0.5))))(two), [0, 0]],
  ["a function that ignores its parameter", () => grad((_: Tensor): Scalar => 5)(two), [0, 0]],
  ["what was stopped on purpose", () => grad((x: Tensor): Scalar => valueOf(sum(stopGradient(x))))(two), [0, 0]],
]);

const inner = (w: Scalar): Scalar => grad((z: Scalar) => mul(z, mul(z, w)))(3);
const otherwise = (w: Scalar): Scalar => grad((z: Scalar) => mul(mul(z, z), w))(3);
const throughRoot = (x: Scalar): Scalar => {
  const solved = implicitRoot(
    (y: { readonly a: Scalar; readonly b: Scalar }, p: Scalar) => ({ a: sub(square(y.a), p), b: sub(y.b, mul(2, p)) }),
    (p) => ({ a: Math.sqrt(valueOf(p)), b: 2 * valueOf(p) }),
  )(x);
  return mul(solved.a, solved.b);
};
fault(3, "observed for ever", [
  ["a number of a nested gradient", () => grad(inner)(2), 6],
  ["written otherwise", () => grad(otherwise)(2), 6],
  ["implicitRoot of two leaves, twice", () => grad(grad(throughRoot))(9), 0.5],
  ["its hessian", () => hessian(throughRoot)(9), 0.5],
  [
    "arithmetic on what is typed a number",
    () => grad((w: Scalar) => (untyped(inner(w)) as number) * 2)(2),
    "[tensor/arithmetic]",
  ],
]);

fault(4, "cloned tensors", [
  ["a clone as an argument", () => sum(structuredClone(two)), "[tensor/cloned]"],
  [
    "a clone among parameters",
    () => grad(({ w }: { w: Tensor }) => sum(w))({ w: structuredClone(two) }),
    "[tensor/cloned]",
  ],
  [
    "a tree on its way to a worker and back",
    () => tree.fromTransferable(structuredClone(tree.toTransferable({ w: two, n: 3 }).data)),
    { w: two, n: 3 },
  ],
]);

const spd = tensor([
  [2, 0],
  [0, 2],
]);
const extra: readonly (readonly [string, () => unknown])[] = [
  ["matmul(a, b, false, true)", () => call(matmul, spd, spd, false, true)],
  ["grad(f, 1)", () => call(grad, square, 1)],
  ["grad(f, { argnums: 1 })", () => call(grad, square, { argnums: 1 })],
  ["vjp(f, [x], { hasAux: true })", () => call(vjp, square, [1], { hasAux: true })],
  ["zerosLike(x, { dtype })", () => call(zerosLike, spd, i32)],
  ["linalg.cholesky(a, { upper: true })", () => call(linalg.cholesky, spd, { upper: true })],
  ["linalg.svd(a, { full: true })", () => call(linalg.svd, spd, { full: true })],
  ["linalg.solve(a, b, { left: false })", () => call(linalg.solve, spd, spd, { left: false })],
  ["maximum(a, b, c)", () => call(maximum, 1, 2, 3)],
  ["round(x, 2)", () => call(round, 1.234, 2)],
  ["Array.from(xs, round)", () => Array.from([1.5, 2.5], round as never)],
];
fault(5, "extra arguments", [
  ...extra.map(([says, run]) => [says, run, "[arguments/extra]"] as const),
  ["map", () => [0, 1].map(exp as never), [1, Math.E]],
  ["reduce", () => [1, 2, 3].reduce(add as never), 6],
  ["Array.from", () => Array.from([0, 0], exp as never), [1, 1]],
]);

const dtypeIn = (f: (w: Scalar, x: Tensor) => Value): string => {
  let seen = "";
  grad((w: Scalar) => {
    const y = f(w, single(1, 2));
    seen = dtypeOf(y);
    return sum(y) as Scalar;
  })(0.5);
  return seen;
};
const own = defineOp<[a: Tensor, b: Tensor]>({
  name: "own",
  shape: ([a, b]) => (a.length > b.length ? a : b),
  evaluate: (output) => output.fill(1),
  vjp: [({ inputs: [a] }) => mul(a, 0), ({ inputs: [, b] }) => mul(b, 0)],
});
fault(6, "a plain number beside float32 inside a transform", [
  ["mul", () => dtypeIn((w, x) => mul(w, x)), "float32"],
  ["what ops make of such numbers alone", () => dtypeIn((w, x) => mul(sin(exp(w)), x)), "float32"],
  [
    "concat",
    () => dtypeIn((w, x) => concat([x, reshape(w as Tensor, [1])])),
    concat([single(1), reshape(untyped(0.5), [1])]).dtype,
  ],
  ["stack", () => dtypeIn((w, x) => stack([x.at(0), w])), "float32"],
  ["where", () => dtypeIn((w, x) => where(greater(x, 1), w, x)), "float32"],
  ["lerp, by interpolate", () => dtypeIn((w, x) => interpolate(w, x, x)), "float32"],
  ["lerp, by quantile", () => dtypeIn((_, x) => quantile(x, 0.3)), "float32"],
  ["defineOp", () => dtypeIn((w, x) => own(w as Tensor, x)), "float32"],
  ["vmap", () => vmap((x: Scalar) => mul(x, 0.1))(single(1)).dtype, "float32"],
  ["jvp", () => (jvp((w: Scalar): Value => mul(w, single(1)), [2], [1])[1] as Tensor).dtype, "float32"],
  [
    "the cotangent of a lifted number is added up in float64",
    () => grad((w: Scalar) => sum(mul(w, tensor(Float32Array.from({ length: 1e6 }, () => 0.1)))))(1),
    1e6 * Math.fround(0.1),
    1e-7,
  ],
  ["where of numbers alone", () => where(bools(true), 1, 0).dtype, "float64"],
  ["where with a dtype", () => where(bools(true), 1, 0, f32).dtype, "float32"],
]);

const five = ints(5);
const wide = 3e9;
fault(7, "int32", [
  ["less(5, 3e9)", () => less(five, wide), bools(true)],
  ["minimum(5, 3e9)", () => minimum(five, wide), [5]],
  ["maximum(5, 3e9)", () => maximum(five, wide), [3e9]],
  ["add(5, 2 ** 53)", () => add(five, 2 ** 53), [2 ** 53 + 5]],
  ["its dtype", () => add(five, 2 ** 53).dtype, "float64"],
  ["sub", () => sub(five, wide), [5 - 3e9]],
  ["mul", () => mul(five, wide), [15e9]],
  ["div", () => div(five, wide), [5 / 3e9]],
  ["greater, on the other side", () => greater(wide, five), bools(true)],
  ["equal", () => equal(five, 2 ** 32 + 5), bools(false)],
  ["clip", () => clip(five, 0, wide), [5]],
  ["where", () => where(bools(false), five, wide), [3e9]],
  ["mul past 2^53", () => mul(ints(123456789), 987654321), [-67153019]],
  ["mul of two tensors", () => mul(ints(123456789), ints(987654321)), [-67153019]],
  ["cumprod", () => cumprod(ints(123456789, 987654321)), [123456789, -67153019]],
  ["square", () => square(ints(987654321)), [Math.imul(987654321, 987654321)]],
  ["prod", () => prod(ints(123456789, 987654321)).item(), -67153019],
  ["dot", () => dot(ints(123456789), ints(987654321)).item(), -67153019],
  ["matmul", () => matmul(ints(123456789).reshape([1, 1]), ints(987654321).reshape([1, 1])), [[-67153019]]],
  ["einsum", () => einsum("i,i->", ints(123456789), ints(987654321)).item(), -67153019],
  ["loss.mse", () => scalar(loss.mse(ints(100000), ints(-100000))), 4e10],
  ["loss.mae", () => scalar(loss.mae(ints(2e9), ints(-2e9))), 4e9],
  ["loss.huber", () => scalar(loss.huber(ints(2e9), ints(-2e9))), 4e9 - 0.5],
  ["linalg.cross", () => linalg.cross(ints(123456789, 0, 0), ints(0, 987654321, 0)), [0, 0, -67153019]],
  ["conv1d", () => conv1d(ints(123456789).reshape([1, 1, 1]), ints(987654321).reshape([1, 1, 1])), [[[-67153019]]]],
  [
    "conv2d",
    () => conv2d(ints(123456789, 1).reshape([1, 1, 1, 2]), ints(987654321, 1).reshape([1, 1, 1, 2])),
    [[[[-67153018]]]],
  ],
  [
    "convTranspose1d",
    () => convTranspose1d(ints(123456789).reshape([1, 1, 1]), ints(987654321).reshape([1, 1, 1])),
    [[[-67153019]]],
  ],
  [
    "convTranspose2d of two groups",
    () =>
      convTranspose2d(ints(2, 123456789).reshape([1, 2, 1, 1]), ints(3, 987654321).reshape([2, 1, 1, 1]), {
        groups: 2,
      }),
    [[[[6]], [[-67153019]]]],
  ],
]);

fault(8, "notEqual is the negation of equal", [
  ["numbers", () => notEqual(Number.NaN, 1), true],
  ["NaN and itself", () => notEqual(Number.NaN, Number.NaN), true],
  ["tensors", () => notEqual(tensor([Number.NaN, 1]), 1), bools(true, false)],
]);

const [mask, other] = [bools(true, false), bools(false, true)];
fault(9, "bools stay bool", [
  ["where of three", () => where(mask, other, mask), bools(false, false)],
  ["where beside a boolean", () => where(mask, mask, false), bools(true, false)],
  ["max", () => max(mask).toArray(), true],
  ["max has dtype bool", () => max(mask).dtype, "bool"],
  ["min", () => min(mask).dtype, "bool"],
  ["maximum", () => maximum(mask, other), bools(true, true)],
  ["minimum", () => minimum(mask, other), bools(false, false)],
]);
