import { balanced } from "./determinant";
import { solveTriangular, type Triangular } from "./triangular";

/*
 * Derivatives of the determinant of any order, at any matrix. With complete pivoting A = Pᵀ L D U Qᵀ, and L and U,
 * whose diagonals are ones and whose other elements are at most 1, stay well-conditioned however singular A is. As det
 * L = det U = 1,
 *
 *     det(A + E) = ± det(D + M),  M = L⁻¹ P E Q U⁻¹,
 *
 * exactly, for every E: so all derivatives at A are those at a diagonal matrix D, where they are sums of products of
 * what M holds and of elements of D. No product is divided by a pivot, and no rank is decided.
 */

/** A matrix in its factors: L below the diagonal, D on it, U above. */
interface Pivoted {
  readonly n: number;
  readonly f: Float64Array;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** det P det Q. */
  readonly sign: number;
}

const L: Triangular = { upper: false, transpose: false, unitDiagonal: true };
const L_TRANSPOSED: Triangular = { upper: false, transpose: true, unitDiagonal: true };
const U: Triangular = { upper: true, transpose: false, unitDiagonal: true };
const U_TRANSPOSED: Triangular = { upper: true, transpose: true, unitDiagonal: true };

/** Elimination with complete pivoting: the largest element that is left, or a NaN, becomes the pivot. */
function pivoted(a: ArrayLike<number>, at: number, n: number): Pivoted {
  const f = new Float64Array(n * n);
  for (let i = 0; i < f.length; i++) f[i] = a[at + i];
  const rows = new Int32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  const columns = rows.slice();
  let sign = 1;
  let place = eliminate(f, n, -1);
  for (let k = 0; k < n; k++) {
    const [i, j] = [Math.floor(place / n), place % n];
    if (i !== k) sign *= swapLines(f, rows, i, k, n, 1);
    if (j !== k) sign *= swapLines(f, columns, j, k, 1, n);
    place = eliminate(f, n, k);
    if (f[k * n + k] !== 0) for (let column = k + 1; column < n; column++) f[k * n + column] /= f[k * n + k];
  }
  return { n, f, rows, columns, sign };
}

/** Takes row k, with the pivot, from those below; -1: nothing is taken. Gives the place of the next pivot. */
function eliminate(f: Float64Array, n: number, k: number): number {
  const own = k * n;
  const pivot = k < 0 ? 0 : f[own + k];
  let best = (k + 1) * (n + 1);
  let largest = 0;
  for (let row = (k + 1) * n; row < n * n; row += n) {
    if (pivot !== 0) {
      const factor = f[row + k] / pivot;
      f[row + k] = factor;
      for (let column = k + 1; column < n; column++) f[row + column] -= factor * f[own + column];
    }
    for (let place = row + k + 1; place < row + n; place++) {
      const size = Math.abs(f[place]);
      // Larger, or the first NaN: nothing wins over a NaN.
      if (size <= largest || Number.isNaN(largest)) continue;
      largest = size;
      best = place;
    }
  }
  return best;
}

/** Swaps two rows or columns and their names; -1, for the sign. */
function swapLines(f: Float64Array, names: Int32Array, i: number, k: number, line: number, step: number): -1 {
  const n = names.length;
  for (let c = 0; c < n; c++) {
    const [a, b] = [i * line + c * step, k * line + c * step];
    const kept = f[a];
    f[a] = f[b];
    f[b] = kept;
  }
  [names[i], names[k]] = [names[k], names[i]];
  return -1;
}

function turn(x: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const kept = x[i * n + j];
      x[i * n + j] = x[j * n + i];
      x[j * n + i] = kept;
    }
  }
}

/** L⁻¹ P E Q U⁻¹. */
function reduced({ n, f, rows, columns }: Pivoted, e: ArrayLike<number>, at: number): Float64Array {
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) x[i * n + j] = e[at + rows[i] * n + columns[j]];
  solveTriangular(f, 0, n, n, x, 0, n, n, L);
  turn(x, n);
  solveTriangular(f, 0, n, n, x, 0, n, n, U_TRANSPOSED);
  turn(x, n);
  return x;
}

/**
 * The derivative of order k + 1 of the determinant, in k directions, as a matrix of the partial derivatives that are left:
 * of order 1, without directions, the cofactors. Written to `out` from `outAt` on.
 *
 * It is a sum over the sets of k + 1 rows: about n ** (k + 1) (k!)² products besides the elimination.
 * @internal
 */
