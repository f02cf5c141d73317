// Random programs over tensors of random shapes and dtypes: what they compute, and what is computed of their gradients.
import fc from "fast-check";
import { add, cast, mul, sum, type Tensor, tensor, type Value } from "gradtape";
import { type Dtype, isFloat } from "../../src/base/dtype";
import { asHandle } from "../../src/core/tensor/value";
import { generator } from "../../src/testing/random";
import { isSmall, MOST, SIZES, STEPS } from "./random-steps";

/** Numbers for one draw of a program: what is shrunk. */
interface Drawn {
  readonly inputs: readonly { readonly dtype: Dtype; readonly sizes: readonly number[] }[];
  readonly steps: readonly { readonly step: number; readonly of: readonly number[]; readonly seed: number }[];
  readonly outputs: readonly number[];
  readonly seed: number;
}

export interface RandomProgram {
  /** The results: of floats alone there are gradients. */
  readonly run: (xs: readonly Tensor[]) => Tensor[];
  /** A number of all float results together. */
  readonly loss: (xs: readonly Tensor[]) => Tensor;
  readonly inputs: readonly Tensor[];
  /** Other numbers for the same program. */
  readonly others: readonly Tensor[];
}

const asTensor = (x: Value | boolean): Tensor => asHandle(x);

/** Small whole numbers. */
function whole(random: () => number, shape: readonly number[], dtype: Dtype): Tensor {
  const data = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
    dtype === "bool" ? Math.floor(random() * 2) : Math.floor(random() * 7) - 3,
  );
  return tensor(data, { shape, dtype });
}

/** Sizes from the right of which no more than are small are taken. */
function shapeOf(sizes: readonly number[]): number[] {
  const shape: number[] = [];
  for (const k of sizes) if (shape.reduce((a, b) => a * b, SIZES[k]) <= MOST) shape.push(SIZES[k]);
  return shape;
}

export function programOf(kind: keyof typeof STEPS, { inputs, steps, outputs, seed }: Drawn): RandomProgram {
  const random = generator(seed);
  const dtypeOf = (dtype: Dtype): Dtype => (kind === "double" ? "float64" : dtype);
  const draw = (): Tensor[] => inputs.map(({ dtype, sizes }) => whole(random, shapeOf(sizes), dtypeOf(dtype)));
  const first = draw();
  const captured = [
    whole(random, [3], "float64"),
    tensor(2, { dtype: dtypeOf("float32") }),
    whole(random, [5, 7], dtypeOf("float32")),
  ];
  const table = STEPS[kind];
  const run = (xs: readonly Tensor[]): Tensor[] => {
    const pool = [...captured, ...xs];
    for (const { step, of, seed: own } of steps) {
      const numbers = generator(own);
      // Late tensors are read more often than early ones: long chains.
      const [a, b, c] = of.map(
        (n) => pool[pool.length - 1 - (n % (n % 3 === 0 ? pool.length : Math.min(pool.length, 3)))],
      );
      const pick = (count: number): number => Math.floor(numbers() * Math.max(1, count));
      const made = asTensor(table[step % table.length]({ a, b, c, pick }));
      // Single truths are for conditions, and those must be used.
      const y = made.dtype === "bool" && made.rank === 0 ? asTensor(cast(made, "int32")) : made;
      if (isSmall(y)) pool.push(y);
    }
    const made = pool.slice(captured.length);
    return outputs.map((n) => made[made.length - 1 - (n % Math.min(made.length, 4))]);
  };
  const loss = (xs: readonly Tensor[]): Tensor =>
    run(xs)
      .filter((y) => isFloat(y.dtype))
      .map((y, k) => sum(mul(cast(y, "float64"), k + 1)))
      .reduce<Tensor>((a, b) => asTensor(add(a, b)), asTensor(0));
  return { run, loss, inputs: first, others: draw() };
}

/** Programs of up to twelve steps. */
export const programs = (kind: keyof typeof STEPS): fc.Arbitrary<RandomProgram> =>
  fc
    .record({
      inputs: fc.array(
        fc.record({
          dtype: fc.constantFrom<Dtype[]>("float64", "float32", "float32", "int32", "bool"),
          sizes: fc.array(fc.nat(SIZES.length - 1), { maxLength: 3 }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
      steps: fc.array(
        fc.record({ step: fc.nat(999), of: fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)), seed: fc.nat() }),
        { minLength: 1, maxLength: 12 },
      ),
      outputs: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      seed: fc.nat(),
    })
    .map((drawn) => {
      const program = programOf(kind, drawn);
      return Object.defineProperty(program, fc.toStringMethod, { value: () => described(kind, drawn) });
    });

/** A program as it is read in a report: its draw, and the tape. */
function described(kind: keyof typeof STEPS, drawn: Drawn): string {
  return `${kind} ${JSON.stringify(drawn)}`;
}
