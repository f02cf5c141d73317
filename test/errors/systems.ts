// Matrices that cannot be solved with, and shapes that do not fit: see bad-input.test.ts.
import { expandDims, linalg, ones, type Tensor, tensor, vmap, zeros } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const regular = tensor([
  [2, 1],
  [1, 3],
]);
const singular = tensor([
  [1, 2],
  [2, 4],
]);
const both = tensor([regular.toArray(), singular.toArray()] as number[][][]);
const wide: Tensor = ones([2, 3]);
const vector: Tensor = tensor([1, 2]);
const three: Tensor = tensor([1, 2, 3]);
const LEAST = "Use linalg.lstsq or linalg.pinv, which accept singular matrices.";

export const badSystems: Readonly<Record<string, readonly Row[]>> = {
  "singular and indefinite matrices": [
    [
      () => linalg.solve(singular, vector),
      `[linalg/singular] linalg.solve: a is singular: pivot 1 is zero. ${LEAST}`,
      () => linalg.solve(regular, vector),
    ],
    [
      () =>
        linalg.solve(
          untyped(
            tensor([
              [1, 2, 3],
              [4, 5, 6],
              [7, 8, 9],
            ]),
          ),
          three,
        ),
      `[linalg/singular] linalg.solve: a is singular: pivot 2 is zero to rounding. ${LEAST}`,
      () =>
        linalg.solve(
          untyped(
            tensor([
              [1, 2, 3],
              [4, 5, 6],
              [7, 8, 10],
            ]),
          ),
          three,
        ),
    ],
    [
      () => linalg.inv(both),
      `[linalg/singular] linalg.inv: a is singular: pivot 1 of matrix [1] is zero. ${LEAST}`,
      () => linalg.inv(regular),
    ],
    [
      () => vmap((a: Tensor) => linalg.inv(a))(both),
      `[linalg/singular] linalg.inv: a is singular: pivot 1 of matrix [1] is zero. ${LEAST}`,
      () => vmap((a: Tensor) => linalg.inv(a))(expandDims(regular, { axis: 0 })),
    ],
    [
      () =>
        linalg.triangularSolve(
          tensor([
            [1, 0],
            [5, 0],
          ]),
          vector,
        ),
      "[linalg/singular] linalg.triangularSolve: a is singular: 0 stands at [1, 1] of the diagonal. Use linalg.lstsq or linalg.pinv, which accept singular matrices.",
      () =>
        linalg.triangularSolve(
          tensor([
            [1, 0],
            [5, 0],
          ]),
          vector,
          { unitDiagonal: true },
        ),
    ],
    [
      () => linalg.triangularSolve(tensor([[[1]], [[0]]]), tensor([1])),
      "[linalg/singular] linalg.triangularSolve: a is singular: 0 stands at [0, 0] of the diagonal of matrix [1]. Use linalg.lstsq or linalg.pinv, which accept singular matrices.",
      () => linalg.triangularSolve(tensor([[[1]], [[2]]]), tensor([1])),
    ],
    [
      () =>
        linalg.cholesky(
          tensor([
            [1, 2],
            [2, 1],
          ]),
        ),
      "[linalg/indefinite] linalg.cholesky: a is not positive definite: pivot 1 is -3. If that is rounding, add a small multiple of eye(n); if not, use linalg.eigh.",
      () => linalg.cholesky(regular),
    ],
    [
      () => linalg.cholesky(tensor([[[[1]], [[0]]]])),
      "[linalg/indefinite] linalg.cholesky: a is not positive definite: pivot 0 of matrix [0, 1] is 0. If that is rounding, add a small multiple of eye(n); if not, use linalg.eigh.",
      () => linalg.cholesky(tensor([[[[1]], [[2]]]])),
    ],
  ],
  "matrices that are not square, and sides that do not fit": [
    ...(["cholesky", "inv", "det", "slogdet"] as const).flatMap((name): Row[] => [
      [
        () => linalg[name](wide),
        `[linalg/square] linalg.${name}: a must be square, got 2 rows and 3 columns. For other matrices use linalg.svd, linalg.qr, linalg.pinv or linalg.lstsq.`,
        () => linalg[name](regular),
      ],
      [
        () => linalg[name](vector),
        `[shape/rank] linalg.${name}: a must be a matrix, or matrices on leading axes, got shape [2]. expandDims(a, { axis: -1 }) makes a column of a vector, { axis: 0 } a row.`,
        () => linalg[name](regular),
      ],
      [
        () => linalg[name](untyped([[1]])),
        `[argument/tensor] linalg.${name}: a must be a tensor, got [[1]]. Make one with tensor(...).`,
        () => linalg[name](tensor([[1]])),
      ],
    ]),
    ...(["solve", "triangularSolve"] as const).flatMap((name): Row[] => [
      [
        () => linalg[name](wide, vector),
        `[linalg/square] linalg.${name}: a must be square, got 2 rows and 3 columns. For other matrices use linalg.svd, linalg.qr, linalg.pinv or linalg.lstsq.`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](regular, three),
        `[shape/inner-dimension] linalg.${name}: b must have 2 rows for a of shape [2, 2], got shape [3]. A vector must have 2 elements; transpose turns rows into columns.`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](zeros([5, 3, 3]), zeros([5, 2])),
        `[shape/inner-dimension] linalg.${name}: b must have 3 rows for a of shape [5, 3, 3], got shape [5, 2]. Only a b with one axis is a vector; make each of several a column: expandDims(b, { axis: -1 }).`,
        () => linalg[name](regular, zeros([5, 2, 1])),
      ],
      [
        () => linalg[name](regular, untyped(1)),
        `[argument/tensor] linalg.${name}: b must be a tensor, got 1. Make one with tensor(...).`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](regular, tensor(1)),
        `[shape/rank] linalg.${name}: b must be a vector, or a matrix, or matrices on leading axes, got a single number. Make a vector of a number with reshape(b, [1]).`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](ones([2, 1, 1]), ones([3, 1, 4])),
        `[shape/broadcast] linalg.${name}: shapes [2] and [3] do not broadcast: sizes 2 and 3 on axis -1. Sizes must be equal, or one of them 1.`,
        () => linalg[name](ones([3, 1, 1]), ones([3, 1, 4])),
      ],
    ]),
    [
      () => linalg.triangularSolve(regular, ones([2, 3]), { left: false }),
      "[shape/inner-dimension] linalg.triangularSolve: b must have 2 columns for a of shape [2, 2], got shape [2, 3]. A vector must have 2 elements; transpose turns rows into columns.",
      () => linalg.triangularSolve(regular, ones([3, 2]), { left: false }),
    ],
    [
      () => linalg.triangularSolve(regular, vector, untyped({ unitDiag: true })),
      '[option/unknown] linalg.triangularSolve: unknown option "unitDiag". Did you mean "unitDiagonal"?',
      () => linalg.triangularSolve(regular, vector, { upper: true }),
    ],
    [
      () => linalg.triangularSolve(regular, vector, { upper: untyped("yes") }),
      '[option/choice] linalg.triangularSolve: upper must be true or false, got "yes". Write { upper: true }, or leave it out.',
      () => linalg.triangularSolve(regular, vector, { upper: undefined }),
    ],
    [
      () => linalg.trace(vector),
      "[shape/rank] linalg.trace: x must be a matrix or a batch of matrices, got shape [2]. Give x two axes with reshape or expandDims.",
      () => linalg.trace(wide),
    ],
    [
      () => linalg.trace(wide, { k: 0.5 }),
      "[argument/integer] linalg.trace: k must be an integer from -2147483647 to 2147483647, got 0.5. Math.floor and Math.round make integers.",
      () => linalg.trace(wide, { k: 1 }),
    ],
    [
      () => linalg.cross(vector, three),
      "[linalg/cross] linalg.cross: the last axis of a must have size 3, got shape [2]. Put the three components of the vectors along the last axis.",
      () => linalg.cross(three, three),
    ],
    [
      () => linalg.cross(three, tensor(1)),
      "[linalg/cross] linalg.cross: the last axis of b must have size 3, got shape []. Put the three components of the vectors along the last axis.",
      () => linalg.cross(three, three),
    ],
    [
      () => linalg.cross(ones([2, 3]), ones([4, 3])),
      "[shape/broadcast] linalg.cross: shapes [2, 3] and [4, 3] do not broadcast: sizes 2 and 4 on axis -2. Sizes must be equal, or one of them 1.",
      () => linalg.cross(ones([2, 3]), ones([1, 3])),
    ],
    [
      () => linalg.kron(wide, vector),
      "[shape/rank] linalg.kron: b must be a matrix, or matrices on leading axes, got shape [2]. expandDims(b, { axis: -1 }) makes a column of a vector, { axis: 0 } a row.",
      () => linalg.kron(wide, wide),
    ],
    [
      () => linalg.kron(untyped(2), wide),
      "[argument/tensor] linalg.kron: a must be a tensor, got 2. Make one with tensor(...).",
      () => linalg.kron(wide, wide),
    ],
    [
      () => linalg.kron(ones([2, 1, 1]), ones([3, 1, 1])),
      "[shape/broadcast] linalg.kron: shapes [2] and [3] do not broadcast: sizes 2 and 3 on axis -1. Sizes must be equal, or one of them 1.",
      () => linalg.kron(ones([2, 1, 1]), ones([1, 1, 1])),
    ],
  ],
};
