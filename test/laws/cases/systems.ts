import * as gt from "gradtape";
import { type Draw, range } from "../draw";
import { line, type Table } from "../line";

const { linalg } = gt;

/** Numbers from -1 to 1 with a diagonal that outweighs them: far from singular. */
const regular = (d: Draw, lead: readonly number[], n: number, sign = d.choice([-1, 1])): gt.Tensor =>
  gt.add(d.tensor([...lead, n, n], range(-1, 1)), gt.mul(gt.eye(n, { dtype: d.dtype }), sign * (n + 0.5)));

/** Matrices of whole numbers of any rank, so that singular ones are exactly singular. */
function ofAnyRank(d: Draw): gt.Tensor {
  const [lead, n, rank] = [d.shape(0, 1), d.integer(1, 4), d.integer(0, 4)];
  const integers = (shape: number[]) => gt.cast(d.integers(shape, -2, 2), d.dtype);
  return gt.matmul(integers([...lead, n, Math.min(rank, n)]), integers([...lead, Math.min(rank, n), n]));
}

const flags = (d: Draw) => ({ upper: d.chance(0.5), transpose: d.chance(0.5), unitDiagonal: d.chance(0.3) });

export const systems: Table = {
  "linalg.cholesky": line(linalg.cholesky, (d) => ({ inputs: [regular(d, d.shape(0, 2), d.integer(1, 4), 1)] })),
  "linalg.choleskySolve": [
    line(linalg.choleskySolve, (d) => {
      const [n, m] = [d.integer(1, 4), d.integer(1, 3)];
      const [a, b] = d.broadcastable().map((shape) => shape.slice(-2)) as [number[], number[]];
      return { inputs: [regular(d, a, n, 1), d.tensor([...b, n, m])] };
    }),
    line(linalg.choleskySolve, (d) => {
      const n = d.integer(1, 4);
      return { inputs: [regular(d, d.shape(0, 1), n, 1), d.tensor([n])] };
    }),
  ],
  "linalg.lu": line(linalg.lu, (d) => {
    const n = d.integer(1, 4);
    // Rows of a matrix with a large diagonal, in any order: no two candidates for a pivot are near each other.
    const rows = d.shuffled(Array.from({ length: n }, (_, i) => i));
    return { inputs: [gt.take(regular(d, d.shape(0, 2), n), rows, { axis: -2 })] };
  }),
  "linalg.expm": line(linalg.expm, (d) => {
    const n = d.integer(1, 3);
    return { inputs: [d.tensor([...d.shape(0, 2), n, n])] };
  }),
  "linalg.triangularSolve": [
    line(linalg.triangularSolve, (d) => {
      const [n, m, left] = [d.integer(1, 4), d.integer(1, 3), d.chance(0.5)];
      const [a, b] = d.broadcastable().map((shape) => shape.slice(-2)) as [number[], number[]];
      const side = d.tensor([...b, ...(left ? [n, m] : [m, n])]);
      return { inputs: [regular(d, a, n), side], attrs: { ...flags(d), left } };
    }),
    line(linalg.triangularSolve, (d) => {
      const n = d.integer(1, 4);
      return { inputs: [regular(d, d.shape(0, 1), n), d.tensor([n])], attrs: { ...flags(d), left: d.chance(0.5) } };
    }),
  ],
  "linalg.solve": [
    line(linalg.solve, (d) => {
      const [n, m] = [d.integer(1, 4), d.integer(1, 3)];
      const [a, b] = d.broadcastable().map((shape) => shape.slice(-2)) as [number[], number[]];
      return { inputs: [regular(d, a, n), d.tensor([...b, n, m])] };
    }),
    line(linalg.solve, (d) => {
      const n = d.integer(1, 4);
      return { inputs: [regular(d, d.shape(0, 1), n), d.tensor([n])] };
    }),
  ],
  "linalg.inv": line(linalg.inv, (d) => ({ inputs: [regular(d, d.shape(0, 2), d.integer(1, 4))] })),
  "linalg.det": [
    line(linalg.det, (d) => {
      const n = d.integer(1, 4);
      return { inputs: [d.tensor([...d.shape(0, 2), n, n])] };
    }),
    line(linalg.det, (d) => ({ inputs: [ofAnyRank(d)] })),
  ],
  "linalg.slogdet": line(linalg.slogdet, (d) => ({ inputs: [regular(d, d.shape(0, 2), d.integer(1, 4))] })),
  "linalg.trace": line(linalg.trace, (d) => ({
    inputs: [d.tensor([...d.shape(0, 2), d.integer(1, 4), d.integer(1, 4)])],
    attrs: { k: d.integer(-2, 2) },
  })),
  "linalg.cross": line(linalg.cross, (d) => {
    const [a, b] = d.broadcastable();
    return { inputs: [d.tensor([...a, 3]), d.tensor([...b, 3])] };
  }),
  "linalg.kron": line(linalg.kron, (d) => {
    const [a, b] = d.broadcastable();
    const matrix = () => [d.integer(1, 3), d.integer(1, 3)];
    return { inputs: [d.tensor([...a.slice(-1), ...matrix()]), d.tensor([...b.slice(-1), ...matrix()])] };
  }),
};
