import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { zeros, tensor } = gt;
const empty = zeros([0]);
const ints = (x: number[]) => tensor(new Int32Array(x));

export const indexingCalls: Rows<Call> = {
  take: [
    {
      says: "the same twice adds its gradients",
      f: (x) => gt.take(x, [1, 1, -1]),
      xs: [[1, 2, 3]],
      value: [2, 2, 3],
      gradients: [[0, 2, 1]],
    },
    { says: "one index drops the axis", f: (x) => gt.take(x, -1), xs: [[1, 2]], value: 2, gradients: [[0, 1]] },
    {
      says: "no indices give nothing, and gradient 0",
      f: (x) => gt.take(x, ints([])),
      xs: [[1, 2]],
      value: [],
      gradients: [[0, 0]],
    },
    { says: "from an empty axis throws", f: (x) => gt.take(x, [0]), xs: [empty], throws: "index/invalid" },
  ],
  scatterAdd: [
    {
      says: "to the same place adds up",
      f: (x, u) => gt.scatterAdd(x, [0, 0, -1], u),
      xs: [
        [1, 2],
        [10, 20, 30],
      ],
      value: [31, 32],
      gradients: [
        [1, 1],
        [1, 1, 1],
      ],
    },
    {
      says: "nothing changes nothing",
      f: (x, u) => gt.scatterAdd(x, ints([]), u),
      xs: [[1, 2], empty],
      value: [1, 2],
      gradients: [[1, 1], []],
    },
  ],
  takeAlongAxis: [
    {
      says: "counts from the end",
      f: (x) => gt.takeAlongAxis(x, [-1, 0, 0]),
      xs: [[1, 2]],
      value: [2, 1, 1],
      gradients: [[2, 1]],
    },
  ],
  scatterAddAlongAxis: [
    {
      says: "to the same place adds up",
      f: (x, u) => gt.scatterAddAlongAxis(x, [0, 0], u),
      xs: [
        [1, 2],
        [10, 20],
      ],
      value: [31, 2],
      gradients: [
        [1, 1],
        [1, 1],
      ],
    },
  ],
  oneHot: [
    { says: "of one index is a vector", f: (i) => gt.oneHot(i, 3), xs: [ints([1]).at(0)], value: [0, 1, 0] },
    { says: "of no index is empty", f: (i) => gt.oneHot(i, 3), xs: [ints([])], shape: [0, 3] },
  ],
  diag: [
    { says: "of an empty tensor is empty", f: (x) => gt.diag(x), xs: [empty], shape: [0, 0] },
    {
      says: "of one number off the diagonal",
      f: (x) => gt.diag(x, { k: -1 }),
      xs: [[5]],
      value: [
        [0, 0],
        [5, 0],
      ],
      gradients: [[1]],
    },
  ],
  diagonal: [
    {
      says: "of a matrix that is not square",
      f: (x) => gt.diagonal(x, { k: 1 }),
      xs: [[[1, 2, 3]]],
      value: [2],
      gradients: [[[0, 1, 0]]],
    },
  ],
  tril: [
    {
      says: "leaves no NaN above",
      f: (x) => gt.tril(x),
      xs: [
        [
          [1, NaN],
          [2, 3],
        ],
      ],
      value: [
        [1, 0],
        [2, 3],
      ],
      gradients: [
        [
          [1, 0],
          [1, 1],
        ],
      ],
    },
  ],
  triu: [
    {
      says: "leaves no Infinity below",
      f: (x) => gt.triu(x),
      xs: [
        [
          [1, 2],
          [Infinity, 3],
        ],
      ],
      value: [
        [1, 2],
        [0, 3],
      ],
      gradients: [
        [
          [1, 1],
          [0, 1],
        ],
      ],
    },
  ],
};
