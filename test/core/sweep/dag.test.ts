import fc from "fast-check";
import { add, backward, grad, mul, type Scalar, type Tensor, type Value, valueAndGrad, variable } from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf, type Program, programOf, recipes } from "./programs";
import { differentiate } from "./reference";

function expectClose(got: readonly Value[], want: readonly (readonly number[])[]): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, k) => {
    numbersOf(x).forEach((number, i) => {
      const wanted = want[k]?.[i];
      expect(Math.abs(number - wanted)).toBeLessThanOrEqual(1e-12 + 1e-9 * Math.abs(wanted));
    });
  });
}

const check = (program: Program): void => {
  const { value, gradient } = differentiate(program);
  const [got, slopes] = valueAndGrad((xs: readonly Tensor[]): Scalar => program.run(xs))(program.inputs);
  expectClose([got], [[value]]);
  expectClose(slopes, gradient);
  const leaves = program.inputs.map((x) => variable(x));
  expectClose(backward(program.run(leaves), leaves), gradient);
};

describe("gradients of random graphs equal those of a naive differentiator", () => {
  test("short ones", () => {
    fc.assert(fc.property(recipes(40), (recipe) => check(programOf(recipe, "smooth"))));
  });

  test("of a length that does not divide the page, over several pages", () => {
    const long = fc.record({ seed: fc.integer(), steps: fc.integer({ min: 3000, max: 13_001 }) });
    fc.assert(
      fc.property(long, ({ seed, steps }) =>
        check(programOf({ seed, steps, inputs: 4, size: 3, dtype: "float64" }, "smooth")),
      ),
      { numRuns: 12 },
    );
  });

  test("when the inputs are themselves tracked, as in a gradient of a gradient", () => {
    fc.assert(
      fc.property(recipes(30), (recipe) => {
        const program = programOf(recipe, "smooth");
        const twice = grad((xs: readonly Tensor[]): Scalar => {
          const [value, slopes] = valueAndGrad((ys: readonly Tensor[]): Scalar => program.run(ys))(xs);
          // The gradient of the value, and of nothing times the gradient: the second sweep runs over the first.
          return slopes.reduce((sum: Scalar, slope): Scalar => add(sum, mul(0, slope.sum())), value);
        })(program.inputs);
        expectClose(twice, differentiate(program).gradient);
      }),
      { numRuns: 40 },
    );
  });
});
