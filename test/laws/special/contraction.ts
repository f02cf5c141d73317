import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { zeros, tensor } = gt;
const empty = zeros([0]);
const _ints = (x: number[]) => tensor(new Int32Array(x));

export const contractionCalls: Rows<Call> = {
  matmul: [
    {
      says: "over nothing is zeros",
      f: (a, b) => gt.matmul(a, b),
      xs: [zeros([2, 0]), zeros([0, 2])],
      value: [
        [0, 0],
        [0, 0],
      ],
    },
    {
      says: "of no rows has none",
      f: (a, b) => gt.matmul(a, b),
      xs: [zeros([0, 2]), [[1], [2]]],
      shape: [0, 1],
      gradients: [[], [[0], [0]]],
    },
    {
      says: "does not protect 0 from Infinity",
      f: (a, b) => gt.matmul(a, b),
      xs: [
        [0, 1],
        [Infinity, 1],
      ],
      value: NaN,
    },
    {
      says: "of two vectors is one number",
      f: (a, b) => gt.matmul(a, b),
      xs: [
        [1, 2],
        [3, 4],
      ],
      value: 11,
      gradients: [
        [3, 4],
        [1, 2],
      ],
    },
  ],
  dot: [
    { says: "of an empty tensor is 0", f: (a, b) => gt.dot(a, b), xs: [empty, empty], value: 0, gradients: [[], []] },
    { says: "does not protect 0 from NaN", f: (a, b) => gt.dot(a, b), xs: [[0], [NaN]], value: NaN },
  ],
  outer: [
    {
      says: "with nothing is empty",
      f: (a, b) => gt.outer(a, b),
      xs: [[1, 2], empty],
      shape: [2, 0],
      gradients: [[0, 0], []],
    },
  ],
  einsum: [
    // FAULTS 21.
    {
      says: "broadcasts size 1 under a letter",
      f: (a, b) => gt.einsum("i,i->", a, b),
      xs: [[5], [1, 2, 3]],
      value: 30,
      gradients: [[6], [5, 5, 5]],
    },
    {
      says: "broadcasts size 1 to an empty axis",
      f: (a, b) => gt.einsum("i,i->i", a, b),
      xs: [[5], zeros([0])],
      value: [],
      gradients: [[0], []],
    },
    {
      says: "over an empty axis is 0",
      f: (a, b) => gt.einsum("ij,jk->ik", a, b),
      xs: [zeros([1, 0]), zeros([0, 2])],
      value: [[0, 0]],
      gradients: [[[]], []],
    },
    {
      says: "of single numbers is their product",
      f: (a, b, c) => gt.einsum(",,->", a, b, c),
      xs: [2, 3, 4],
      value: 24,
      gradients: [12, 8, 6],
    },
    {
      says: "with an index twice takes the diagonal",
      f: (a) => gt.einsum("ii", a),
      xs: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      value: 5,
      gradients: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    },
    {
      says: "does not protect 0 from Infinity",
      f: (a, b) => gt.einsum("i,i", a, b),
      xs: [
        [0, 1],
        [Infinity, 1],
      ],
      value: NaN,
    },
  ],
};
