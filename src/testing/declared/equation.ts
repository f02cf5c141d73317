import { list } from "../../base/errors";
import { type Shape, sizeOf, stridesOf } from "../../base/shape";
import type { Handle } from "../../core/tensor/handle";
import { type Bounds, type Call, compareOutput, counted, type Finding, finding } from "./call";

/** The equation of a contraction, read. */
interface Equation {
  readonly terms: readonly string[];
  readonly output: string;
  readonly sizes: ReadonlyMap<string, number>;
}

/** Beyond so many products only some elements of the output are looked at. */
const PRODUCTS = 1e6;

const HINT =
  'An equation has one term for each input and one letter for each axis; "1" is an axis of size 1 that is stretched; a letter has one size.';

/** The equation, or what is wrong with it, as it goes on behind "the contraction ... of the op". */
function parsed(equation: string, operands: readonly Shape[], shape: Shape): Equation | string {
  const sides = equation.split("->");
  if (sides.length !== 2 || /[->]/.test(sides.join(""))) return 'must be terms, "->" and the output, as in "ab,bc->ac"';
  const [terms, output] = [sides[0].split(","), sides[1]];
  if (operands.length !== terms.length) {
    return `has ${counted(terms.length, "term")} for ${counted(operands.length, "input")}`;
  }
  if (/[1,]/.test(output)) return 'must have letters alone behind "->"';
  if (new Set(output).size < output.length) return 'has a letter twice behind "->"';
  const sizes = new Map<string, number>();
  const from = new Map<string, string>();
  const places = [
    ...operands.map((x, k) => [terms[k], x, `input ${k}`] as const),
    [output, shape, "the output"] as const,
  ];
  for (const [letters, own, place] of places) {
    if (letters.length !== own.length) {
      return `has ${counted(letters.length, "letter")} ("${letters}") for ${place}, which has shape ${list(own)}`;
    }
    for (const [axis, letter] of [...letters].entries()) {
      const size = own[axis];
      const known = sizes.get(letter);
      if (letter === "1" && size !== 1) return `has "1" for axis ${axis} of ${place}, which has size ${size}`;
      if (letter === "1") continue;
      if (known !== undefined && known !== size) {
        return `has letter "${letter}" for size ${known} (${from.get(letter)}) and size ${size} (${place})`;
      }
      sizes.set(letter, size);
      from.set(letter, place);
    }
  }
  return { terms, output, sizes };
}

/** What to add for one more of each of these letters, in a tensor whose axes are called `term`. */
function stepsOf(term: string, shape: Shape, letters: readonly string[]): number[] {
  const strides = stridesOf(shape);
  return letters.map((letter) => strides.reduce((total, stride, i) => total + (term[i] === letter ? stride : 0), 0));
}

/** Calls `visit` for every index of these sizes, by rows. */
function everyIndex(sizes: readonly number[], visit: (index: readonly number[]) => void): void {
  const total = sizeOf(sizes);
  const strides = stridesOf(sizes);
  for (let i = 0; i < total; i++) visit(sizes.map((size, axis) => Math.floor(i / strides[axis]) % size));
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The sums of products that an equation says, by loops, and the sums of their sizes; NaN where nothing is looked at. */
function sumsOf({ terms, output, sizes }: Equation, operands: readonly Handle[]): [Float64Array, Float64Array] {
  const free = [...output];
  const summed = [...sizes.keys()].filter((letter) => !free.includes(letter));
  const sizeOfLetters = (letters: readonly string[]) => letters.map((letter) => sizes.get(letter) ?? 1);
  const products = sizeOf(sizeOfLetters([...free, ...summed]));
  const every = Math.max(1, Math.ceil(products / PRODUCTS));
  const data = operands.map((x) => x.data);
  const outer = operands.map((x, k) => stepsOf(terms[k], x.shape, free));
  const inner = operands.map((x, k) => stepsOf(terms[k], x.shape, summed));
  const count = sizeOf(sizeOfLetters(free));
  const [sums, magnitudes] = [new Float64Array(count).fill(Number.NaN), new Float64Array(count)];
  let position = 0;
  everyIndex(sizeOfLetters(free), (at) => {
    const i = position++;
    if (i % every > 0) return;
    sums[i] = 0;
    everyIndex(sizeOfLetters(summed), (index) => {
      const product = data.reduce((p, numbers, k) => p * numbers[dot(at, outer[k]) + dot(index, inner[k])], 1);
      sums[i] += product;
      magnitudes[i] += Math.abs(product);
    });
  });
  return [sums, magnitudes];
}

/** The output as the contraction of the inputs, or of the operands made of them. */
export function checkContraction(call: Call, bounds: Bounds): Finding | null {
  const { op, inputs, attrs, outputs } = call;
  const { contraction, operands } = op.declares;
  if (contraction === undefined) return null;
  const shapes = inputs.map((x) => x.shape);
  const equation: unknown = contraction(shapes, attrs as never);
  if (equation === null) return null;
  if (typeof equation !== "string") {
    return finding(`the contraction that ${op.name} declares must give a text or null, got ${typeof equation}`, HINT);
  }
  const what = `the contraction "${equation}"`;
  const tensors = operands?.(inputs, attrs as never) ?? inputs;
  const read = parsed(
    equation,
    tensors.map((x) => x.shape),
    outputs[0].shape,
  );
  if (typeof read === "string") return finding(`${what} that ${op.name} declares ${read}`, HINT, equation);
  const [numbers, terms] = sumsOf(read, tensors);
  return compareOutput(call, what, outputs[0].shape, { numbers, terms }, bounds);
}
