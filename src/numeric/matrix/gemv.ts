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
  for (let i = 0; i < m; i += 4) {
    let first = aOffset + i * rowStride;
    let second = i + 1 < m ? first + rowStride : first;
    let third = i + 2 < m ? second + rowStride : second;
    let fourth = i + 3 < m ? third + rowStride : third;
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
    if (i + 1 < m) store(out, to + 1, c1, accumulate);
    if (i + 2 < m) store(out, to + 2, c2, accumulate);
    if (i + 3 < m) store(out, to + 3, c3, accumulate);
  }
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
  let to = outOffset;
  for (let i = 0; i < m; i++) {
    const value = a[aOffset + i * aStride];
    let ib = bOffset;
    for (let j = 0; j < n; j++) {
      const product = 0 + value * b[ib];
      out[to] = accumulate ? out[to] + product : product;
      to++;
      ib += bStride;
    }
  }
}

function store(out: TensorData, at: number, value: number, accumulate: boolean): void {
  out[at] = accumulate ? out[at] + value : value;
}
