import type { TensorData } from "../../base/dtype";

/** Matrix times vector: four dot products at a time, nothing packed. @internal */
export function matrixVector(
  out: TensorData,
  outOffset: number,
  a: TensorData,
  aOffset: number,
  rowStride: number,
  colStride: number,
  x: TensorData,
  xOffset: number,
  xStride: number,
  m: number,
  k: number,
  accumulate: boolean,
): void {
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let first = aOffset + i * rowStride;
    let second = first + rowStride;
    let third = second + rowStride;
    let fourth = third + rowStride;
    let ix = xOffset;
    let c0 = 0,
      c1 = 0,
      c2 = 0,
      c3 = 0;
    for (let p = 0; p < k; p++) {
      const value = x[ix];
      c0 += a[first] * value;
      c1 += a[second] * value;
      c2 += a[third] * value;
      c3 += a[fourth] * value;
      first += colStride;
      second += colStride;
      third += colStride;
      fourth += colStride;
      ix += xStride;
    }
    const to = outOffset + i;
    store(out, to, c0, accumulate);
    store(out, to + 1, c1, accumulate);
    store(out, to + 2, c2, accumulate);
    store(out, to + 3, c3, accumulate);
  }
  for (; i < m; i++) {
    let sum = 0;
    for (let p = 0, at = aOffset + i * rowStride, ix = xOffset; p < k; p++, at += colStride, ix += xStride) {
      sum += a[at] * x[ix];
    }
    store(out, outOffset + i, sum, accumulate);
  }
}

/**
 * Dot products of vectors of k floats: of those of a that `left` numbers with those of b that `right` does. Four at a time, as
 * each waits for the addition before.
 * @internal
 */
export function dotProducts(
  out: TensorData,
  a: TensorData,
  left: Int32Array,
  b: TensorData,
  right: Int32Array,
  k: number,
): void {
  let i = 0;
  for (; i + 4 <= out.length; i += 4) {
    const [a0, a1, a2, a3] = [left[i] * k, left[i + 1] * k, left[i + 2] * k, left[i + 3] * k];
    const [b0, b1, b2, b3] = [right[i] * k, right[i + 1] * k, right[i + 2] * k, right[i + 3] * k];
    let c0 = 0,
      c1 = 0,
      c2 = 0,
      c3 = 0;
    for (let p = 0; p < k; p++) {
      c0 += a[a0 + p] * b[b0 + p];
      c1 += a[a1 + p] * b[b1 + p];
      c2 += a[a2 + p] * b[b2 + p];
      c3 += a[a3 + p] * b[b3 + p];
    }
    out[i] = c0;
    out[i + 1] = c1;
    out[i + 2] = c2;
    out[i + 3] = c3;
  }
  for (; i < out.length; i++) matrixVector(out, i, a, left[i] * k, k, 1, b, right[i] * k, 1, 1, k, false);
}

/** Outer product (k = 1). Adding to 0 first makes a product of -0 the 0 that a sum starting from 0 gives. @internal */
export function outerProduct(
  out: TensorData,
  outOffset: number,
  a: TensorData,
  aOffset: number,
  aStride: number,
  b: TensorData,
  bOffset: number,
  bStride: number,
  m: number,
  n: number,
  accumulate: boolean,
): void {
  for (let i = 0, to = outOffset; i < m; i++, to += n) {
    const value = a[aOffset + i * aStride];
    const plain = bStride === 1 && !accumulate;
    if (plain && out instanceof Float32Array && b instanceof Float32Array) scaled32(out, to, b, bOffset, n, value);
    else if (plain && out instanceof Float64Array && b instanceof Float64Array) scaled64(out, to, b, bOffset, n, value);
    else for (let j = 0, ib = bOffset; j < n; j++, ib += bStride) store(out, to + j, 0 + value * b[ib], accumulate);
  }
}

/* One of each type: a loop over arrays of several types takes three times as long. */

function scaled32(out: Float32Array, to: number, b: Float32Array, from: number, n: number, value: number): void {
  for (let j = 0; j < n; j++) out[to + j] = 0 + value * b[from + j];
}

function scaled64(out: Float64Array, to: number, b: Float64Array, from: number, n: number, value: number): void {
  for (let j = 0; j < n; j++) out[to + j] = 0 + value * b[from + j];
}

function store(out: TensorData, at: number, value: number, accumulate: boolean): void {
  out[at] = accumulate ? out[at] + value : value;
}
