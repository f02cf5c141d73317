import { allocate } from "../base/allocate";
import { type Dtype, isFloat } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { type Shape, sizeOf } from "../base/shape";
import { castTo } from "../core/op/sweep-ops";
import { makeTensor } from "../core/tensor/handle";
import type { Tensor, Value } from "../core/tensor/tensor";
import { isTensor, toHandle } from "../core/tensor/tensor-argument";

/** One number or tensor among the arguments of a function, or among its results. */
export interface Leaf {
  readonly path: string;
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** Whether it is a plain number. */
  readonly plain: boolean;
}

/** A function seen as one of its float leaves alone; all its other arguments are constant. */
export interface Subject {
  /** What varies. */
  readonly leaves: readonly Leaf[];
  /** At which point: the elements of each leaf. */
  readonly point: readonly Float64Array[];
  /** The leaves of the result, floats all of them: integers and booleans are cast, so that their derivative is zero. */
  call(xs: readonly Value[]): Value[];
}

/** The elements of a value. */
export const numbersOf = (x: Value): Float64Array =>
  typeof x === "number" ? Float64Array.of(x) : Float64Array.from(x.data);

/** What a value looks like. */
export const leafOf = (path: string, x: Value): Leaf =>
  typeof x === "number"
    ? { path, shape: [], dtype: "float64", plain: true }
    : { path, shape: x.shape, dtype: x.dtype, plain: false };

/** A leaf with these elements. */
export function valueOf(leaf: Leaf, numbers: ArrayLike<number>): Value {
  if (leaf.plain) return numbers[0];
  const data = allocate(leaf.dtype, sizeOf(leaf.shape));
  data.set(numbers);
  return makeTensor(leaf.shape, leaf.dtype, data);
}

const isVarying = (x: unknown): x is Value => typeof x === "number" || (isTensor(x) && isFloat(x.dtype));

const isPlainObject = (x: unknown): x is object =>
  typeof x === "object" && x !== null && [Object.prototype, null].includes(Object.getPrototypeOf(x));

/** Walks a tree; gives what builds it again from the float leaves that were found, in their order. */
function open(tree: unknown, path: string, found: [path: string, x: Value][]): (take: () => unknown) => unknown {
  if (isVarying(tree)) {
    found.push([path, tree]);
    return (take) => take();
  }
  if (Array.isArray(tree)) {
    const items = tree.map((item, i) => open(item, `${path}[${i}]`, found));
    return (take) => items.map((item) => item(take));
  }
  if (isPlainObject(tree)) {
    const fields = Object.entries(tree).map(([key, item]) => [key, open(item, `${path}.${key}`, found)] as const);
    return (take) => Object.fromEntries(fields.map(([key, item]) => [key, item(take)]));
  }
  return () => tree;
}

/** A tree with every number and float tensor replaced. */
export function treeLike<T>(tree: unknown, f: (leaf: Value, k: number) => unknown): T {
  const found: [path: string, x: Value][] = [];
  const build = open(tree, "", found);
  let k = 0;
  return build(() => f(found[k][1], k++)) as T;
}

/** The leaves of a result: numbers, booleans (as 0 and 1) and tensors. */
export function leavesOf(where: string, y: unknown, path = "output"): [path: string, y: Tensor | number | boolean][] {
  if (typeof y === "number" || typeof y === "boolean" || isTensor(y)) return [[path, y]];
  if (Array.isArray(y)) return y.flatMap((item, i) => leavesOf(where, item, `${path}[${i}]`));
  if (isPlainObject(y)) return Object.entries(y).flatMap(([key, item]) => leavesOf(where, item, `${path}.${key}`));
  return fail(
    "testing/output",
    `${where}: ${path} must be a number, a boolean, a tensor, an array or a plain object, got ${describe(y)}.`,
    { path, received: y },
    "Leave out what cannot be compared.",
  );
}

/** The function of the float leaves among `args`; `name` says how the path to an argument begins. */
export function subjectOf(
  where: string,
  f: (args: readonly unknown[]) => unknown,
  args: readonly unknown[],
  name: (position: number) => string,
): Subject {
  const found: [path: string, x: Value][] = [];
  const build = args.map((arg, i) => open(arg, name(i), found));
  const call = (xs: readonly Value[]) => {
    let next = 0;
    const take = () => xs[next++];
    const y = f(build.map((argument) => argument(take)));
    return leavesOf(where, y).map(([, leaf]) => toFloatValue(leaf));
  };
  return { leaves: found.map(([path, x]) => leafOf(path, x)), point: found.map(([, x]) => numbersOf(x)), call };
}

function toFloatValue(y: Tensor | number | boolean): Value {
  if (typeof y === "boolean") return y ? 1 : 0;
  return typeof y === "number" || isFloat(y.dtype) ? y : castTo(toHandle("cast", y), "float64");
}

/** The same function with float64 in the place of float32: what differences are taken of. */
export function widened(subject: Subject): Subject {
  if (subject.leaves.every(({ dtype }) => dtype === "float64")) return subject;
  return { ...subject, leaves: subject.leaves.map((leaf) => ({ ...leaf, dtype: "float64" as const })) };
}

/** The leaves as values at a point. */
export const valuesAt = (subject: Subject, point: readonly Float64Array[] = subject.point): Value[] =>
  subject.leaves.map((leaf, k) => valueOf(leaf, point[k]));

/** The elements of several values, one behind the other. */
export function joined(values: readonly Value[]): Float64Array {
  if (values.length === 1) return numbersOf(values[0]);
  return Float64Array.from(values.flatMap((value) => [...numbersOf(value)]));
}
