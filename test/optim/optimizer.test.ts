import { readFileSync } from "node:fs";
import {
  add,
  type Gradient,
  grad,
  mul,
  pow,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  variable,
  vmap,
} from "gradtape";
import { adagrad, adam, adamW, type Optimizer, type OptimizerState, rmsprop, sgd } from "gradtape/optim";
import { describe, expect, expectTypeOf, test } from "vitest";
import { withoutKernels } from "../../src/ops/define/elementwise-loops";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { numbersOf } from "./numbers";

interface Step {
  readonly step: number;
  readonly w: readonly number[];
  readonly b: number;
}
const golden: { cases: { name: string; options: never; steps: Step[] }[] } = JSON.parse(
  readFileSync(new URL("../fixtures/optim/torch.json", import.meta.url), "utf8"),
);

const makers: Readonly<Record<string, (options: never) => Optimizer<string>>> = { sgd, adam, adamW, rmsprop, adagrad };

type Params = { w: Tensor<readonly [3]>; b: Scalar };
const start = (): Params => ({ w: tensor([1.5, -0.5, 0.25]), b: 0.75 });
const cost = ({ w, b }: Params): Scalar => {
  const quartic = mul(0.25, sum(pow(sub(w, tensor([0, 1, 0.25])), 4)));
  return add(add(quartic, mul(mul(w.at(0), w.at(1)), b)), square(sub(b, 1)));
};

function run<K extends string>(optimizer: Optimizer<K>, steps: number): [Params, OptimizerState<K, Params>] {
  let params = start();
  let state = optimizer.init(params);
  for (let i = 0; i < steps; i++) [params, state] = optimizer.update(grad(cost)(params), state, params);
  return [params, state];
}

describe("optimizers", () => {
  test.each(golden.cases)("$name: the values of PyTorch", ({ name, options, steps }) => {
    const optimizer = makers[name.split(" ")[0]](options);
    for (const { step, w, b } of steps) {
      const [params, state] = run(optimizer, step);
      w.forEach((wanted, i) => {
        expect(params.w.data[i]).toBeCloseTo(wanted, 11);
      });
      expect(params.b).toBeCloseTo(b, 11);
      expect(state.step).toBe(step);
    }
  });

  test.each(Object.keys(makers))("%s: numbers stay numbers, dtypes stay, and nothing is recorded", (name) => {
    const optimizer = makers[name](untyped({ rate: 0.1 }));
    const params = { w: tensor([1, 2], { dtype: "float32" }), b: 1 };
    const gradients = { w: tensor([1, 2]), b: 3 };
    const [updated, state] = optimizer.update(gradients, optimizer.init(params), params);
    expect(typeof updated.b).toBe("number");
    expect(updated.w.dtype).toBe("float32");
    expect(tree.leaves([updated, state]).some(({ value }) => typeof value !== "number" && value.watched)).toBe(false);
    expect(tree.leaves(state).map(({ path }) => path)[0]).toBe("step");
    expect(params.w.toArray()).toEqual([1, 2]);
  });

  test.each(Object.keys(makers))("%s: traced, an update gives the same at every step", (name) => {
    const optimizer = makers[name](untyped({ rate: 0.1 }));
    const gradient = grad(cost)(start());
    const update = (g: Gradient<Params>, s: OptimizerState<string, Params>, p: Params) => optimizer.update(g, s, p);
    let [params, state] = [start(), optimizer.init(start())];
    const tape = trace(update)(gradient, state, params);
    for (let i = 0; i < 3; i++) {
      const replayed = tape.replay(gradient, state, params);
      [params, state] = update(gradient, state, params);
      expect(numbersOf(replayed)).toEqual(numbersOf([params, state]));
    }
  });

  const options = [{ rate: 0.1 }, { rate: 0.1, momentum: 0.9 }, { rate: 0.1, momentum: 0.9, nesterov: true }];
  const updates: [name: string, optimizer: Optimizer<string>][] = [
    ...options.map((given): [string, Optimizer<string>] => [`sgd ${JSON.stringify(given)}`, sgd(given)]),
    ["adam", adam({ rate: 0.1 })],
    ["adamW", adamW({ rate: 0.1 })],
    ["rmsprop", rmsprop()],
    ["rmsprop with momentum", rmsprop({ momentum: 0.5 })],
    ["adagrad", adagrad()],
  ];
  test.each(updates)("%s: large tensors are updated in a kernel, as ops would", (_, optimizer) => {
    for (const dtype of ["float64", "float32"] as const) {
      const numbers = (turn: number) =>
        tensor(
          Array.from({ length: 20_003 }, (_, i) => Math.sin(i + turn)),
          { dtype },
        );
      const stateAfter = (steps: number): number[] => {
        let params = numbers(0);
        let state = optimizer.init(params);
        for (let i = 1; i <= steps; i++) [params, state] = optimizer.update(numbers(i), state, params);
        expect(params.dtype).toBe(dtype);
        return numbersOf([params, state]);
      };
      const [got, want] = [stateAfter(3), withoutKernels(() => stateAfter(3))];
      if (dtype === "float64") expect(got).toEqual(want);
      else expect(got.findIndex((x, i) => Math.abs(x - want[i]) > 1e-6 * (1 + Math.abs(want[i])))).toBe(-1);
    }
  });

  test("large parameters that are watched stay watched", () => {
    const zeros = tensor(new Array<number>(100).fill(0));
    const [x] = sgd({ rate: 0.1 }).update(
      zeros,
      { step: 0, velocity: zeros },
      variable(new Array<number>(100).fill(1)),
    );
    expect(x.watched).toBe(true);
  });

  test("a gradient goes through an update, for parameters and for rates of each sample", () => {
    const optimizer = sgd({ rate: 0.1 });
    const after = (x: Scalar): Scalar => {
      const [y] = optimizer.update(grad((z: Scalar) => square(z))(x), { step: 0, velocity: 0 }, x);
      return square(y);
    };
    expect(grad(after)(3)).toBeCloseTo(2 * 0.8 * 0.8 * 3, 12);
    expect(vmap((x: Tensor<readonly []>) => grad(after)(x))(tensor([3, 1])).toArray()).toEqual([
      expect.closeTo(3.84, 12),
      expect.closeTo(1.28, 12),
    ]);
  });

  test("watched parameters stay watched", () => {
    const [x] = sgd({ rate: 0.1 }).update(tensor([1]), { step: 0, velocity: tensor([0]) }, variable([1]));
    expect(x.watched).toBe(true);
  });

  test("a rate may be a function of the updates done", () => {
    const seen: number[] = [];
    const optimizer = sgd({
      rate: (step) => {
        seen.push(step);
        return 1 / (step + 1);
      },
    });
    let [x, state] = [0, optimizer.init(0)];
    for (let i = 0; i < 3; i++) [x, state] = optimizer.update(-1, state, x);
    expect(x).toBeCloseTo(1 + 1 / 2 + 1 / 3, 14);
    expect(seen).toEqual([0, 1, 2]);
  });

  test("states are typed like the parameters", () => {
    const optimizer = adam();
    const params = { layers: [{ w: tensor([[1, 2]]) }], b: 0.5 };
    const state = optimizer.init(params);
    expectTypeOf(state.mean).toEqualTypeOf(params);
    expectTypeOf(optimizer.update(params, state, params)[0]).toEqualTypeOf(params);
    // @ts-expect-error the state of sgd is not one of adam
    expect(() => optimizer.update(params, sgd({ rate: 1 }).init(params), params)).toThrow("state.mean is missing");
  });
});

