// Random programs of ops that declare what they are, and of some that declare nothing, on small whole numbers.
import fc from "fast-check";
import {
  add,
  broadcastTo,
  defineLinear,
  div,
  einsum,
  eye,
  mul,
  neg,
  reshape,
  scatterAdd,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  type Value,
  zeros,
} from "gradtape";
import type { Program } from "../../src/core/op/op";
import { asHandle } from "../../src/core/tensor/value";
import { stridedPad } from "../../src/ops/movement/strided-window";
import type { Operand } from "../../src/rewrite/prune";
import { generator } from "../../src/testing/random";
import { programOf, whole } from "./spelled";

/** The diagonal of a matrix: an op that declares one letter twice. */
export const diagonal = defineLinear({
  name: "diagonalOf",
  shape: ([n = 0]) => [n],
  evaluate: (out, x) => {
    out.forEach((_, i) => {
      out[i] = x.data[i * (out.length + 1)] ?? 0;
    });
  },
  transpose: (yBar) => mul(reshape(yBar, [-1, 1]), eye(yBar.size)),
  declares: { contraction: () => "aa->a" },
});

/** How many rows indices may name, the last of them by -1. */
const ROWS = 4;
/** Tensors stay this small. */
const MOST = 100;

/** What a step is made of: tensors so far, and a number for all lesser choices. */
interface Choice {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly indices: Tensor;
  readonly more: number;
}

/** Whether b can be stretched to the shape of a. */
const fits = (a: Tensor, b: Tensor): boolean =>
  b.rank <= a.rank && b.shape.every((n, i) => n === 1 || n === a.shape[a.rank - b.rank + i]);
/** b, or the sum of its elements, which goes with everything. */
const beside = (a: Tensor, b: Tensor): Tensor => (fits(a, b) ? b : asTensor(sum(b)));
const asTensor = (x: Value): Tensor => asHandle(x);

/** A sum of products of a and b: letters by size, each shared or not, and in the output or not, as the bits of `more` say. */
function contracted({ a, b, more }: Choice): Tensor {
  const bit = (k: number): boolean => ((more >> k) & 1) === 1;
  const letters = "abcdefgh";
  const first = a.shape.map((_, i) => letters[i]);
  const free = new Set(first.filter((_, i) => bit(i)));
  const second = b.shape.map((n, j) => {
    const found = first.find((letter, i) => free.has(letter) && a.shape[i] === n) ?? letters[a.rank + j];
    free.delete(found);
    return found;
  });
  const output = [...new Set([...first, ...second])].filter((_, k) => bit(4 + k));
  return asTensor(einsum(`${first.join("")},${second.join("")}->${output.join("")}`, a, b));
}

const sizes = [1, 2, 3, 4];
const STEPS: readonly ((c: Choice) => Tensor)[] = [
  ({ a, b }) => mul(a, beside(a, b)),
  ({ a, b }) => add(a, beside(a, b)),
  ({ a, b }) => sub(beside(a, b), a),
  contracted,
  contracted,
  ({ a, more }) =>
    transpose(
      a,
      a.shape.map((_, i) => (i + more) % a.rank),
    ),
  ({ a, more }) => reshape(a, a.size % 2 === 0 && more % 2 === 0 ? [2, a.size / 2] : [a.size]),
  ({ a }) => reshape(a, [...a.shape.slice(0, 1), 1, ...a.shape.slice(1)]),
  ({ a, more }) => broadcastTo(a, [sizes[more % 4], ...a.shape]),
  ({ a, more }) => (a.rank === 0 ? a : asTensor(sum(a, { axis: more % a.rank }))),
  ({ a }) => neg(a),
  ({ a, more }) => div(a, [-1, 2, 0.5][more % 3]),
  ({ a, more }) => mul(a, tensor([more % 3])),
  ({ a, more }) => add(zeros(a.shape), more % 2 === 0 ? a : mul(a, zeros([]))),
  ({ a, more }) => window(a, more % Math.max(1, a.rank), more),
  ({ a, indices }) => scatterAdd(zeros([ROWS, ...a.shape]), indices.at(0), a),
  ({ a, indices }) => scatterAdd(zeros([ROWS]), indices, broadcastTo(reshape(asTensor(sum(a)), [1]), indices.shape)),
  ({ a, indices }) =>
    a.rank > 0 && a.shape[0] === indices.shape[0] ? scatterAdd(zeros([ROWS, ...a.shape.slice(1)]), indices, a) : a,
  ({ a }) => (a.rank === 2 && a.shape[0] === a.shape[1] ? diagonal(a) : a),
  ({ a }) => (a.rank > 0 && a.shape[0] > 1 ? slice(a, [{ start: 1 }]) : a),
  ({ a }) => square(a),
];

/** a on zeros, forward or backward, along an axis. */
function window(a: Tensor, axis: number, more: number): Tensor {
  if (a.rank === 0) return a;
  const step = [1, 2, -1][more % 3];
  const size = a.shape[axis];
  const whole = (size - 1) * Math.abs(step) + 1 + (more % 3) + 1;
  const start = step > 0 ? more % 2 : whole - 1;
  const along = (own: number, other: readonly number[]) => other.map((x, i) => (i === axis ? own : x));
  const frame = {
    starts: along(
      start,
      a.shape.map(() => 0),
    ),
    steps: along(
      step,
      a.shape.map(() => 1),
    ),
    sizes: a.shape,
    shape: a.shape,
  };
  return stridedPad(asHandle(a), { window: frame, shape: along(whole, a.shape), value: 0 });
}

/** A program, numbers for it, which inputs differ by sample, and some of its outputs, and what is needed anyway. */
export interface RandomProgram {
  readonly program: Program;
  readonly inputs: readonly Tensor[];
  readonly varying: readonly boolean[];
  readonly outputs: readonly Operand[];
  readonly anyway: readonly Operand[];
}

/** Programs over a vector, a matrix and a square matrix that all samples share, others of each sample, and indices. */
export const programs: fc.Arbitrary<RandomProgram> = fc
  .record({
    draws: fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(), fc.nat(), fc.nat(4095)), {
      minLength: 1,
      maxLength: 10,
    }),
    outputs: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
    anyway: fc.array(fc.nat(), { maxLength: 2 }),
    seed: fc.nat(),
  })
  .map(({ draws, outputs, anyway, seed }) => {
    const random = generator(seed);
    const shapes = [[3], [2, 3], [3], [3, 3], [2, 3], [2]];
    const inputs = shapes.map((shape) => whole(random, shape));
    const indices = tensor(
      [0, 1, 2].map(() => Math.floor(random() * (ROWS + 1)) - 1),
      { dtype: "int32" },
    );
    const all = [...inputs, indices];
    const program = programOf(
      all.map((x) => asHandle(x)),
      (xs) => {
        const pool = xs.slice(0, shapes.length);
        for (const [op, a, b, more] of draws) {
          // Late tensors are read more often than early ones: long chains.
          const late = (n: number): Tensor => pool[pool.length - 1 - (n % Math.min(pool.length, n % 3 === 0 ? 12 : 2))];
          const y = STEPS[op]({ a: late(a), b: late(b), indices: xs[shapes.length], more });
          if (y.size <= MOST && y.rank <= 4) pool.push(y);
        }
        return pool;
      },
    );
    const count = program.outputs.length;
    const slots = (places: readonly number[]) => places.map((k) => program.outputs[count - 1 - (k % count)]);
    return {
      program,
      inputs: all,
      varying: [false, false, true, true, true, true, true],
      outputs: slots(outputs),
      anyway: slots(anyway),
    };
  });
