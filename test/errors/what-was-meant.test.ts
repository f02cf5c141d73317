/* Errors name what the user called, and say what was meant (FAULTS 21, 22). */
import {
  batchGrad,
  betainc,
  checkpoint,
  clip,
  concat,
  defineOp,
  elu,
  exp,
  gelu,
  grad,
  jacobian,
  leakyRelu,
  loss,
  max,
  min,
  mul,
  polygamma,
  scan,
  sum,
  type Tensor,
  tensor,
  trace,
  type Value,
  valueAndGrad,
  valueOf,
  variable,
  vjp,
  vmap,
} from "gradtape";
import { adam, sgd } from "gradtape/optim";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { errorOf, thrownBy } from "./error-of";

const call = (f: (...args: never[]) => unknown, ...args: unknown[]) => errorOf(() => f(...args.map(untyped)));

test.each([
  ["clip", call(clip)],
  ["elu", call(elu)],
  ["leakyRelu", call(leakyRelu)],
  ["gelu", call(gelu)],
  ["polygamma", call(polygamma, 1)],
  ["betainc", call(betainc, 1, 2)],
  ["loss.mse", call(loss.mse, 1)],
  ["exp", call(exp)],
])("%s names itself where an argument is missing", (name, text) => {
  expect(text).toMatch(new RegExp(`^\\[argument/tensor\\] ${name.replace(".", "\\.")}: `));
  expect(text).toContain("Look for a missing argument");
});

describe("what was meant", () => {
  const a = tensor([1, 2]);
  test.each([
    ["max of two values", call(max, a, 0), "Write maximum(a, b) for two values, and { axis: 0 } for an axis."],
    ["min of two tensors", call(min, a, a), "Write minimum(a, b) for two values"],
    ["sum along an axis", call(sum, a, 0), "Give them by name, as in { axis: ... }."],
    ["an array of tensors", call(exp, [a]), "Join the tensors first: stack([...])."],
    ["a number to join", call(concat, [1, a]), "concat: xs[0] is a single number and has no axis to join along."],
    ["a number to join, later", call(concat, [a, 1]), "Give it one, reshape(x, [1]), or use stack for single numbers."],
    [
      "a state that was forgotten",
      call(adam({}).update, { w: 1 }, { w: 2 }),
      "Write update(gradients, state, params).",
    ],
    ["no state at all", call(sgd({ rate: 1 }).update, 1), "Write update(gradients, state, params)."],
    [
      "a plain array as a batch",
      errorOf(() => batchGrad((w: number, x: number) => mul(w, x))(1, untyped([1, 2]))),
      "Make one tensor of the samples: tensor([...]).",
    ],
    [
      "an array of samples as a batch",
      errorOf(() => batchGrad((w: number, s: { x: number }) => mul(w, s.x))(1, untyped([{ x: 1 }, { x: 2 }]))),
      "give one tree of tensors, not one for each sample.",
    ],
    [
      "a plain array to map over",
      errorOf(() => vmap((x: number) => mul(x, 2))(untyped([1, 2]))),
      "Make one tensor of the samples: tensor([...]).",
    ],
    [
      "swapped arguments",
      errorOf(() =>
        loss.crossEntropy(
          tensor([0, 1], { dtype: "int32" }),
          untyped(
            tensor([
              [1, 2],
              [3, 4],
            ]),
          ),
        ),
      ),
      "Are the arguments swapped? Write loss.crossEntropy(logits, target).",
    ],
    [
      "adam with beta 1",
      call(adam, { beta1: 1 }),
      "adam: beta1 must be a number from 0 to below 1, got 1. It must stay below 1.",
    ],
  ])("%s", (_, text, says) => expect(text).toContain(says));

  test("tensors are not iterable, and say what is", () => {
    const says =
      "[tensor/iterator] Tensor: tensors are not iterable, got one of shape [2]. Take it apart with unstack(x), or read its numbers with x.toArray().";
    expect(
      errorOf(() => {
        const [first] = untyped(a) as number[];
        return first;
      }),
    ).toBe(says);
    expect(errorOf(() => Math.max(...(untyped(a) as number[])))).toBe(says);
    expect(
      errorOf(() => {
        for (const x of untyped(a) as number[]) return x;
        return null;
      }),
    ).toBe(says);
  });

  test("valueOf of a symbol blames valueOf", () => {
    expect(errorOf(() => vmap((x: Tensor<readonly []>) => valueOf(x))(a))).toMatch(/^\[trace\/value\] valueOf: /);
    expect(errorOf(() => vmap((x: Tensor<readonly []>) => x.item())(a))).toMatch(/^\[trace\/value\] item: /);
    expect(errorOf(() => valueOf(a))).toMatch(/^\[tensor\/item\] valueOf: /);
  });

  test("an async function is told to await before", () => {
    const later = async (x: Value) => mul(x, 2);
    const runs: (() => unknown)[] = [
      () => grad(untyped(later))(untyped(1)),
      () => valueAndGrad(untyped(later))(untyped(1)),
      () => batchGrad(untyped(later))(untyped(1), a).mean(),
      () => vmap(later)(a),
      () => jacobian(later)(1),
      () => vjp(later, [1]),
      () => checkpoint(later)(1),
      () => trace(later)(1),
    ];
    for (const run of runs) expect(errorOf(run)).toContain("cannot be async");
    expect(errorOf(() => exp(untyped(later(1))))).toContain("Await what is needed before");
    expect(thrownBy(() => scan(untyped(later), 0, untyped(a))).code).toBe("scan/carry");
    expect(variable(1).item()).toBe(1);
  });
});

describe("an evaluate that returns its numbers", () => {
  const twice = (evaluate: (output: never, inputs: readonly [Tensor]) => unknown) =>
    defineOp<[x: Tensor]>({
      name: "twice",
      shape: ([x]) => x,
      evaluate: untyped(evaluate),
      vjp: [({ yBar }) => mul(yBar, 2)],
    })(tensor([1, 2]));

  test("is taken at its word", () => {
    expect(twice((_, [x]) => x.data.map((element) => 2 * element)).toArray()).toEqual([2, 4]);
    expect(twice((_, [x]) => Array.from(x.data, (element) => 2 * element)).toArray()).toEqual([2, 4]);
    expect(twice((output: Float64Array) => output.fill(3)).toArray()).toEqual([3, 3]);
  });

  test("or is refused", () => {
    const says = "twice: evaluate must write 2 numbers into its output, or return them, got ";
    expect(errorOf(() => twice(() => [1]))).toContain(`[op/evaluate] ${says}1 numbers.`);
    expect(errorOf(() => twice(() => tensor([1, 2])))).toContain(`[op/evaluate] ${says}a tensor.`);
  });
});
