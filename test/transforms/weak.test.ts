// Law: dtypes in and out of every transform agree with those outside. A number that a transform lifted takes the dtype of the
// float tensor beside it, as a plain number does, and so does what ops make of such numbers alone.
import {
  add,
  checkpoint,
  clip,
  cond,
  defineOp,
  dtypeOf,
  exp,
  floor,
  grad,
  greater,
  hessian,
  jacobian,
  jvp,
  lessEqual,
  maximum,
  mul,
  pow,
  type Scalar,
  scan,
  sin,
  stack,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  type Value,
  valueAndGrad,
  vjp,
  where,
} from "gradtape";
import { describe, expect, test } from "vitest";

const v = tensor([0.1, 0.2, 0.3], { dtype: "float32" });
const w = tensor([0.1, 0.2, 0.3]);
const scaled = defineOp<[a: Tensor, b: Tensor]>({
  name: "scaled",
  shape: ([, b]) => b,
  evaluate: (output, [a, b]) => {
    for (let i = 0; i < output.length; i++) output[i] = a.item() * (b.data[i] ?? 0);
  },
  vjp: [({ yBar, inputs: [, b] }) => sum(mul(yBar, b)), ({ yBar, inputs: [a] }) => mul(yBar, a)],
});

/** Functions of a number, with a tensor beside it. */
const functions: Readonly<Record<string, (x: Scalar) => Value>> = {
  mul: (x) => mul(x, v),
  "mul, the other way round": (x) => mul(v, x),
  "numbers alone": (x) => mul(x, 2),
  "numbers alone, then a tensor": (x) => sub(v, add(mul(x, x), sin(x))),
  "a float64 tensor": (x) => mul(x, w),
  "a 0-d tensor": (x) => mul(x, tensor(2)),
  "a 0-d tensor, then float32": (x) => mul(mul(x, tensor(2)), v),
  "0-d float32": (x) => mul(x, tensor(2, { dtype: "float32" })),
  pow: (x) => pow(v, x),
  maximum: (x) => maximum(v, x),
  clip: (x) => clip(v, 0, x),
  where: (x) => where(greater(v, 0.15), x, v),
  stack: (x) => stack([x, sum(v)]),
  "stack of numbers": (x) => mul(stack([x, x, x]), v),
  "reduction of a number": (x) => mul(sum(x), v),
  floor: (x) => mul(floor(x), v),
  stopGradient: (x) => mul(stopGradient(x), v),
  comparison: (x) => lessEqual(v, x),
  "an inner grad": (x) => mul(grad((z: Scalar) => mul(z, mul(z, x)))(3) as Scalar, v),
  "an inner grad by a tensor": (x) => mul(grad((z: Scalar) => mul(z, mul(z, x)))(tensor(3)) as Scalar, v),
  "an inner grad that is constant": (x) => mul(grad((z: Scalar) => mul(z, 2))(x) as Scalar, v),
  "an inner jvp": (x) => mul(jvp(exp, [x as number], [1])[1] as Scalar, v),
  checkpoint: (x) => mul(checkpoint((z: Scalar) => mul(z, z))(x), v),
};

const inside: Readonly<Record<string, (f: (x: Scalar) => Value, seen: (y: Value) => void) => unknown>> = {
  grad: (f, seen) => grad(watch(f, seen))(2),
  valueAndGrad: (f, seen) => valueAndGrad(watch(f, seen))(2),
  jacobian: (f, seen) => jacobian(watch(f, seen))(2),
  hessian: (f, seen) => hessian(watch(f, seen))(2),
  vjp: (f, seen) => vjp(watch(f, seen), [2]),
  jvp: (f, seen) => jvp(watch(f, seen), [2], [1 as never]),
  trace: (f, seen) => trace(watch(f, seen))(2),
  checkpoint: (f, seen) => checkpoint(watch(f, seen))(2),
  scan: (f, seen) => scan((c: Scalar) => [c, watch(f, seen)(c)] as const, 2, undefined, { length: 2 }),
  cond: (f, seen) => trace((c: Value) => cond(greater(c, 0) as Tensor, watch(f, seen), watch(f, seen), 2))(1),
  "grad of grad": (f, seen) => grad((x: Scalar): Scalar => grad(watch(f, seen))(x) as Scalar)(2),
};
const watch =
  (f: (x: Scalar) => Value, seen: (y: Value) => void) =>
  (x: Scalar): Scalar => {
    const y = f(x);
    seen(y);
    return sum(mul(y, 1));
  };

describe.each(Object.entries(inside))("inside %s", (_, run) => {
  test.each(Object.entries(functions))("%s", (_name, f) => {
    const dtypes = new Set<string>();
    run(f, (y) => dtypes.add(dtypeOf(y)));
    expect([...dtypes]).toEqual([dtypeOf(f(2))]);
  });
});

test("an op of one's own takes the dtype of its first tensor", () => {
  expect(dtypeOf(vjp((x: Scalar) => scaled(x as Tensor, v), [2])[0])).toBe(dtypeOf(scaled(2 as never, v)));
});

test("bools stay bools", () => {
  const flag = tensor(true);
  expect(dtypeOf(stack([flag, flag]))).toBe("bool");
  expect(dtypeOf(jvp((x: Scalar) => [x, stack([flag, flag])] as const, [1], [1 as never])[0][1])).toBe("bool");
});

test("a number in gives a number out", () => {
  expect(jvp(exp, [0], [1])).toEqual([1, 1]);
  expect(vjp(exp, [0])[0]).toBe(1);
  expect(valueAndGrad((x: number) => mul(x, x))(3)).toEqual([9, 6]);
  expect(checkpoint((x: number) => mul(x, x))(3)).toBe(9);
});

test("a tensor in gives a tensor out", () => {
  const [value, slope] = valueAndGrad((x: Tensor<readonly []>) => mul(x, 2))(tensor(3));
  expect([value.item(), slope.item()]).toEqual([6, 2]);
});

test("cotangents of numbers are summed in float64", () => {
  let total = 0;
  for (const x of v.data) total += x;
  expect(grad((x: Scalar): Scalar => sum(mul(x, v)))(1)).toBeCloseTo(total, 15);
  expect(grad((x: Scalar): Scalar => sum(where(greater(v, 0.05), x, v)))(1)).toBe(3);
});

test("values inside are those outside, bit for bit", () => {
  for (const f of Object.values(functions)) {
    const outside = f(1.1);
    const [y] = jvp((x: Scalar) => f(x), [1.1], [1 as never]);
    const numbers = (x: Value): unknown => (typeof x === "number" ? x : x.toArray());
    expect(numbers(y)).toEqual(numbers(outside));
  }
});
