/*
 * Power series in two variables, cut off: a jet of `columns` columns has coefficient (i, j) at i * columns + j. The
 * derivative of orders (i, j) is that coefficient times i! j!. One column makes it a series in one variable.
 */

/** Coefficients of a power series, row by row. @internal */
export type TaylorSeries = number[];

/** The jet of a constant. @internal */
export function constantJet(size: number, value: number): TaylorSeries {
  const jet = new Array<number>(size).fill(0);
  jet[0] = value;
  return jet;
}

/** Coefficient (i, j) of a product. @internal */
export function productAt(a: TaylorSeries, b: TaylorSeries, columns: number, i: number, j: number): number {
  let sum = 0;
  for (let p = 0; p <= i; p++) {
    for (let q = 0; q <= j; q++) sum += a[p * columns + q] * b[(i - p) * columns + j - q];
  }
  return sum;
}

/**
 * exp of a jet: if E = exp(L), then i E(i, j) is the sum of p L(p, q) E(i - p, j - q), and j E(i, j) that of q L(p, q)
 * E(...). @internal
 */
export function expOf(l: TaylorSeries, columns: number): TaylorSeries {
  const e = constantJet(l.length, Math.exp(l[0]));
  for (let k = 1; k < l.length; k++) {
    const [i, j] = [Math.floor(k / columns), k % columns];
    let sum = 0;
    for (let p = 0; p <= i; p++) {
      for (let q = 0; q <= j; q++) {
        const factor = i > 0 ? p : q;
        if (factor > 0) sum += factor * l[p * columns + q] * e[k - p * columns - q];
      }
    }
    e[k] = sum / (i > 0 ? i : j);
  }
  return e;
}

/** Multiplies a jet by c + u first + v second, in place. @internal */
export function timesLinear(jet: TaylorSeries, columns: number, c: number, u: number, v: number): void {
  for (let k = jet.length - 1; k >= 0; k--) {
    const above = k >= columns ? u * jet[k - columns] : 0;
    const before = k % columns === 0 ? 0 : v * jet[k - 1];
    jet[k] = c * jet[k] + above + before;
  }
}

/** Multiplies a jet by (c + first) / x, in place; neither c / x nor 1 / x need be a number. @internal */
export function timesOver(jet: TaylorSeries, columns: number, c: number, x: number): void {
  const scale = Math.abs(x) < 2 ** -900 ? 2 ** 200 : 1;
  timesLinear(jet, columns, c / (x * scale), 1 / (x * scale), 0);
  if (scale > 1) for (let k = 0; k < jet.length; k++) jet[k] *= scale;
}

/** Divides a jet by c + u first + v second, in place. @internal */
export function overLinear(jet: TaylorSeries, columns: number, c: number, u: number, v: number): void {
  for (let k = 0; k < jet.length; k++) {
    const above = k >= columns ? u * jet[k - columns] : 0;
    const before = k % columns === 0 ? 0 : v * jet[k - 1];
    jet[k] = (jet[k] - above - before) / c;
  }
}

/** n! @internal */
export function factorial(n: number): number {
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
}
