import type { TensorData } from "../base/dtype";
import { type Shape, sizeOf } from "../base/shape";

/** Axes that lie one behind another in memory become one: fewer and longer loops. */
function merged(shape: Shape, strides: readonly number[]): [sizes: number[], strides: number[]] {
  const sizes: number[] = [];
  const steps: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === strides[i] * shape[i]) {
      sizes[last] *= shape[i];
      steps[last] = strides[i];
    } else {
      sizes.push(shape[i]);
      steps.push(strides[i]);
    }
  }
  if (sizes.length === 0) return [[1], [1]];
  return [sizes, steps];
}

/**
 * out[i] = x[offset + sum of index * stride], out row-major of `shape`: broadcasts (stride 0), transposes, slices, flips.
 * @internal
 */
export function gather(out: TensorData, shape: Shape, x: TensorData, strides: readonly number[], offset: number): void {
  if (sizeOf(shape) === 0) return;
  const [sizes, steps] = merged(shape, strides);
  const last = sizes.length - 1;
  const count = sizes[last];
  const step = steps[last];
  let to = 0;
  const walk = (axis: number, from: number): void => {
    if (axis === last) {
      if (step === 0) out.fill(x[from], to, to + count);
      else for (let i = 0, at = from; i < count; i++, at += step) out[to + i] = x[at];
      to += count;
      return;
    }
    for (let i = 0, at = from; i < sizes[axis]; i++, at += steps[axis]) walk(axis + 1, at);
  };
  walk(0, offset);
}

/**
 * The transpose of gather: out[offset + sum of index * stride] += x[i].
 * @internal
 */
export function scatter(
  out: TensorData,
  shape: Shape,
  x: TensorData,
  strides: readonly number[],
  offset: number,
): void {
  if (sizeOf(shape) === 0) return;
  const [sizes, steps] = merged(shape, strides);
  const last = sizes.length - 1;
  const count = sizes[last];
  const step = steps[last];
  let from = 0;
  const walk = (axis: number, to: number): void => {
    if (axis === last) {
      for (let i = 0, at = to; i < count; i++, at += step) out[at] += x[from + i];
      from += count;
      return;
    }
    for (let i = 0, at = to; i < sizes[axis]; i++, at += steps[axis]) walk(axis + 1, at);
  };
  walk(0, offset);
}

/** Groups of neighboring axes, each as [elements before, elements in the group, elements behind], last group first. */
function groupsOf(shape: Shape, axes: readonly number[]): [outer: number, count: number, inner: number][] {
  const groups: [number, number, number][] = [];
  const sizes = [...shape];
  for (let end = axes.length - 1; end >= 0; ) {
    let start = end;
    while (start > 0 && axes[start - 1] === axes[start] - 1) start--;
    const [first, last] = [axes[start], axes[end]];
    groups.push([sizeOf(sizes.slice(0, first)), sizeOf(sizes.slice(first, last + 1)), sizeOf(sizes.slice(last + 1))]);
    sizes.splice(first, last - first + 1);
    end = start - 1;
  }
  return groups;
}

/**
 * Folds x over axes (ascending): `fold(out, x, outer, count, inner)` reduces the middle of an [outer, count, inner] array,
 * once for each group of neighboring axes.
 * @internal
 */
export function foldAxes(
  out: TensorData,
  x: TensorData,
  shape: Shape,
  axes: readonly number[],
  fold: (out: TensorData | number[], x: ArrayLike<number>, outer: number, count: number, inner: number) => void,
): void {
  const groups = groupsOf(shape, axes);
  if (groups.length === 0) {
    out.set(x);
    return;
  }
  let from: ArrayLike<number> = x;
  for (let g = 0; g < groups.length; g++) {
    const [outer, count, inner] = groups[g];
    const to = g === groups.length - 1 ? out : new Float64Array(outer * inner);
    fold(to, from, outer, count, inner);
    from = to;
  }
}

/** As many are added one after another; longer sums are those of their halves, so that errors hardly grow with them. */
const RUN = 1024;

/** The sum of many neighbors, in four sums side by side. */
function sumOfRun(x: ArrayLike<number>, start: number, count: number): number {
  if (count > RUN) {
    const half = count >> 1;
    return sumOfRun(x, start, half) + sumOfRun(x, start + half, count - half);
  }
  const end = start + count;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = start;
  for (; i < end - 3; i += 4) {
    a += x[i];
    b += x[i + 1];
    c += x[i + 2];
    d += x[i + 3];
  }
  for (; i < end; i++) a += x[i];
  return a + b + (c + d);
}

/** Rows that lie one behind another, added to sums. */
function addRows(sums: Float64Array, x: ArrayLike<number>, start: number, count: number): void {
  const inner = sums.length;
  if (count > RUN) {
    const half = count >> 1;
    addRows(sums, x, start, half);
    const rest = new Float64Array(inner);
    addRows(rest, x, start + half * inner, count - half);
    for (let j = 0; j < inner; j++) sums[j] += rest[j];
    return;
  }
  for (let i = 0, at = start; i < count; i++) for (let j = 0; j < inner; j++) sums[j] += x[at++];
}

/** Sums the middle axis, in double precision whatever the dtype. @internal */
export function foldSum(
  out: TensorData | number[],
  x: ArrayLike<number>,
  outer: number,
  count: number,
  inner: number,
): void {
  if (inner === 1 && count > RUN) {
    for (let o = 0; o < outer; o++) out[o] = sumOfRun(x, o * count, count);
    return;
  }
  if (inner === 1) {
    for (let o = 0, at = 0; o < outer; o++) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += x[at++];
      out[o] = sum;
    }
    return;
  }
  const sums = out instanceof Float64Array && outer === 1 ? out : new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    if (sums !== out) sums.fill(0);
    addRows(sums, x, o * count * inner, count);
    if (sums !== out) for (let j = 0; j < inner; j++) out[o * inner + j] = sums[j];
  }
}

/** Copies neighbors: a few one by one, many at once. @internal */
export function copyRun(out: TensorData, to: number, x: TensorData, from: number, count: number): void {
  if (count > 32) out.set(x.subarray(from, from + count), to);
  else for (let i = 0; i < count; i++) out[to + i] = x[from + i];
}
