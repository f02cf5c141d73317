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
    { says: "of nothing is 0", f: (a, b) => gt.dot(a, b), xs: [empty, empty], value: 0, gradients: [[], []] },
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
};
