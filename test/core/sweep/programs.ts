// Random programs on numbers and vectors for the laws of tape and transforms. A recipe is plain data, so a counterexample
// can be read; programs are drawn from its seed, because a list of ten thousand steps would be too slow to draw and shrink.
import fc from "fast-check";
import {
  abs,
  add,
  div,
  dot,
  exp,
  flip,
  less,
  log,
  max,
  maximum,
  mean,
  mul,
  neg,
  norm,
  relu,
  type Scalar,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  sub,
  type Tensor,
  tanh,
  tensor,
  type Value,
  where,
} from "gradtape";
import { type FloatDtype, Numbers } from "../../truth/numbers";

export interface Recipe {
  readonly seed: number;
  readonly steps: number;
  /** Inputs, of which every second is a vector. */
  readonly inputs: number;
  /** Length of all vectors. */
  readonly size: number;
  readonly dtype: FloatDtype;
}

/** An elementwise step with what the naive differentiator needs. It maps [-1, 1] to itself, so values stay bounded. */
interface Smooth {
  readonly arity: 1 | 2;
  run(a: Value, b: Value): Value;
  value(a: number, b: number): number;
  partials(a: number, b: number, y: number): readonly number[];
}

const unary = (
  run: (x: Value) => Value,
  value: (x: number) => number,
  d: (x: number, y: number) => number,
): Smooth => ({
  arity: 1,
  run: (x) => run(x),
  value,
  partials: (x, _, y) => [d(x, y)],
});

export const smooth: Readonly<Record<string, Smooth>> = {
  tanh: unary(tanh, Math.tanh, (_, y) => 1 - y * y),
  sin: unary(sin, Math.sin, (x) => Math.cos(x)),
  neg: unary(
    neg,
    (x) => -x,
    () => -1,
  ),
  square: unary(
    square,
    (x) => x * x,
    (x) => 2 * x,
  ),
  sigmoid: unary(
    sigmoid,
    (x) => 1 / (1 + Math.exp(-x)),
    (_, y) => y * (1 - y),
  ),
  decay: unary(
    (x) => exp(sub(x, 1)),
    (x) => Math.exp(x - 1),
    (_, y) => y,
  ),
  mul: { arity: 2, run: mul, value: (a, b) => a * b, partials: (a, b) => [b, a] },
  average: { arity: 2, run: (a, b) => mul(add(a, b), 0.5), value: (a, b) => (a + b) * 0.5, partials: () => [0.5, 0.5] },
  half: { arity: 2, run: (a, b) => div(sub(a, b), 2), value: (a, b) => (a - b) / 2, partials: () => [0.5, -0.5] },
};

/** Steps with kinks, poles and other shapes; for laws that compare the library with itself. */
const rough: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  relu: (a) => relu(a),
  abs: (a) => abs(a),
  sqrt: (a) => sqrt(a),
  log: (a) => log(a),
  div,
  maximum,
  where: (a, b) => where(less(a, b), a, b),
};
const roughPairs = ["div", "maximum", "where"];
const onVectors: Readonly<Record<string, (a: Tensor) => Tensor>> = {
  softmax: (a) => softmax(a),
  flip: (a) => flip(a),
};
const toNumber: Readonly<Record<string, (a: Tensor) => Tensor>> = {
  mean: (a) => mean(a),
  max: (a) => max(a),
  norm: (a) => norm(a),
  dot: (a) => dot(a, a),
};

interface Node {
  readonly op: string;
  readonly a: number;
  readonly b: number;
  readonly vector: boolean;
}

export interface Program {
  readonly inputs: readonly Tensor[];
  /** The nodes behind the inputs. */
  readonly nodes: readonly Node[];
  /** The mean of the last few nodes. */
  run(xs: readonly Value[]): Scalar;
}

/** How many of the last nodes the result is made of. */
export const ENDS = 3;

/** The program of a recipe. `kind`: "smooth" steps only, or all of them. */
export function programOf({ seed, steps, inputs, size, dtype }: Recipe, kind: "smooth" | "all"): Program {
  const numbers = new Numbers(seed, dtype);
  const xs = Array.from({ length: inputs }, (_, i) =>
    i % 2 === 0 ? tensor(numbers.uniform(-1, 1), { dtype }) : tensor(numbers.list(size, -1, 1), { dtype }),
  );
  const vector = xs.map((_, i) => i % 2 === 1);
  const names = [...Object.keys(smooth), ...(kind === "all" ? Object.keys(rough) : [])];
  const reductions = kind === "all" ? Object.keys(toNumber) : ["mean"];
  const nodes: Node[] = [];
  for (let s = 0; s < steps; s++) {
    const pick = (): number => {
      const n = vector.length;
      return numbers.uniform(0, 1) < 0.6 ? n - 1 - numbers.integer(Math.min(n, 4)) : numbers.integer(n);
    };
    const [a, b, chance] = [pick(), pick(), numbers.uniform(0, 1)];
    let op = names[numbers.integer(names.length)];
    if (vector[a] && chance < 0.2) op = reductions[numbers.integer(reductions.length)];
    else if (vector[a] && chance < 0.35 && kind === "all") op = chance < 0.28 ? "softmax" : "flip";
    const two = smooth[op]?.arity === 2 || roughPairs.includes(op);
    const isVector = op in toNumber ? false : Boolean(vector[a] || (two && vector[b]));
    nodes.push({ op, a, b: two ? b : a, vector: isVector });
    vector.push(isVector);
  }
  return { inputs: xs, nodes, run: (given) => runNodes(nodes, given) };
}

function runNodes(nodes: readonly Node[], xs: readonly Value[]): Scalar {
  const values: Value[] = [...xs];
  for (const { op, a, b } of nodes) {
    const [x, y] = [values[a], values[b]];
    const binary = smooth[op]?.run ?? rough[op];
    const unary = onVectors[op] ?? toNumber[op];
    values.push(binary !== undefined ? binary(x, y) : unary?.(x as Tensor));
  }
  const ends = values.slice(-ENDS).map((x): Scalar => (typeof x === "number" ? x : x.rank === 0 ? x : mean(x)));
  return div(
    ends.reduce((sum: Scalar, x): Scalar => add(sum, x)),
    ENDS,
  );
}

/** Recipes with up to `steps` steps. */
export const recipes = (steps: number, dtypes: readonly FloatDtype[] = ["float64"]): fc.Arbitrary<Recipe> =>
  fc.record({
    seed: fc.integer(),
    steps: fc.integer({ min: 1, max: steps }),
    inputs: fc.integer({ min: 1, max: 4 }),
    size: fc.integer({ min: 1, max: 4 }),
    dtype: fc.constantFrom(...dtypes),
  });

/** Numbers of a value. */
export const numbersOf = (x: Value): number[] => (typeof x === "number" ? [x] : Array.from(x.data));
