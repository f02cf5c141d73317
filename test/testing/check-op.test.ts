// Ops that are wrong in one way each: checkOp must notice, and say what, where and for which case.
import {
  abs,
  add,
  cast,
  defineOp,
  defineUnary,
  detach,
  div,
  exp,
  expandDims,
  type Formula,
  formula,
  greater,
  mul,
  type Op,
  type OpDefinition,
  type PartsDefinition,
  sin,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  type Value,
} from "gradtape";
import { checkOp, laws } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { caught } from "./caught";

type Two = readonly [a: Tensor, b: Tensor];

/** a * sin(b), elementwise on equal shapes, with some of its rules replaced. */
const wave = (wrong: Partial<OpDefinition<Two, undefined>> = {}): Op<Two> =>
  defineOp<Two>({
    name: "wave",
    shape: ([a]) => a,
    evaluate: (output, [a, b]) => {
      for (let i = 0; i < output.length; i++) output[i] = a.data[i] * Math.sin(b.data[i]);
    },
    vjp: [
      ({ yBar, inputs: [, b] }) => mul(yBar, sin(b)),
      ({ yBar, inputs: [a, b] }) => mul(yBar, mul(a, sin(add(b, Math.PI / 2)))),
    ],
    ...wrong,
  });

const row = (random: () => number, size: number) => tensor(Array.from({ length: size }, () => 4 * random() - 2));
const pairs = (random: () => number) => {
  const size = 1 + Math.floor(4 * random());
  return { inputs: [row(random, size), row(random, size)] };
};

describe("a right op", () => {
  test("passes every law", () => {
    checkOp(wave(), pairs);
  });

  test("passes with rules of its own for everything", () => {
    const own = wave({
      jvp: [
        ({ xDot, inputs: [, b] }) => mul(xDot, sin(b)),
        ({ xDot, inputs: [a, b] }) => mul(xDot, mul(a, sin(add(b, Math.PI / 2)))),
      ],
      batch: ([a, b], [isA, isB]) => {
        const spread = (x: Tensor, like: Tensor) => add(x, mul(0, like));
        return own(isA ? a : spread(expandDims(a, { axis: 0 }), b), isB ? b : spread(expandDims(b, { axis: 0 }), a));
      },
    });
    checkOp(own, pairs);
  });

  test("passes with attributes, integer inputs and booleans", () => {
    checkOp(take, (random) => ({ inputs: [row(random, 3), tensor(new Int32Array([2, 0, 0]))], attrs: { axis: -1 } }));
    checkOp(greater, (random) => ({ inputs: [1 + random(), random()] }));
    checkOp(
      (x: Tensor) => cast(x, "int32"),
      (random) => ({ inputs: [tensor([0.2 + 0.6 * random()])] }),
    );
  });

  test("passes with several parts, of which some may be unused", () => {
    const definition: PartsDefinition<Two, undefined> = {
      name: "sumAndDifference",
      parts: 2,
      shape: ([a]) => [a, a],
      evaluate: ([plus, minus], [a, b]) => {
        for (let i = 0; i < a.size; i++) {
          const [x, y] = [a.data[i], b.data[i]];
          if (plus && minus) [plus[i], minus[i]] = [x + y, x - y];
        }
      },
      vjp: [
        ({ inputs: [a], yBars: [plus, minus] }) => add(plus ?? mul(0, a), minus ?? mul(0, a)),
        ({ inputs: [a], yBars: [plus, minus] }) => add(plus ?? mul(0, a), mul(-1, minus ?? mul(0, a))),
      ],
    };
    const sumAndDifference = defineOp(definition);
    checkOp(sumAndDifference, pairs);
    checkOp((a: Tensor, b: Tensor) => sumAndDifference(a, b)[1], pairs);
  });
});