describe("what does not belong together", () => {
  const optimizer = adam();
  const params = { layers: [{ w: tensor([1, 2]) }], b: 0 };
  const update = (gradients: unknown, state: unknown): string =>
    errorOf(() =>
      optimizer.update(gradients as typeof params, state as OptimizerState<"mean" | "square", typeof params>, params),
    );
  const hint = "A state belongs to the parameters and the optimizer whose init made it.";

  test("a state of other parameters", () => {
    expect(update(params, optimizer.init({ layers: [], b: 0 }))).toBe(
      "[tree/mismatch] adam.update: the trees differ: state.mean.layers has length 0 where the first has 1. Give both trees the same keys and array lengths.",
    );
    expect(update(params, optimizer.init({ layers: [{ w: tensor([1, 2, 3]) }], b: 0 }))).toBe(
      `[tree/mismatch] adam.update: state.mean.layers[0].w has shape [3], but params.layers[0].w has shape [2]. ${hint}`,
    );
  });

  test("a state of another optimizer, or none", () => {
    expect(update(params, sgd({ rate: 1 }).init(params))).toBe(
      `[tree/mismatch] adam.update: state.mean is missing. Write update(gradients, state, params). ${hint}`,
    );
    expect(update(params, undefined)).toBe(
      `[tree/mismatch] adam.update: state must be what init or update gave, got undefined. Write update(gradients, state, params). ${hint}`,
    );
  });

  test("gradients of other parameters", () => {
    const state = optimizer.init(params);
    expect(update({ layers: [{ w: tensor([1, 2]) }] }, state)).toBe(
      "[tree/mismatch] adam.update: the trees differ: gradients.b is missing. Give both trees the same keys and array lengths.",
    );
    expect(update({ layers: [{ w: tensor([[1, 2]]) }], b: 0 }, state)).toBe(
      "[tree/mismatch] adam.update: gradients.layers[0].w has shape [1, 2], but params.layers[0].w has shape [2]. Gradients must be shaped like the parameters.",
    );
  });

  test("parameters that have no derivative, and options that make no sense", () => {
    expect(errorOf(() => optimizer.init({ n: tensor([1], { dtype: "int32" }) }))).toContain(
      "[tree/leaf] adam.init: params.n is int32",
    );
    expect(errorOf(() => sgd({ rate: -1 }))).toBe(
      "[argument/number] sgd: rate must be a number >= 0, got -1. The smallest allowed is 0.",
    );
    expect(errorOf(() => adam({ beta1: 2 }))).toBe(
      "[argument/number] adam: beta1 must be a number from 0 to below 1, got 2. It must stay below 1.",
    );
    expect(
      errorOf(() => rmsprop({ decay: 1 })),
      "FAULTS 21",
    ).toBe("[argument/number] rmsprop: decay must be a number from 0 to below 1, got 1. It must stay below 1.");
    expect(errorOf(() => rmsprop({ decai: 0.9 } as never))).toBe(
      '[option/unknown] rmsprop: unknown option "decai". Did you mean "decay"?',
    );
    expect(errorOf(() => sgd(undefined as never))).toBe(
      "[argument/number] sgd: rate must be a number >= 0, got undefined. Give a value: there is no default.",
    );
  });
});
