import fc from "fast-check";
import {
  add,
  defineUnary,
  detach,
  div,
  exp,
  logSumExp,
  matmul,
  mean,
  mul,
  pow,
  relu,
  sigmoid,
  sin,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { caught } from "./caught";

describe("a right derivative passes", () => {
  test("of numbers, tensors and trees of them", () => {
    const model = ({ layers, scale }: { layers: { w: Tensor; b: Tensor }[]; scale: number }, x: Tensor) =>
      layers.reduce<Tensor>((h, { w, b }) => tanh(add(matmul(h, w), mul(b, scale))), x);
    const layer = {
      w: tensor([
        [0.1, 0.2],
        [-0.3, 0.4],
      ]),
      b: tensor([0.5, -0.5]),
    };
    gradcheck(model, [
      { layers: [layer, layer], scale: 0.7 },
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ]);
  });

  test("of results that are trees, with integers and booleans in them", () => {
    gradcheck(
      (x: Tensor) => ({ y: sin(x), parts: [square(x), tensor([1, 2], { dtype: "int32" })], yes: true }),
      [tensor([0.3, 2])],
    );
  });

  test("with arguments that stand still", () => {
    gradcheck(
      (x: Tensor, indices: Tensor, name: string, f: (x: Tensor) => Tensor) => (name === "f" ? f(take(x, indices)) : x),
      [tensor([1, 2, 3]), tensor(new Int32Array([2, 2, 0])), "f", exp],
    );
  });

  test("without anything that varies", () => {
    gradcheck((n: string) => n.length, ["abc"]);
  });

  test("near the edge of a domain, near a kink, and where numbers are large or small", () => {
    gradcheck((x: Tensor) => sqrt(x), [tensor([1e-4, 1, 1e6])]);
    gradcheck((x: Tensor) => relu(x), [tensor([1e-3, -1e-3, 5])]);
    gradcheck((x: Tensor) => exp(mul(x, 10)), [tensor([1, 2])]);
    gradcheck((x: Tensor) => div(1, x), [tensor([0.01, -0.02])]);
    gradcheck((x: Tensor) => mul(x, 1e-12), [tensor([1, 2])]);
    gradcheck((x: Tensor) => sub(add(1e6, sin(x)), 1e6), [tensor([1, 2])], { relative: 1e-5 });
  });

  test("in float32", () => {
    gradcheck((x: Tensor) => logSumExp(sigmoid(x)), [tensor([0.1, 0.2, 3], { dtype: "float32" })]);
    gradcheck((x: Tensor) => sum(tanh(x.cast("float32"))), [tensor([0.1, 0.2, 3])]);
  });

  test("of any composition, at any seed", () => {
    const f = (x: Tensor, p: number) => mean(mul(pow(add(square(x), 1), p), tanh(x)));
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: -2, max: 2, noNaN: true }), (seed, p) =>
        gradcheck(f, [tensor([0.5, -1, 2]), p], { seed }),
      ),
    );
  });
});

/** exp and square with a derivative that is too large by a factor. */
const wrongExp = (by: number) => defineUnary({ name: "wrongExp", value: Math.exp, derivative: (x) => mul(by, exp(x)) });
const wrongSquare = (by: number) =>
  defineUnary({ name: "wrongSquare", value: (x) => x * x, derivative: (x) => mul(2 * by, x) });

describe("a wrong derivative is caught", () => {
  test("off by 1e-4, at any seed and point", () => {
    const wrong = wrongExp(1 + 1e-4);
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (seed, xs) => {
          caught(() => gradcheck((x: Tensor) => wrong(x), [tensor(xs)], { seed }));
        },
      ),
    );
  });

  test("with everything that is known in the message", () => {
    const error = caught(() =>
      gradcheck(
        function cost(p: { w: Tensor }) {
          return sum(wrongSquare(2)(p.w));
        },
        [{ w: tensor([3]) }],
        { seed: 5 },
      ),
    );
    const { got, want } = error.facts as { got: number; want: number };
    expect(got / want).toBeCloseTo(2, 9);
    expect(error.message).toBe(
      `gradcheck: cost: the jvp of argument 0.w gives ${got}, a central difference ${want}. Seed 5: argument 0.w = Tensor<float64>[1] [3]. The jvp and the vjp agree with each other: what they are the derivative of is not this value.`,
    );
    expect(error.facts).toMatchObject({ function: "cost", rule: "jvp", input: "argument 0.w", seed: 5 });
  });

  test("in reverse mode alone, at the number where it is worst", () => {
    const error = caught(() => gradcheck((x: Tensor) => wrongSquare(2)(x), [tensor([1, 5])], { modes: ["reverse"] }));
    expect(error.message).toMatch(
      /^gradcheck: the function: the vjp of argument 0 gives \S+ at \[1\], a central difference /,
    );
  });

  test("of second order, and not looked for with order 1", () => {
    const lost = defineUnary({ name: "lost", value: (x) => x * x, derivative: (x) => mul(2, detach(x)) });
    const f = (x: Tensor) => lost(x);
    gradcheck(f, [tensor([1, 2])], { order: 1 });
    const error = caught(() => gradcheck(f, [tensor([1, 2])]));
    expect(error.facts.rule).toBe("jvp of the jvp");
    expect(error.hint).toMatch(
      /To the next derivative, whatever a rule reads with item, data or detach is a constant\.$/,
    );
    expect(caught(() => gradcheck(f, [tensor([1, 2])], { modes: ["reverse"] })).facts.rule).toBe("vjp of the vjp");
  });

  test("at a kink, with a hint that says so", () => {
    const error = caught(() => gradcheck((x: Tensor) => relu(x), [tensor([0, 1])]));
    expect(error.hint).toBe(
      "The point is a kink or a jump, where there is no derivative to compare with: choose another.",
    );
  });
});

describe("what cannot be checked", () => {
  test("a function that is not the same each time", () => {
    let calls = 0;
    const error = caught(() => gradcheck((x: number) => add(x, calls++), [1]));
    expect(error.message).toBe(
      "gradcheck: the function: called twice it gives 1 and then 2. Pass random keys and everything else it depends on as arguments.",
    );
  });

  test("a result that is neither number nor tensor", () => {
    expect(() => gradcheck((_: number) => "nothing", [1])).toThrow(
      'gradcheck: output must be a number, a boolean, a tensor, an array or a plain object, got "nothing". Leave out what cannot be compared.',
    );
  });

  test("options that are not there", () => {
    expect(() => gradcheck(exp, [1], { sead: 1 } as object)).toThrow(
      'gradcheck: unknown option "sead". Did you mean "seed"?',
    );
    expect(() => gradcheck(exp, [1], { order: 3 as 2 })).toThrow(
      "gradcheck: order must be an integer from 1 to 2, got 3. The largest allowed is 2.",
    );
    expect(() => gradcheck(exp, [1], { modes: ["backward" as "reverse"] })).toThrow(
      'gradcheck: modes must be one of "forward", "reverse", got "backward". Did you mean "forward"?',
    );
  });
});
