// Wrong input of decompositions: see bad-input.test.ts.
import { linalg, type Tensor, tensor, zeros } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const a: Tensor = tensor([
  [2, 1],
  [1, 3],
]);
const wide: Tensor = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

export const badMatrices: Readonly<Record<string, readonly Row[]>> = {
  decompositions: [
    [
      () => linalg.eigh(wide),
      "[linalg/square] linalg.eigh: a must be square, got 2 rows and 3 columns. For other matrices use linalg.svd, linalg.qr, linalg.pinv or linalg.lstsq.",
      () => linalg.eigh(a),
    ],
    [
      () => linalg.eigh(tensor([1, 2])),
      "[shape/rank] linalg.eigh: a must be a matrix, or matrices on leading axes, got shape [2]. expandDims(a, { axis: -1 }) makes a column of a vector, { axis: 0 } a row.",
      () => linalg.eigh(tensor([[1]])),
    ],
    [
      () => linalg.svd(tensor(1)),
      "[shape/rank] linalg.svd: a must be a matrix, or matrices on leading axes, got shape []. reshape(a, [1, 1]) makes a matrix of a number.",
      () => linalg.svd(wide),
    ],
    [
      () => linalg.qr(untyped([[1]])),
      "[argument/tensor] linalg.qr: a must be a tensor, got [[1]]. Make one with tensor(...).",
      () => linalg.qr(tensor([[1]])),
    ],
    [
      () => linalg.pinv(tensor([1])),
      "[shape/rank] linalg.pinv: a must be a matrix, or matrices on leading axes, got shape [1]. expandDims(a, { axis: -1 }) makes a column of a vector, { axis: 0 } a row.",
      () => linalg.pinv(tensor([[1]])),
    ],
  ],
  "least squares": [
    [
      () => linalg.lstsq(wide, tensor([1, 2, 3])),
      "[shape/inner-dimension] linalg.lstsq: b has 3 elements, but a, of shape [2, 3], has 2 rows. Give b one row, or one element of a vector, for each row of a.",
      () => linalg.lstsq(wide, tensor([1, 2])),
    ],
    [
      () => linalg.lstsq(a, zeros([3, 1])),
      "[shape/inner-dimension] linalg.lstsq: b has 3 rows, but a, of shape [2, 2], has 2 rows. Give b one row, or one element of a vector, for each row of a.",
      () => linalg.lstsq(a, zeros([2, 1])),
    ],
    [
      () => linalg.lstsq(zeros([5, 2, 3]), zeros([5, 2])),
      "[shape/inner-dimension] linalg.lstsq: b has 5 rows, but a, of shape [5, 2, 3], has 2 rows. Only a b with one axis is a vector; make each of several a column: expandDims(b, { axis: -1 }).",
      () => linalg.lstsq(zeros([5, 2, 3]), zeros([5, 2, 1])),
    ],
    [
      () => linalg.lstsq(zeros([5, 2, 3]), zeros([4, 2, 1])),
      "[shape/broadcast] linalg.lstsq: shapes [5] and [4] do not broadcast: sizes 5 and 4 on axis -1. Sizes must be equal, or one of them 1.",
      () => linalg.lstsq(zeros([5, 2, 3]), zeros([1, 2, 1])),
    ],
    [
      () => linalg.lstsq(a, tensor(1)),
      "[shape/rank] linalg.lstsq: b must be a vector, or a matrix, or matrices on leading axes, got a single number. Make a vector of a number with reshape(b, [1]).",
      () => linalg.lstsq(a, tensor([1, 1])),
    ],
    [
      () => linalg.lstsq(a, untyped([1, 2])),
      "[argument/tensor] linalg.lstsq: b must be a tensor, got [1, 2]. Make one with tensor(...).",
      () => linalg.lstsq(a, tensor([1, 2])),
    ],
  ],
  "norms of matrices": [
    [
      () => linalg.norm(a, untyped({ ord: 3 })),
      '[option/choice] linalg.norm: ord must be one of "fro", "nuc", 1, 2, Infinity, got 3. For norms of vectors use norm, without linalg.',
      () => linalg.norm(a, { ord: 1 }),
    ],
    [
      () => linalg.norm(a, untyped({ ord: "frobenius" })),
      '[option/choice] linalg.norm: ord must be one of "fro", "nuc", 1, 2, Infinity, got "frobenius". For norms of vectors use norm, without linalg.',
      () => linalg.norm(a, { ord: "fro" }),
    ],
    [
      () => linalg.norm(a, untyped({ keepdims: true })),
      '[option/unknown] linalg.norm: unknown option "keepdims". Did you mean "keepDims"?',
      () => linalg.norm(a, { keepDims: true }),
    ],
    [
      () => linalg.norm(a, untyped({ keepDims: 1 })),
      "[option/choice] linalg.norm: keepDims must be true or false, got 1. Write { keepDims: true }, or leave it out.",
      () => linalg.norm(a, untyped({ ord: null, keepDims: null })),
    ],
    [
      () => linalg.norm(tensor([3, 4])),
      "[shape/rank] linalg.norm: a must be a matrix, or matrices on leading axes, got shape [2]. expandDims(a, { axis: -1 }) makes a column of a vector, { axis: 0 } a row.",
      () => linalg.norm(tensor([[3, 4]])),
    ],
    [
      () => linalg.norm(zeros([2, 0]), { ord: 1 }),
      "[shape/empty-axis] linalg.norm: axes [0] of shape [0] have no elements. An empty axis has no norm; check its size first.",
      () => linalg.norm(zeros([0, 2]), { ord: 1 }),
    ],
  ],
};
