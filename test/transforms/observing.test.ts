// Law: being observed never changes a value. Values and derivatives are the same bits whatever else depends on them.
import fc from "fast-check";
import {
  backward,
  detach,
  grad,
  jvp,
  type Scalar,
  type Tensor,
  type Value,
  valueAndGrad,
  variable,
  vjp,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf, type Program, programOf, recipes } from "../core/sweep/programs";
import { Numbers } from "../truth/numbers";

type Tensors = readonly Tensor[];
interface Derived {
  readonly value: Value;
  readonly gradient: readonly Value[];
}

/** The numbers to the bit: -0 is not 0, and NaN is NaN. */
const bits = ({ value, gradient }: Derived): string[] =>
  [value, ...gradient].map((x) =>
    numbersOf(x)
      .map((n) => (Object.is(n, -0) ? "-0" : String(n)))
      .join(" "),
  );

const derive = (program: Program, xs: Tensors): Derived => {
  const [value, gradient] = valueAndGrad((ys: Tensors): Scalar => program.run(ys))(xs);
  return { value, gradient };
};

/** What `transform` sees of a derivation that it watches. */
function seen(transform: (f: (xs: Tensors) => Scalar, xs: Tensors) => unknown, program: Program): Derived {
  let inside: Derived | undefined;
  transform((xs) => {
    const derived = derive(program, xs);
    inside ??= detach(derived);
    return derived.value;
  }, program.inputs);
  if (inside === undefined) throw new Error("the function was not called");
  return inside;
}

const ways: Readonly<Record<string, (program: Program) => Derived>> = {
  "a variable and backward": ({ run, inputs }) => {
    const xs = inputs.map((x) => variable(x));
    const value = run(xs);
    return { value, gradient: backward(value, xs) };
  },
  "backward with createGraph": ({ run, inputs }) => {
    const xs = inputs.map((x) => variable(x));
    const value = run(xs);
    return { value, gradient: backward(value, xs, { createGraph: true }) };
  },
  "the second of two sweeps": ({ run, inputs }) => {
    const xs = inputs.map((x) => variable(x));
    const value = run(xs);
    backward(value, xs, { retain: true });
    return { value, gradient: backward(value, xs) };
  },
  "variables watched from outside": (program) =>
    derive(
      program,
      program.inputs.map((x) => variable(x)),
    ),
  "an outer grad": (program) => seen((f, xs) => grad(f)(xs), program),
  "two outer grads": (program) =>
    seen((f, xs) => grad((ys: Tensors): Scalar => grad(f)(ys)[0]?.sum() ?? 0)(xs), program),
  "an outer jvp": (program) => seen((f, xs) => jvp(f, [xs], [xs]), program),
  "an outer grad of a jvp": (program) =>
    seen((f, xs) => grad((ys: Tensors): Scalar => jvp(f, [ys], [xs])[1])(xs), program),
  "a pullback": ({ run, inputs }) => {
    const [value, pullback] = vjp((xs: Tensors): Scalar => run(xs), [inputs]);
    return { value, gradient: pullback(1)[0] };
  },
};

describe("values and gradients are the same bits", () => {
  for (const [name, way] of Object.entries(ways)) {
    test(`with ${name}`, () => {
      fc.assert(
        fc.property(recipes(25, ["float64", "float32"]), (recipe) => {
          const program = programOf(recipe, "all");
          expect(bits(way(program))).toEqual(bits(derive(program, program.inputs)));
        }),
      );
    });
  }

  test("as the value of a plain call, on tensors and on numbers", () => {
    fc.assert(
      fc.property(recipes(25), (recipe) => {
        const program = programOf(recipe, "all");
        const { value } = derive(program, program.inputs);
        expect(numbersOf(program.run(program.inputs))).toEqual(numbersOf(value));
        const numbers = program.inputs.map((x) => (x.rank === 0 ? x.item() : x));
        expect(numbersOf(program.run(numbers))).toEqual(numbersOf(value));
        const slopes = grad((xs: readonly Value[]): Scalar => program.run(xs))(numbers);
        expect(bits({ value, gradient: slopes })).toEqual(bits(derive(program, program.inputs)));
      }),
    );
  });
});

test("tangents are the same bits under an outer grad and an outer jvp", () => {
  fc.assert(
    fc.property(recipes(25, ["float64", "float32"]), (recipe) => {
      const program = programOf(recipe, "all");
      const random = new Numbers(recipe.seed, recipe.dtype);
      const direction = program.inputs.map((x) => random.tensor(x.shape));
      const f = (xs: Tensors): Scalar => program.run(xs);
      const push = (xs: Tensors): readonly Value[] => jvp(f, [xs], [direction]);
      const inside = (transform: (g: (xs: Tensors) => Scalar) => unknown): readonly Value[] => {
        let found: readonly Value[] = [];
        transform((xs) => {
          const [value, tangent] = jvp(f, [xs], [direction]);
          found = detach([value, tangent]);
          return value;
        });
        return found;
      };
      const want = bits({ value: 0, gradient: push(program.inputs) });
      expect(bits({ value: 0, gradient: inside((g) => grad(g)(program.inputs)) })).toEqual(want);
      expect(bits({ value: 0, gradient: inside((g) => jvp(g, [program.inputs], [direction])) })).toEqual(want);
    }),
  );
});