export function cofactors(
  out: { [i: number]: number },
  outAt: number,
  a: ArrayLike<number>,
  aAt: number,
  directions: readonly ArrayLike<number>[],
  directionsAt: readonly number[],
  n: number,
): void {
  const infinite = directions.findIndex((e, k) => !isFinite(e, directionsAt[k], n * n));
  if (infinite >= 0) {
    alongInfinite(out, outAt, a, aAt, directions, directionsAt, n, infinite);
    return;
  }
  const whole = pivoted(a, aAt, n);
  const d = new Float64Array(n);
  for (let i = 0; i < n; i++) d[i] = whole.f[i * (n + 1)];
  const g = atDiagonal(
    d,
    directions.map((e, k) => reduced(whole, e, directionsAt[k])),
  );
  solveTriangular(whole.f, 0, n, n, g, 0, n, n, L_TRANSPOSED);
  turn(g, n);
  solveTriangular(whole.f, 0, n, n, g, 0, n, n, U);
  const { rows, columns, sign } = whole;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[outAt + rows[i] * n + columns[j]] = sign * g[j * n + i];
}

function isFinite(x: ArrayLike<number>, at: number, size: number): boolean {
  for (let i = at; i < at + size; i++) if (!Number.isFinite(x[i])) return false;
  return true;
}

/** The same, element by element of one direction: exactly 0, in it or in the derivative, absorbs. */
function alongInfinite(
  out: { [i: number]: number },
  outAt: number,
  a: ArrayLike<number>,
  aAt: number,
  directions: readonly ArrayLike<number>[],
  directionsAt: readonly number[],
  n: number,
  which: number,
): void {
  const sums = new Float64Array(n * n);
  const part = new Float64Array(n * n);
  for (let i = 0; i < n * n; i++) {
    const along = directions[which][directionsAt[which] + i];
    if (along === 0) continue;
    const unit = new Float64Array(n * n);
    unit[i] = 1;
    const others = directions.map((e, k) => (k === which ? unit : e));
    const places = directionsAt.map((at, k) => (k === which ? 0 : at));
    cofactors(part, 0, a, aAt, others, places, n);
    for (let j = 0; j < n * n; j++) if (part[j] !== 0) sums[j] += part[j] * along;
  }
  for (let j = 0; j < n * n; j++) out[outAt + j] = sums[j];
}

/** The same at a diagonal matrix. */
function atDiagonal(d: Float64Array, directions: readonly Float64Array[]): Float64Array {
  const n = d.length;
  const g = new Float64Array(n * n);
  const order = balanced(d);
  const behind = new Float64Array(n + 1).fill(1);
  for (let k = n - 1; k >= 0; k--) behind[k] = behind[k + 1] * d[order[k]];
  if (directions.length === 0) {
    let before = 1;
    for (let k = 0; k < n; before *= d[order[k]], k++) g[order[k] * (n + 1)] = before * behind[k + 1];
    return g;
  }
  const size = directions.length + 1;
  const chosen: number[] = [];
  // `product`: of all elements before `next` in the order that are not chosen.
  const choose = (next: number, product: number): void => {
    if (chosen.length === size) {
      addMinors(g, n, product * behind[next], directions, chosen);
      return;
    }
    let before = product;
    for (let k = next; k <= n - size + chosen.length; k++) {
      chosen.push(order[k]);
      choose(k + 1, before);
      chosen.pop();
      before *= d[order[k]];
    }
  };
  choose(0, 1);
  return g;
}

/** Adds the signed minors of the chosen rows and columns, every row of them taken from another direction. */
function addMinors(
  g: Float64Array,
  n: number,
  weight: number,
  directions: readonly Float64Array[],
  chosen: readonly number[],
): void {
  const size = chosen.length;
  const minor = (row: number, without: number, columns: number, left: number): number => {
    if (left === 0) return 1;
    const own = row === without ? row + 1 : row;
    let sum = 0;
    let sign = 1;
    for (let c = 0; c < size; c++) {
      if ((columns & (1 << c)) === 0) continue;
      for (let m = 0; m < directions.length; m++) {
        if ((left & (1 << m)) === 0) continue;
        const rest = minor(own + 1, without, columns & ~(1 << c), left & ~(1 << m));
        sum += sign * directions[m][chosen[own] * n + chosen[c]] * rest;
      }
      sign = -sign;
    }
    return sum;
  };
  const all = (1 << size) - 1;
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      const sign = (r + c) % 2 === 0 ? 1 : -1;
      g[chosen[r] * n + chosen[c]] += sign * weight * minor(0, r, all & ~(1 << c), all >> 1);
    }
  }
}