describe("a wrong op is caught:", () => {
  const half = ({ yBar, inputs: [, b] }: { yBar: Tensor; inputs: Two }): Value => mul(yBar, mul(1.0001, sin(b)));
  const right = ({ yBar, inputs: [a, b] }: { yBar: Tensor; inputs: Two }): Value =>
    mul(yBar, mul(a, sin(add(b, Math.PI / 2))));
  const ownJvp: NonNullable<OpDefinition<Two, undefined>["jvp"]> = [
    ({ xDot, inputs: [, b] }) => mul(xDot, sin(b)),
    ({ xDot, inputs: [a, b] }) => mul(xDot, mul(a, sin(add(b, Math.PI / 2)))),
  ];

  test("a function that is float32 for a number and float64 for what a transform makes of it", () => {
    const scale = tensor([1, 2], { dtype: "float32" });
    const scaled = (x: Value) => mul(x, typeof x === "number" ? scale : cast(scale, "float64"));
    const error = caught(() => checkOp(scaled, () => ({ inputs: [0.5] }), { laws: ["primal"] }));
    expect(error.message).toContain("the result of (number) is float64 inside vjp, float32 outside");
  });

  test("a function that gives a tensor where a number gives a number", () => {
    const once = (x: Value) => (typeof x === "number" ? x * 2 : mul(add(x, tensor([0])), 2).at(0));
    const error = caught(() => checkOp(once, (random) => ({ inputs: [random()] }), { laws: ["primal"] }));
    expect(error.message).toContain("the value under vjp of (number) is float64[], but must be number");
  });

  test("a vjp off by 1e-4, where the jvp is derived from it", () => {
    const error = caught(() => checkOp(wave({ vjp: [half, right] }), pairs, { seed: 3 }));
    expect(error.message).toMatch(
      /^checkOp: wave breaks the law "difference": the jvp of input 0 gives -?[\d.e-]+ at \[\d\] of the output, a central difference -?[\d.e-]+\. Seed \d+: input 0 = Tensor<float64>\[\d\] \[.*\]; input 1 = Tensor<float64>\[\d\] \[.*\]\. /,
    );
    expect(error.hint).toBe(
      "The jvp and the vjp agree with each other: what they are the derivative of is not this value. The jvp of wave is derived from its vjp.",
    );
    expect(error.facts).toMatchObject({ op: "wave", law: "difference", rule: "jvp", input: 0 });
    const { got, want, seed } = error.facts as { got: number; want: number; seed: number };
    expect(got / want).toBeCloseTo(1.0001, 7);
    expect(seed).toBeGreaterThanOrEqual(3);
  });

  test("a vjp off by 1e-4 beside a right jvp", () => {
    const error = caught(() => checkOp(wave({ vjp: [half, right], jvp: ownJvp }), pairs));
    expect(error.message).toMatch(
      /^checkOp: wave breaks the law "adjoint": the vjp of input 0 gives \S+ at \[\d\], the jvp /,
    );
    expect(error.hint).toBe("The jvp agrees with a central difference, the vjp does not: look at the vjp.");
    expect(error.facts).toMatchObject({ law: "adjoint", rule: "vjp", input: 0 });
  });

  test("a wrong jvp beside a right vjp", () => {
    const [first] = ownJvp;
    const error = caught(() => checkOp(wave({ jvp: [first, ({ xDot, inputs: [a] }) => mul(xDot, a)] }), pairs));
    expect(error.message).toContain('wave breaks the law "difference": the jvp of input 1 gives');
    expect(error.hint).toBe("The vjp agrees with a central difference, the jvp does not: look at the jvp.");
    expect(error.facts).toMatchObject({ law: "difference", rule: "jvp", input: 1 });
  });

  test("a missing dependence", () => {
    const error = caught(() => checkOp(wave({ vjp: [({ yBar, inputs: [, b] }) => mul(yBar, sin(b)), null] }), pairs));
    expect(error.facts).toMatchObject({ law: "difference", input: 1, got: 0 });
  });

  test("a vjp that is not linear in the cotangent", () => {
    const bent = ({ yBar, inputs: [, b] }: { yBar: Tensor; inputs: Two }): Value => mul(mul(yBar, yBar), sin(b));
    const error = caught(() => checkOp(wave({ vjp: [bent, right], jvp: ownJvp }), pairs));
    expect(error.facts).toMatchObject({ law: "adjoint", rule: "vjp", input: 0 });
  });

  test("a derivative that is constant to the next one", () => {
    const lost = ({ yBar, inputs: [a, b] }: { yBar: Tensor; inputs: Two }): Value =>
      mul(yBar, mul(a, sin(add(detach(b), Math.PI / 2))));
    const op = wave({ vjp: [({ yBar, inputs: [, b] }) => mul(yBar, sin(b)), lost] });
    const error = caught(() => checkOp(op, pairs));
    expect(error.message).toMatch(/^checkOp: wave breaks the law "second order": the jvp of the jvp of input 1 gives /);
    expect(error.facts).toMatchObject({ law: "second order", rule: "jvp of the jvp", input: 1 });
    checkOp(op, pairs, { order: 1 });
  });

  test("a slope of 0 that an infinite cotangent gets past", () => {
    const slopeOf = (x: Tensor) => cast(greater(x, 0), "float64");
    const ramp = defineOp<[x: Tensor]>({
      name: "ramp",
      shape: ([x]) => x,
      evaluate: (output, [x]) => output.set(x.data.map((element) => Math.max(0, element))),
      vjp: [({ yBar, inputs: [x] }) => mul(yBar, slopeOf(x))],
      jvp: [({ xDot, inputs: [x] }) => mul(xDot, slopeOf(x))],
      declares: { elementwise: true },
    });
    const error = caught(() => checkOp(ramp, () => ({ inputs: [tensor([-1, -2])] }), { laws: ["adjoint"] }));
    expect(error.message).toMatch(
      /^checkOp: ramp breaks the law "adjoint": number \d of the vjp is NaN for cotangents \[.*Infinity.*\], but 0 by its dense Jacobian\. Seed/,
    );
    expect(error.hint).toBe(
      "A cotangent or tangent of 0 gives 0 whatever it meets, and so does a partial derivative of 0.",
    );
    expect(error.facts).toMatchObject({ law: "adjoint", rule: "vjp", got: Number.NaN, want: 0 });
  });

  test("a formula that is another function at an end of the range", () => {
    const softsign = (formulaOf: (x: Formula) => Formula) =>
      defineUnary({
        name: "softsign",
        value: (x) => x / (1 + Math.abs(x)),
        formula: formulaOf,
        derivative: (x) => div(1, square(add(1, abs(x)))),
      });
    const inputs = (random: () => number) => ({ inputs: [row(random, 2)] });
    const right = (x: Formula) => formula.div(x, formula.add(1, formula.abs(x)));
    checkOp(softsign(right), inputs, { laws: ["formula"] });
    const wrong = (x: Formula) => formula.choose(formula.less(3e8, formula.abs(x)), 1, right(x));
    const error = caught(() => checkOp(softsign(wrong), inputs, { laws: ["formula"] }));
    expect(error.message).toMatch(
      /^checkOp: softsign breaks the law "formula": the formula of softsign gives 1 at .* in float64, its evaluate .*\. Seed \d+: input 0 = /,
    );
    expect(error.hint).toBe(
      "A formula is the same function as the value: the same steps in the same order, at ±0, ±Infinity and NaN too.",
    );
  });

  test("a lowering that is not what evaluate does, in int32 alone", () => {
    const thrice = defineOp<[x: Tensor]>({
      name: "thrice",
      shape: ([x]) => x,
      evaluate: (output, [x]) => {
        for (let i = 0; i < output.length; i++) output[i] = 3 * x.data[i];
      },
      lower: (on, [x]) => [on.map(x.dtype, (one) => formula.mul(x.dtype === "int32" ? 4 : 3, one), x)],
      vjp: [({ yBar }) => mul(yBar, 3)],
    });
    const error = caught(() =>
      checkOp(thrice, (random) => ({ inputs: [cast(row(random, 2), "int32")] }), { laws: ["formula"] }),
    );
    expect(error.message).toMatch(/the formula of thrice gives -?\d+ at -?\d+ in int32, its evaluate -?\d+/);
  });

  test("a batch rule that forgets which inputs are mapped", () => {
    const op: Op<Two> = wave({ batch: ([a, b]) => op(a, b) });
    const error = caught(() => checkOp(op, pairs));
    expect(error.message).toMatch(/^checkOp: wave breaks the law "batch": /);
    expect(error.facts).toMatchObject({ law: "batch", rule: "batch" });
  });

  test("a batch rule that is right in shape and wrong in numbers", () => {
    const op: Op<Two> = wave({
      batch: ([a, b], [isA, isB]) => op(isA ? a : add(mul(0, b), a), isB ? a : add(mul(0, a), b)),
    });
    const error = caught(() => checkOp(op, pairs));
    expect(error.message).toMatch(
      /breaks the law "batch": vmap of the op with inputs \[(0, )?1\] mapped gives \S+ for element \d of sample \d, but a call of that sample \S+\. Seed/,
    );
  });

  test("a shape rule that says less than evaluate writes", () => {
    const error = caught(() =>
      checkOp(
        wave({
          shape: ([[size = 0]]) => [Math.max(1, size - 1)],
          evaluate: (output, [a, b]) => {
            for (let i = 0; i < a.size; i++) output[i] = a.data[i] * Math.sin(b.data[i]);
          },
        }),
        pairs,
      ),
    );
    expect(error.message).toBe(
      `checkOp: wave breaks the law "shape": evaluate writes element 1 of output, which the shape rule says has shape [1]. ${
        /Seed .*\]\./.exec(error.message)?.[0]
      } The shape rule and evaluate must mean the same result.`,
    );
  });

  test("a shape rule that says more than the rules give", () => {
    const error = caught(() => checkOp(wave({ shape: ([[size = 0]]) => [size + 1] }), pairs));
    expect(error.facts).toMatchObject({ op: "wave", law: "primal" });
    expect(error.message).toContain("[op/rule-shape]");
  });

  test("a value that is not the same each time", () => {
    let calls = 0;
    const op = defineUnary({ name: "drift", value: (x) => x + 1e-9 * calls++, derivative: 1 });
    const error = caught(() => checkOp(op, (random) => ({ inputs: [random()] })));
    expect(error.message).toMatch(
      /^checkOp: drift breaks the law "primal": the value is \S+ when called again, but \S+ otherwise/,
    );
  });

  test("a value that depends on who is watching", () => {
    const op = (x: Value) => (typeof x !== "number" && x.watched ? mul(x, 3) : mul(x, 2));
    const error = caught(() => checkOp(op, (random) => ({ inputs: [1 + random()] })));
    expect(error.message).toMatch(
      /^checkOp: op breaks the law "primal": the value is \S+ under vjp, but \S+ otherwise/,
    );
    expect(error.hint).toContain("Being observed never changes a value");
  });

  test("numbers read while tracing", () => {
    const op = (x: Tensor) => mul(x, x.data[0]);
    const error = caught(() => checkOp(op, (random) => ({ inputs: [row(random, 2)] }), { laws: ["trace"] }));
    expect(error.message).toContain('op breaks the law "trace": it throws [trace/value]');
  });
});

