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
      `[op/rule-shape] weird: the rule for the cotangent of input 1 must give shape [2], got []. ${SUM_TO}`,
    );
    // The tangent is derived from it.
    expect(tangent(wrong)).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 must give shape [2], got []. ${SUM_TO}`,
    );
  });

  test("of the wrong dtype", () => {
    expect(gradient(second(({ yBar }: { yBar: Tensor }) => yBar.cast("float32")))).toBe(
      '[op/rule-dtype] weird: the rule for the cotangent of input 1 must give float64, got float32. Use cast(..., "float64").',
    );
  });

  test("that give a number, or nothing", () => {
    const like = "Return a tensor with the shape and dtype of what the rule is for.";
    expect(gradient(second(() => 0))).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 must give shape [2], got a number. ${like}`,
    );
    expect(gradient(second(() => "none"))).toBe(
      `[op/rule-shape] weird: the rule for the cotangent of input 1 must give shape [2], got no tensor. ${like}`,
    );
  });

  test("of all inputs at once, of the wrong count", () => {
    expect(gradient({ pullback: untyped(({ yBar }: { yBar: Tensor }) => [yBar]) })).toBe(
      "[op/rule-shape] weird: the pullback must give one cotangent for each of 2 inputs, got [a tensor]. Return an array with a cotangent, or null, for each input.",
    );
  });

  test("that read what they said they would not", () => {
    const says = "a rule reads a value that its op did not declare in `reads`.";
    const hint = "Name the value in the `reads` of the op's definition, or leave `reads` out.";
    expect(gradient({ reads: { inputs: [false, true] } })).toBe(`[op/reads] mul: ${says} ${hint}`);
    const first = ({ yBar, inputs: [, y] }: { yBar: Tensor; inputs: readonly Tensor[] }) => mul(yBar, y?.data[0] ?? 0);
    expect(gradient({ reads: { inputs: [true, false] }, vjp: [untyped(first), right.vjp[1]] })).toBe(
      `[op/reads] data: ${says} ${hint}`,
    );
  });
});

describe("pushforwards", () => {
  const first = (rule: unknown): Partial<Definition> => ({
    jvp: [untyped(rule), ({ xDot, inputs: [a] }) => mul(xDot, a)],
  });

  test("of the wrong shape or dtype", () => {
    expect(tangent(first(({ xDot }: { xDot: Tensor }) => sum(xDot)))).toBe(
      `[op/rule-shape] weird: the rule for the tangent by input 0 must give shape [2], got []. A tangent has the shape of the output: use broadcastTo(tangent, shapeOf(output)).`,
    );
    expect(tangent(first(({ xDot }: { xDot: Tensor }) => xDot.cast("float32")))).toContain(
      "[op/rule-dtype] weird: the rule for the tangent by input 0 must give float64, got float32.",
    );
    expect(tangent(first(({ xDot, inputs }: { xDot: Tensor; inputs: Tensor[] }) => mul(xDot, inputs[1])))).toBe(
      "no error",
    );
  });
});

describe("shape and batch rules", () => {
  test("that give no shape", () => {
    expect(gradient({ shape: () => untyped([2, 0.5]) })).toBe(
      "[op/shape] weird: the shape rule must give a shape, got [2, 0.5]. Return an array of integers >= 0.",
    );
    expect(gradient({ shape: () => untyped(undefined) })).toBe(
      "[op/shape] weird: the shape rule must give a shape, got undefined. Return an array of integers >= 0.",
    );
  });

  test("that give shapes for some of the parts", () => {
    const op = defineOp<[x: Tensor]>({
      name: "halves",
      parts: 2,
      shape: () => [[1]],
      evaluate: () => {},
      vjp: [() => 0],
    });
    expect(errorOf(() => op(x))).toBe(
      "[op/shape] halves: the shape rule must give 2 shapes, got 1. Return one shape for each of the parts.",
    );
  });

  test("a batch without the batch axis, or of another dtype", () => {
    const hint = "Return the results of all samples, with the batch axis first.";
    expect(batched({ batch: ([a]) => sum(a, { axis: 0 }) })).toBe(
      `[op/rule-shape] weird: the batch rule must give float64[3, 2], got float64[2]. ${hint}`,
    );
    expect(batched({ batch: ([a]) => a.cast("float32") })).toBe(
      `[op/rule-shape] weird: the batch rule must give float64[3, 2], got float32[3, 2]. ${hint}`,
    );
    expect(batched({ batch: () => untyped(3) })).toBe(
      "[argument/tensor] weird: the batch rule's result must be a tensor, got 3. Make one with tensor(...).",
    );
    expect(batched({ batch: ([a, b]) => mul(a, b) })).toBe("no error");
  });
});

