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
  scatterSet: [
    {
      says: "to the same place leaves the last, which gets the derivative",
      f: (x, u) => gt.scatterSet(x, [0, 0, -1], u),
      xs: [
        [1, 2, 3],
        [10, 20, 30],
      ],
      value: [20, 2, 30],
      gradients: [
        [0, 1, 0],
        [0, 1, 1],
      ],
    },
    {
      says: "finds the same place counted from either end",
      f: (x, u) => gt.scatterSet(x, [-1, 1], u),
      xs: [
        [1, 2],
        [10, 20],
      ],
      value: [1, 20],
      gradients: [
        [1, 0],
        [0, 1],
      ],
    },
    {
      says: "writes over NaN, and passes none on",
      f: (x) => gt.mul(gt.scatterSet(gt.log(x), [0], 0), tensor([Infinity, 1])),
      xs: [[-1, 1]],
      value: [NaN, 0],
      gradients: [[0, 1]],
    },
    {
      says: "keeps -0",
      f: (x) => gt.div(1, gt.scatterSet(x, [0], tensor([-0]))),
      xs: [[1, 2]],
      value: [-Infinity, 0.5],
    },
    {
      says: "nothing changes nothing",
      f: (x, u) => gt.scatterSet(x, ints([]), u),
      xs: [[1, 2], empty],
      value: [1, 2],
      gradients: [[1, 1], []],
    },
    {
      says: "into an empty axis throws",
      f: (x) => gt.scatterSet(x, [0], 1),
      xs: [empty],
      throws: "index/invalid",
    },
  ],
  scatterMax: [
    {
      says: "shares evenly between ties",
      f: (x, u) => gt.scatterMax(x, [0, 0, 1, 1], u),
      xs: [
        [5, 1],
        [5, 2, 7, 7],
      ],
      value: [5, 7],
      gradients: [
        [0.5, 0],
        [0.5, 0, 0.5, 0.5],
      ],
    },
    {
      says: "gives NaN from either side",
      f: (x, u) => gt.scatterMax(x, [0, 1], u),
      xs: [
        [NaN, 1, 3],
        [2, NaN],
      ],
      value: [NaN, NaN, 3],
      gradients: [
        [NaN, NaN, 1],
        [NaN, NaN],
      ],
    },
    {
      says: "of nothing is x",
      f: (x, u) => gt.scatterMax(x, ints([]), u),
      xs: [[1, 2], empty],
      value: [1, 2],
      gradients: [[1, 1], []],
    },
    {
      says: "starts at -Infinity for the updates alone",
      f: (x, u) => gt.scatterMax(x, [1, 1], u),
      xs: [
        [-Infinity, -Infinity],
        [-3, -2],
      ],
      value: [-Infinity, -2],
      gradients: [
        [1, 0],
        [0, 1],
      ],
    },
  ],
  scatterMin: [
    {
      says: "shares evenly between ties",
      f: (x, u) => gt.scatterMin(x, [1, 1, 1], u),
      xs: [
        [5, 4],
        [4, 6, 4],
      ],
      value: [5, 4],
      gradients: [
        [1, 1 / 3],
        [1 / 3, 0, 1 / 3],
      ],
    },
  ],
  gather: [
    {
      says: "takes by coordinates, from the end too, and adds gradients of what is taken twice",
      f: (x) => gt.gather(x, [ints([0, -1, 1]), ints([1, 0, -2])]),
      xs: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      value: [2, 3, 3],
      gradients: [
        [
          [0, 1],
          [2, 0],
        ],
      ],
    },
    {
      says: "broadcasts the indices to each other",
      f: (x) =>
        gt.gather(x, [
          [[0], [1]],
          [1, 0],
        ]),
      xs: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      value: [
        [2, 1],
        [4, 3],
      ],
    },
    { says: "by no coordinates gives nothing", f: (x) => gt.gather(x, [ints([]), 0]), xs: [[[1]]], value: [] },
    { says: "from an empty axis throws", f: (x) => gt.gather(x, [0, 0]), xs: [zeros([2, 0])], throws: "index/invalid" },
    { says: "along more axes than there are throws", f: (x) => gt.gather(x, [0, 0]), xs: [[1]], throws: "index/axes" },
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
