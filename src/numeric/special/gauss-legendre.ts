/** Points in [0, 1] and their weights. @internal */
export interface Quadrature {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The rule of Gauss and Legendre with n points, exact for polynomials up to degree 2 n - 1.
 *
 * Method: roots of the Legendre polynomial by Newton's method, from cos(pi (k + 3/4) / (n + 1/2)).
 * @see DLMF 3.5(v)
 * @internal
 */
export function gaussLegendre(n: number): Quadrature {
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 6; step++) {
      let [before, value] = [1, x];
      for (let j = 2; j <= n; j++) [before, value] = [value, ((2 * j - 1) * x * value - (j - 1) * before) / j];
      slope = (n * (before - x * value)) / (1 - x * x);
      x -= value / slope;
    }
    points[k] = (1 - x) / 2;
    weights[k] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

/** What the incomplete gamma and beta functions are integrated with. @internal */
export const RULE: Quadrature = /* @__PURE__ */ gaussLegendre(32);