test("too few inputs, and inputs that are no tensors", () => {
  const op = defineOp<[x: Tensor, y: Tensor]>(right);
  expect(errorOf(() => (op as never as (x: unknown) => unknown)(x))).toBe(
    "[op/arguments] weird: 2 inputs are needed, got [a tensor]. Give all inputs, then the attributes.",
  );
  expect(errorOf(() => op(untyped(x), untyped("y")))).toBe(
    '[argument/tensor] weird: input 1 must be a number or a tensor, got "y". Convert it to numbers first.',
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
    `[op/rule-shape] firstHalf: the rule for the cotangent of input 0 must give shape [2], got [1]. ${SUM_TO}`,
  );
});

describe("declares", () => {
  const declared = (declares: unknown) =>
    errorOf(() => defineOp<[x: Tensor, y: Tensor]>({ ...right, declares: untyped(declares) }));
  const linear = (declares: unknown) =>
    errorOf(() =>
      defineLinear({
        name: "same",
        shape: (shape) => shape,
        evaluate: (output, a) => output.set(a.data),
        transpose: (yBar) => yBar,
        declares: untyped(declares),
      }),
    );

  test("with facts of the right kind", () => {
    const contraction = () => "a,a->a";
    expect(declared({ linear: "each", elementwise: true, regroup: undefined, contraction })).toBe("no error");
    expect(linear({ regroup: true, scale: () => 1 })).toBe("no error");
  });

  test("that is no object", () => {
    const hint = "A definition has name, shape, evaluate.";
    expect(declared("linear")).toBe(
      `[op/definition] defineOp: declares of weird must be an object, got "linear". ${hint}`,
    );
    expect(declared(null)).toBe(`[op/definition] defineOp: declares of weird must be an object, got null. ${hint}`);
  });

  test("with a fact that there is not", () => {
    expect(declared({ contracton: () => "a,a->a" })).toBe(
      '[option/unknown] defineOp: declares of weird: unknown option "contracton". Did you mean "contraction"?',
    );
    expect(declared({ normPreserving: true })).toBe(
      '[option/unknown] defineOp: declares of weird: unknown option "normPreserving". Known options: linear, elementwise, contraction, regroup, scale, placement, selection.',
    );
    expect(linear({ linear: "jointly" })).toBe(
      '[option/unknown] defineLinear: declares of same: unknown option "linear". Known options: contraction, regroup, scale, placement, selection.',
    );
  });

  test("with a fact of the wrong kind", () => {
    const wrong = (facts: object, words: string, name: string) =>
      expect(declared(facts)).toBe(
        `[op/definition] defineOp: ${name} in declares of weird must be ${words}. Leave ${name} out if it is not so.`,
      );
    wrong({ linear: "both" }, '"jointly" or "each", got "both"', "linear");
    wrong({ linear: true }, '"jointly" or "each", got true', "linear");
    wrong({ contraction: "a,a->a" }, 'a function, got "a,a->a"', "contraction");
    wrong({ scale: 2 }, "a function, got 2", "scale");
    wrong({ placement: {} }, "a function, got an object", "placement");
    wrong({ selection: null }, "a function, got null", "selection");
    wrong({ elementwise: 1 }, "true or false, got 1", "elementwise");
    wrong({ regroup: () => true }, "true or false, got function regroup", "regroup");
  });
});
