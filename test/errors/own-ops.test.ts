// Rules that break their contract are named: op, input, what was given and what would be right.
import {
  defineLinear,
  defineOp,
  grad,
  jvp,
  mul,
  type OpDefinition,
  type Scalar,
  sum,
  type Tensor,
  tensor,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { errorOf } from "./error-of";

type Definition = OpDefinition<[x: Tensor, y: Tensor], undefined>;

const right: Definition = {
  name: "weird",
  shape: ([x]) => x,
  evaluate: (output, [x, y]) => {
    for (let i = 0; i < x.size; i++) output[i] = x.data[i] * y.data[i];
  },
  vjp: [({ yBar, inputs: [, y] }) => mul(yBar, y), ({ yBar, inputs: [x] }) => mul(yBar, x)],
};
const [x, y]: Tensor[] = [tensor([1, 2]), tensor([3, 4])];

/** What the gradient by both inputs says with some rules replaced. */
const gradient = (wrong: Partial<Definition>) => {
  const op = defineOp<[x: Tensor, y: Tensor]>({ ...right, ...wrong });
  return errorOf(() => grad(([a, b]: readonly [Tensor, Tensor]): Scalar => sum(op(a, b)))([x, y]));
};
const tangent = (wrong: Partial<Definition>) => {
  const op = defineOp<[x: Tensor, y: Tensor]>({ ...right, ...wrong });
  return errorOf(() => jvp((a: Tensor, b: Tensor) => op(a, b), [x, y], [x, y]));
};
const batched = (wrong: Partial<Definition>) => {
  const op = defineOp<[x: Tensor, y: Tensor]>({ ...right, ...wrong });
  return errorOf(() =>
    vmap((a: Tensor) => op(a, y))(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ),
  );
};
const SUM_TO = "Sum over broadcast axes with sumTo(cotangent, shapeOf(input)).";

test("the right one is right", () => {
  expect([gradient({}), tangent({}), batched({})]).toEqual(["no error", "no error", "no error"]);
});

describe("pullbacks", () => {
  const second = (rule: unknown): Partial<Definition> => ({ vjp: [right.vjp[0], untyped(rule)] });

  test("of the wrong shape", () => {
    const wrong = second(({ yBar }: { yBar: Tensor }) => sum(yBar));
    expect(gradient(wrong)).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 gives shape [], not [2]. ${SUM_TO}`,
    );
    // The tangent is derived from it.
    expect(tangent(wrong)).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 gives shape [], not [2]. ${SUM_TO}`,
    );
  });

  test("of the wrong dtype", () => {
    expect(gradient(second(({ yBar }: { yBar: Tensor }) => yBar.cast("float32")))).toBe(
      "[op/rule-dtype] weird: the rule for the cotangent of input 1 gives float32, not float64. Use cast(cotangent, dtypeOf(input)).",
    );
  });

  test("that give a number, or nothing", () => {
    const like = "A rule gives a tensor shaped like what it is for.";
    expect(gradient(second(() => 0))).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 gives a number, not shape [2]. ${like}`,
    );
    expect(gradient(second(() => "none"))).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 gives no tensor, not shape [2]. ${like}`,
    );
  });

  test("of all inputs at once, of the wrong count", () => {
    expect(gradient({ pullback: untyped(({ yBar }: { yBar: Tensor }) => [yBar]) })).toBe(
      "[op/rule-shape] weird: the pullback gives [a tensor], not one cotangent for each of 2 inputs.",
    );
  });

  test("that read what they said they would not", () => {
    expect(gradient({ reads: { inputs: [false, true] } })).toContain("[op/reads] ");
  });
});

describe("pushforwards", () => {
  const first = (rule: unknown): Partial<Definition> => ({
    jvp: [untyped(rule), ({ xDot, inputs: [a] }) => mul(xDot, a)],
  });

  test("of the wrong shape or dtype", () => {
    expect(tangent(first(({ xDot }: { xDot: Tensor }) => sum(xDot)))).toBe(
      `[op/rule-shape] weird: the rule for the tangent by input 0 gives shape [], not [2]. ${SUM_TO}`,
    );
    expect(tangent(first(({ xDot }: { xDot: Tensor }) => xDot.cast("float32")))).toContain(
      "[op/rule-dtype] weird: the rule for the tangent by input 0 gives float32, not float64.",
    );
    expect(tangent(first(({ xDot, inputs }: { xDot: Tensor; inputs: Tensor[] }) => mul(xDot, inputs[1])))).toBe(
      "no error",
    );
  });
});

describe("shape and batch rules", () => {
  test("that give no shape", () => {
    expect(gradient({ shape: () => untyped([2, 0.5]) })).toBe(
      "[op/shape] weird: the shape rule gives [2, 0.5], not a shape.",
    );
    expect(gradient({ shape: () => untyped(undefined) })).toBe(
      "[op/shape] weird: the shape rule gives undefined, not a shape.",
    );
  });

  test("a batch without the batch axis, or of another dtype", () => {
    const hint = "It gives the results of all samples, with the batch axis first.";
    expect(batched({ batch: ([a]) => sum(a, { axis: 0 }) })).toBe(
      `[op/rule-shape] weird: the batch rule gives float64[2], not float64[3, 2]. ${hint}`,
    );
    expect(batched({ batch: ([a]) => a.cast("float32") })).toBe(
      `[op/rule-shape] weird: the batch rule gives float32[3, 2], not float64[3, 2]. ${hint}`,
    );
    expect(batched({ batch: () => untyped(3) })).toBe(
      "[argument/tensor] weird: the batch rule's result is a tensor, got 3.",
    );
    expect(batched({ batch: ([a, b]) => mul(a, b) })).toBe("no error");
  });
});

test("too few inputs, and inputs that are no tensors", () => {
  const op = defineOp<[x: Tensor, y: Tensor]>(right);
  expect(errorOf(() => (untyped(op) as (x: unknown) => unknown)(x))).toBe(
    "[op/arguments] weird: 2 inputs are wanted, got [a tensor].",
  );
  expect(errorOf(() => op(untyped(x), untyped("y")))).toBe(
    '[argument/tensor] weird: input 1 is a number or a tensor, got "y".',
  );
});

test("a transpose of the wrong shape", () => {
  const half = defineLinear({
    name: "firstHalf",
    shape: ([n]) => [n / 2],
    evaluate: (output, input) => output.set(input.data.subarray(0, output.length)),
    transpose: (yBar) => yBar,
  });
  expect(errorOf(() => grad((v: Tensor): Scalar => sum(half(v)))(x))).toBe(
    `[op/rule-shape] firstHalf: the rule for the cotangent of input 0 gives shape [1], not [2]. ${SUM_TO}`,
  );
});
