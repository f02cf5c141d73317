// Random loop bodies, and the loop that JavaScript would run: for the laws of scan, forLoop and whileLoop.
import fc from "fast-check";
import {
  add,
  cast,
  type Dtype,
  matmul,
  mean,
  mul,
  sigmoid,
  sin,
  stack,
  sum,
  type Tensor,
  tanh,
  tensor,
  zeros,
} from "gradtape";
import { type FloatDtype, Numbers } from "../truth/numbers";

/** A vector, a number and a counter. */
export interface Carry {
  readonly h: Tensor;
  readonly s: Tensor;
  readonly steps: Tensor;
}
export interface Row {
  readonly a: Tensor;
  readonly nested: readonly [Tensor];
}
export interface Out {
  readonly wave: Tensor;
  readonly mean: Tensor;
  readonly steps: Tensor;
}

export interface LoopRecipe {
  readonly length: number;
  readonly size: number;
  readonly reverse: boolean;
  readonly checkpoint: boolean | number;
  readonly dtype: FloatDtype;
  readonly seed: number;
}

export const loopRecipes: fc.Arbitrary<LoopRecipe> = fc.record({
  length: fc.integer({ min: 0, max: 7 }),
  size: fc.integer({ min: 1, max: 3 }),
  reverse: fc.boolean(),
  checkpoint: fc.constantFrom<boolean | number>(false, false, true, 1, 2, 3, 5, 100),
  dtype: fc.constantFrom<FloatDtype>("float64", "float64", "float64", "float32"),
  seed: fc.integer(),
});

/** What a loop is called with; w is captured by its body. */
export interface Arguments {
  readonly init: Carry;
  readonly xs: Row;
  readonly w: Tensor;
}

export function argumentsOf({ length, size, dtype, seed }: LoopRecipe, batch: readonly number[] = []): Arguments {
  const numbers = new Numbers(seed, dtype);
  return {
    init: {
      h: numbers.tensor([...batch, size]),
      s: numbers.tensor(batch),
      steps: cast(zeros(batch), "int32"),
    },
    xs: { a: numbers.tensor([...batch, length, size]), nested: [numbers.tensor([...batch, length])] },
    w: numbers.tensor([...batch, size, size]),
  };
}

export const bodyOf =
  (w: Tensor) =>
  ({ h, s, steps }: Carry, { a, nested: [b] }: Row): readonly [Carry, Out] => {
    const next = tanh(add(matmul(w, h), mul(a, s)));
    const carry = {
      h: next,
      s: sigmoid(add(mul(0.9, s), mul(b, mean(next)))),
      steps: add(steps, tensor(1, { dtype: "int32" })),
    };
    return [carry, { wave: sin(mul(next, h)), mean: mul(s, mean(h)), steps }];
  };

/** The loop as JavaScript runs it. */
export function unrolled(
  body: (carry: Carry, x: Row) => readonly [Carry, Out],
  init: Carry,
  xs: Row,
  { length, reverse }: { readonly length: number; readonly reverse: boolean },
): [Carry, Out] {
  let carry = init;
  const rows: Out[] = [];
  for (let step = 0; step < length; step++) {
    const i = reverse ? length - 1 - step : step;
    const [next, y] = body(carry, { a: xs.a.at(i), nested: [xs.nested[0].at(i)] });
    carry = next;
    rows[i] = y;
  }
  const stacked = (of: (row: Out) => Tensor, shape: readonly number[], dtype: Dtype): Tensor =>
    rows.length === 0 ? zeros([0, ...shape], { dtype }) : stack(rows.map(of));
  const ys = {
    wave: stacked((row) => row.wave, init.h.shape, init.h.dtype),
    mean: stacked((row) => row.mean, [], init.s.dtype),
    steps: stacked((row) => row.steps, [], "int32"),
  };
  return [carry, ys];
}

/** One number that depends on all of the floats of a result. */
export function total([carry, ys]: readonly [Carry, Out]): Tensor {
  const terms: Tensor[] = [sum(mul(carry.h, carry.h)), carry.s, sum(sin(ys.wave)), sum(mul(ys.mean, ys.mean))];
  return terms.reduce<Tensor>((all, x) => add(all, cast(x, "float64")), tensor(0));
}
