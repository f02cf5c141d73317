import * as gt from "gradtape";
import { inputs, type Table } from "../line";

export const contraction: Table = {
  matmul: [
    inputs(gt.matmul, (d) => {
      const [m, k, n] = [d.integer(1, 4), d.integer(1, 4), d.integer(1, 4)];
      const [left, right] = d.choice([
        [
          [m, k],
          [k, n],
        ],
        [[k], [k, n]],
        [[m, k], [k]],
        [[k], [k]],
      ] as const);
      return [d.tensor(left), d.tensor(right)];
    }),
    inputs(gt.matmul, (d) => {
      const [m, k, n] = [d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)];
      const [a, b] = d.broadcastable();
      const vector = d.integer(0, 2);
      return [
        d.tensor(vector === 1 ? [k] : [...a.slice(-2), m, k]),
        d.tensor(vector === 2 ? [k] : [...b.slice(-2), k, n]),
      ];
    }),
  ],
  dot: inputs(gt.dot, (d) => {
    const shape = [d.integer(1, 5)];
    return [d.tensor(shape), d.tensor(shape)];
  }),
  outer: inputs(gt.outer, (d) => [d.tensor([d.integer(1, 4)]), d.tensor([d.integer(1, 4)])]),
  einsum: [
    inputs(
      (...xs: gt.Tensor[]) => gt.einsum("ij,jk->ki", ...xs),
      (d) => {
        const [i, j, k] = [d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)];
        return [d.tensor([i, j]), d.tensor([j, k])];
      },
    ),
    inputs(
      (...xs: gt.Tensor[]) => gt.einsum("...ii,b...i,b", ...xs),
      (d) => {
        const [i, b, n] = [d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)];
        return [d.tensor([n, i, i]), d.tensor([b, d.choice([1, n]), i]), d.tensor([b])];
      },
    ),
    inputs(
      (...xs: gt.Tensor[]) => gt.einsum("ij,jk,ik->k", ...xs),
      (d) => {
        const [i, j, k] = [d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)];
        const some = (size: number) => d.choice([1, size]);
        return [d.tensor([i, some(j)]), d.tensor([j, some(k)]), d.tensor([some(i), k])];
      },
    ),
    inputs(
      (...xs: gt.Tensor[]) => gt.einsum("bqhd,bkhd->bhqk", ...xs),
      (d) => {
        const [b, h, size] = [d.integer(1, 2), d.integer(1, 2), d.integer(1, 3)];
        return [d.tensor([b, d.integer(1, 2), h, size]), d.tensor([b, d.integer(1, 3), h, size])];
      },
    ),
  ],
};
