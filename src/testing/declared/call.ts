import { allocate } from "../../base/allocate";
import { isFloat } from "../../base/dtype";
import { digits } from "../../base/format";
import { sameShape, sizeOf } from "../../base/shape";
import type { CoreOp } from "../../core/op/op";
import { type Handle, makeTensor } from "../../core/tensor/handle";

/** One call of an op, which is held to what the op declares. */
export interface Call {
  readonly op: CoreOp;
  readonly inputs: readonly Handle[];
  readonly attrs: unknown;
  readonly outputs: readonly Handle[];
}

/** What is wrong with a declaration. */
export interface Finding {
  readonly text: string;
  readonly got: unknown;
  readonly want: unknown;
  readonly hint: string;
}

/** Errors allowed, relative to the sizes of the terms that are added up, and whatever they are. */
export interface Bounds {
  readonly relative: number;
  readonly absolute: number;
}

/** What numbers an output should have, and the size of the terms that each is the sum of. */
export interface Wanted {
  readonly numbers: ArrayLike<number>;
  readonly terms?: ArrayLike<number>;
}

/** What `evaluate` gives: without the short cuts that declared facts allow. */
export function evaluated<Attrs>(op: CoreOp<Attrs>, inputs: readonly Handle[], attrs: Attrs): readonly Handle[] {
  const shapes = op.shapes(
    inputs.map((x) => x.shape),
    attrs,
  );
  const dtypes = op.dtypes(
    inputs.map((x) => x.dtype),
    attrs,
  );
  const data = shapes.map((shape, k) => allocate(dtypes[k], sizeOf(shape)));
  op.evaluate(data, inputs, attrs);
  return data.map((numbers, k) => makeTensor(shapes[k], dtypes[k], numbers));
}

/** Something wrong that no number shows. */
export const finding = (text: string, hint: string, got?: unknown, want?: unknown): Finding => ({
  text,
  got,
  want,
  hint,
});

/** "1 input", "2 inputs". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** An output against what a declaration says of its shape and elements. */
export function compareOutput(
  { op, outputs: [y] }: Call,
  what: string,
  shape: readonly number[],
  { numbers, terms = numbers }: Wanted,
  { relative, absolute }: Bounds,
): Finding | null {
  const hint = `What ${op.name} declares and what its evaluate does must be the same.`;
  if (!sameShape(shape, y.shape)) {
    const text = `${what} that ${op.name} declares gives shape [${shape.join(", ")}], its shape rule [${y.shape.join(", ")}]`;
    return finding(text, hint, y.shape, shape);
  }
  // Integers wrap, and float32 rounds, as the output does.
  const wanted = allocate(isFloat(y.dtype) ? "float64" : y.dtype, numbers.length);
  wanted.set(numbers);
  const data = y.data;
  for (let i = 0; i < data.length; i++) {
    const [got, want] = [data[i], wanted[i]];
    if (Number.isNaN(want) || !Number.isFinite(terms[i]) || got === want) continue;
    if (Math.abs(got - want) <= relative * Math.abs(terms[i]) + absolute) continue;
    const text = `${what} that ${op.name} declares gives ${digits(want)} for element ${i} of the output, its evaluate ${digits(got)}`;
    return finding(text, hint, got, want);
  }
  return null;
}