describe("the report", () => {
  const wrong = defineUnary({ name: "wrong", value: (x) => x * x, derivative: (x) => x });

  test("shows the smallest case found", () => {
    const cases = (random: () => number) => ({ inputs: [row(random, 1 + Math.floor(9 * random()))] });
    const { facts } = caught(() => checkOp(wrong, cases));
    expect((facts.inputs as Tensor[])[0]?.shape).toEqual([1]);
  });

  test("names a seed that draws the same case again", () => {
    const cases = (random: () => number) => ({ inputs: [10 * random()] });
    const { facts } = caught(() => checkOp(wrong, cases, { seed: 100 }));
    const again = caught(() => checkOp(wrong, cases, { seed: facts.seed as number, runs: 1 }));
    expect(again.facts.inputs).toEqual(facts.inputs);
    expect(again.message).toBe(caught(() => checkOp(wrong, cases, { seed: facts.seed as number, runs: 1 })).message);
  });

  test("shows attributes", () => {
    const scaled = (x: Value, { by }: { by: number }) => mul(wrong(x), by);
    const { message } = caught(() => checkOp(scaled, (random) => ({ inputs: [random()], attrs: { by: 2 } })));
    expect(message).toContain('; attributes {"by":2}.');
  });
});

describe("options", () => {
  test("laws choose what is checked, and in which order they stand does not matter", () => {
    const wrong = defineUnary({ name: "wrong", value: Math.sin, derivative: (x) => x });
    checkOp(wrong, (random) => ({ inputs: [1 + random()] }), {
      laws: ["trace", "shape", "primal", "adjoint", "batch"],
    });
  });

  test("every law is checked, in this order", () => {
    expect(laws).toEqual([
      "shape",
      "declares",
      "primal",
      "formula",
      "difference",
      "adjoint",
      "second order",
      "batch",
      "trace",
      "compile",
    ]);
  });

  test("unknown ones are named", () => {
    const cases = () => ({ inputs: [1] });
    expect(() => checkOp(exp, cases, { law: ["batch"] } as object)).toThrow(
      'checkOp: unknown option "law". Did you mean "laws"?',
    );
    expect(() => checkOp(exp, cases, { laws: ["speed"] } as object)).toThrow(
      'checkOp: laws must be one of "shape", "declares", "primal"',
    );
  });

  test("a smaller tolerance is held", () => {
    const near = defineUnary({ name: "near", value: Math.exp, derivative: (x) => mul(1 + 1e-8, exp(x)) });
    checkOp(near, (random) => ({ inputs: [random()] }));
    expect(caught(() => checkOp(near, (random) => ({ inputs: [random()] }), { relative: 1e-10 })).facts.law).toBe(
      "difference",
    );
  });

  test("an error of what the op itself refuses is passed on", () => {
    expect(() => checkOp(sum, () => ({ inputs: [tensor([1])], attrs: { axes: 0 } }))).toThrow('unknown option "axes"');
  });
});
