/** What an iterative solve ended with. @internal */
export interface KrylovResult {
  readonly x: Float64Array;
  /** The norm of b - A x, relative to that of b. */
  readonly residual: number;
  /** How often A was applied. */
  readonly iterations: number;
}

const RESTART = 64;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
const normOf = (a: Float64Array): number => Math.sqrt(dot(a, a));
const addTo = (a: Float64Array, factor: number, b: Float64Array): void => {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i];
};

/**
 * Solves A x = b where only products with A are at hand: GMRES, restarted after 64 steps, until the residual is below
 * `tolerance` relative to b or A was applied `limit` times.
 *
 * @see Y. Saad, M. H. Schultz, "GMRES: a generalized minimal residual algorithm", SIAM J. Sci. Stat. Comput. 7 (1986)
 * @internal
 */
export function gmres(
  times: (v: Float64Array) => Float64Array,
  b: Float64Array,
  tolerance: number,
  limit: number,
): KrylovResult {
  const size = normOf(b);
  const x = new Float64Array(b.length);
  if (size === 0) return { x, residual: 0, iterations: 0 };
  let iterations = 0;
  let before = Infinity;
  let r = Float64Array.from(b);
  for (;;) {
    const norm = normOf(r);
    const stuck = !(norm < 0.9 * before);
    if (!(norm > tolerance * size) || stuck || iterations >= limit) {
      return { x, residual: norm / size, iterations };
    }
    before = norm;
    iterations += cycle(times, x, r, norm, tolerance * size, Math.min(RESTART, limit - iterations));
    r = Float64Array.from(b);
    addTo(r, -1, times(x));
    iterations++;
  }
}

/** Improves x by the best combination of r, A r, A² r, ...; gives the number of products. */
function cycle(
  times: (v: Float64Array) => Float64Array,
  x: Float64Array,
  r: Float64Array,
  norm: number,
  goal: number,
  steps: number,
): number {
  const basis = [r.map((value) => value / norm)];
  const columns: Float64Array[] = [];
  const turns: [cosine: number, sine: number][] = [];
  const g = [norm];
  for (let k = 0; k < Math.min(steps, r.length) && Math.abs(g[k]) > goal; k++) {
    const w = Float64Array.from(times(basis[k]));
    const h = new Float64Array(k + 2);
    const length = normOf(w);
    // Twice: what rounding left in the direction of the basis goes too.
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i <= k; i++) {
        const part = dot(w, basis[i]);
        h[i] += part;
        addTo(w, -part, basis[i]);
      }
    }
    h[k + 1] = normOf(w);
    const invariant = !(h[k + 1] > Number.EPSILON * length * 1e-3);
    basis.push(invariant ? w : w.map((value) => value / h[k + 1]));
    for (let i = 0; i < k; i++) {
      const [c, s] = turns[i];
      [h[i], h[i + 1]] = [c * h[i] + s * h[i + 1], c * h[i + 1] - s * h[i]];
    }
    const pivot = Math.hypot(h[k], h[k + 1]);
    if (!(pivot > 0)) break;
    const [c, s] = [h[k] / pivot, h[k + 1] / pivot];
    turns.push([c, s]);
    h[k] = pivot;
    g.push(-s * g[k]);
    g[k] *= c;
    columns.push(h);
    if (invariant) break;
  }
  const y = new Float64Array(columns.length);
  for (let i = y.length - 1; i >= 0; i--) {
    let rest = g[i];
    for (let j = i + 1; j < y.length; j++) rest -= columns[j][i] * y[j];
    y[i] = rest / columns[i][i];
  }
  for (let i = 0; i < y.length; i++) addTo(x, y[i], basis[i]);
  return y.length;
}
