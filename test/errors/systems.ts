// Matrices that cannot be solved with, and shapes that do not fit: see bad-input.test.ts.
import { expandDims, linalg, ones, type Tensor, tensor, vmap, zeros } from "gradtape";
import type { Row } from "./bad-arguments";

const any = (x: unknown) => x as never;
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
const LEAST = "linalg.lstsq and linalg.pinv take such matrices.";

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
          any(
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
          any(
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
      "[linalg/singular] linalg.triangularSolve: a is singular: 0 stands at [1, 1] of the diagonal.",
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
      "[linalg/singular] linalg.triangularSolve: a is singular: 0 stands at [0, 0] of the diagonal of matrix [1].",
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
      "[linalg/indefinite] linalg.cholesky: a is not positive definite: pivot 1 is -3. Where that is rounding, add a small multiple of eye(n).",
      () => linalg.cholesky(regular),
    ],
    [
      () => linalg.cholesky(tensor([[[[1]], [[0]]]])),
      "[linalg/indefinite] linalg.cholesky: a is not positive definite: pivot 0 of matrix [0, 1] is 0. Where that is rounding, add a small multiple of eye(n).",
      () => linalg.cholesky(tensor([[[[1]], [[2]]]])),
    ],
  ],
  "matrices that are not square, and sides that do not fit": [
    ...(["cholesky", "inv", "det", "slogdet"] as const).flatMap((name): Row[] => [
      [
        () => linalg[name](wide),
        `[linalg/square] linalg.${name}: a has 2 rows and 3 columns; it must be square.`,
        () => linalg[name](regular),
      ],
      [
        () => linalg[name](vector),
        `[shape/rank] linalg.${name}: a is a matrix, or matrices on leading axes, got shape [2].`,
        () => linalg[name](regular),
      ],
      [
        () => linalg[name](any([[1]])),
        `[argument/tensor] linalg.${name}: a is a tensor, got [[1]]. Make one with tensor(...).`,
        () => linalg[name](tensor([[1]])),
      ],
    ]),
    ...(["solve", "triangularSolve"] as const).flatMap((name): Row[] => [
      [
        () => linalg[name](wide, vector),
        `[linalg/square] linalg.${name}: a has 2 rows and 3 columns; it must be square.`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](regular, three),
        `[shape/inner-dimension] linalg.${name}: a, of shape [2, 2], wants 2 rows in b, got shape [3].`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](zeros([5, 3, 3]), zeros([5, 2])),
        `[shape/inner-dimension] linalg.${name}: a, of shape [5, 3, 3], wants 3 rows in b, got shape [5, 2]. Only a b with one axis is a vector; make each of several a column: expandDims(b, { axis: -1 }).`,
        () => linalg[name](regular, zeros([5, 2, 1])),
      ],
      [
        () => linalg[name](regular, any(1)),
        `[argument/tensor] linalg.${name}: b is a tensor, got 1.`,
        () => linalg[name](regular, vector),
      ],
      [
        () => linalg[name](regular, tensor(1)),
        `[shape/rank] linalg.${name}: b is a vector, or a matrix, or matrices on leading axes, got a single number.`,
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
      "[shape/inner-dimension] linalg.triangularSolve: a, of shape [2, 2], wants 2 columns in b, got shape [2, 3].",
      () => linalg.triangularSolve(regular, ones([3, 2]), { left: false }),
    ],
    [
      () => linalg.triangularSolve(regular, vector, any({ unitDiag: true })),
      '[option/unknown] linalg.triangularSolve: unknown option "unitDiag". unitDiagonal?',
      () => linalg.triangularSolve(regular, vector, { upper: true }),
    ],
    [
      () => linalg.triangularSolve(regular, vector, { upper: any("yes") }),
      '[option/choice] linalg.triangularSolve: upper is true or false, got "yes".',
      () => linalg.triangularSolve(regular, vector, { upper: undefined }),
    ],
    [
      () => linalg.trace(vector),
      "[shape/rank] linalg.trace: a matrix or a batch of matrices is wanted, got shape [2].",
      () => linalg.trace(wide),
    ],
    [
      () => linalg.trace(wide, { k: 0.5 }),
      "[argument/integer] linalg.trace: k is an integer from -2147483647 to 2147483647, got 0.5.",
      () => linalg.trace(wide, { k: 1 }),
    ],
    [
      () => linalg.cross(vector, three),
      "[linalg/cross] linalg.cross: a has shape [2]; its last axis must have size 3.",
      () => linalg.cross(three, three),
    ],
    [
      () => linalg.cross(three, tensor(1)),
      "[linalg/cross] linalg.cross: b has shape []; its last axis must have size 3.",
      () => linalg.cross(three, three),
    ],
    [
      () => linalg.cross(ones([2, 3]), ones([4, 3])),
      "[shape/broadcast] linalg.cross: shapes [2, 3] and [4, 3] do not broadcast: sizes 2 and 4 on axis -2. Sizes must be equal, or one of them 1.",
      () => linalg.cross(ones([2, 3]), ones([1, 3])),
    ],
    [
      () => linalg.kron(wide, vector),
      "[shape/rank] linalg.kron: b is a matrix, or matrices on leading axes, got shape [2].",
      () => linalg.kron(wide, wide),
    ],
    [
      () => linalg.kron(any(2), wide),
      "[argument/tensor] linalg.kron: a is a tensor, got 2.",
      () => linalg.kron(wide, wide),
    ],
    [
      () => linalg.kron(ones([2, 1, 1]), ones([3, 1, 1])),
      "[shape/broadcast] linalg.kron: shapes [2] and [3] do not broadcast: sizes 2 and 3 on axis -1. Sizes must be equal, or one of them 1.",
      () => linalg.kron(ones([2, 1, 1]), ones([1, 1, 1])),
    ],
  ],
};
