import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { zeros, tensor } = gt;
const empty = zeros([0]);
const _ints = (x: number[]) => tensor(new Int32Array(x));

export const movementCalls: Rows<Call> = {
  reshape: [
    { says: "takes a number", f: (x) => gt.reshape(x, [1, 1]), xs: [5], value: [[5]], gradients: [1] },
    {
      says: "of an empty tensor is empty",
      f: (x) => gt.reshape(x, [3, 0]),
      xs: [empty],
      value: [[], [], []],
      gradients: [[]],
    },
    { says: "to a single number", f: (x) => gt.reshape(x, []), xs: [[[7]]], value: 7, gradients: [[[1]]] },
    { says: "cannot tell -1 beside 0", f: (x) => gt.reshape(x, [0, -1]), xs: [empty], throws: "shape/reshape" },
  ],
  transpose: [
    { says: "of a 0-d tensor is itself", f: (x) => gt.transpose(x), xs: [5], value: 5, gradients: [1] },
    { says: "of an empty tensor reverses its shape", f: (x) => gt.transpose(x), xs: [zeros([0, 2])], shape: [2, 0] },
  ],
  swapAxes: [
    { says: "of an empty tensor swaps its sizes", f: (x) => gt.swapAxes(x, 0, -1), xs: [zeros([0, 2])], shape: [2, 0] },
  ],
  broadcastTo: [
    {
      says: "an empty shape",
      f: (x) => gt.broadcastTo(x, [2, 0]),
      xs: [[[1], [2]]],
      shape: [2, 0],
      gradients: [[[0], [0]]],
    },
    { says: "a number", f: (x) => gt.broadcastTo(x, [2]), xs: [3], value: [3, 3], gradients: [2] },
  ],
  full: [{ says: "of an empty tensor", f: (x) => gt.full([0], x), xs: [3], value: [], gradients: [0] }],
  sumTo: [{ says: "of an empty tensor is zero", f: (x) => gt.sumTo(x, []), xs: [empty], value: 0, gradients: [[]] }],
  slice: [
    {
      says: "past both ends takes what is there",
      f: (x) => gt.slice(x, [{ start: -9, stop: 9 }]),
      xs: [[1, 2]],
      value: [1, 2],
      gradients: [[1, 1]],
    },
    {
      says: "backwards from the end",
      f: (x) => gt.slice(x, [{ step: -1 }]),
      xs: [[1, 2, 3]],
      value: [3, 2, 1],
      gradients: [[1, 1, 1]],
    },
    {
      says: "that takes nothing has gradient 0",
      f: (x) => gt.slice(x, [{ start: 2, stop: 1 }]),
      xs: [[1, 2, 3]],
      value: [],
      gradients: [[0, 0, 0]],
    },
    { says: "of an empty tensor is empty", f: (x) => gt.slice(x, [{ step: -2 }]), xs: [empty], value: [] },
    { says: "by no parts is the tensor", f: (x) => gt.slice(x, []), xs: [5], value: 5, gradients: [1] },
  ],
  "Tensor.at": [
    { says: "counts from the end", f: (x) => x.at(-1, 0), xs: [[[1], [2]]], value: 2, gradients: [[[0], [1]]] },
  ],
  flip: [
    { says: "of a 0-d tensor is itself", f: (x) => gt.flip(x), xs: [5], value: 5, gradients: [1] },
    { says: "of an empty tensor is empty", f: (x) => gt.flip(x), xs: [empty], value: [] },
    { says: "keeps -0 and NaN", f: (x) => gt.flip(x), xs: [[-0, NaN]], value: [NaN, -0] },
  ],
  pad: [
    {
      says: "of an empty tensor is the padding",
      f: (x) => gt.pad(x, 1, { value: 7 }),
      xs: [empty],
      value: [7, 7],
      gradients: [[]],
    },
    { says: "of a 0-d tensor is itself", f: (x) => gt.pad(x, []), xs: [5], value: 5, gradients: [1] },
    {
      says: "with NaN leaves the gradient alone",
      f: (x) => gt.pad(x, 1, { value: NaN }),
      xs: [[1]],
      value: [NaN, 1, NaN],
      gradients: [[1]],
    },
    {
      says: "by reflection goes back and forth",
      f: (x) => gt.pad(x, [[1, 5]], { mode: "reflect" }),
      xs: [[1, 2, 3]],
      value: [2, 1, 2, 3, 2, 1, 2, 3, 2],
      gradients: [[2, 5, 2]],
    },
    {
      says: "by reflection of one number repeats it",
      f: (x) => gt.pad(x, 1, { mode: "reflect" }),
      xs: [[NaN]],
      value: [NaN, NaN, NaN],
      gradients: [[3]],
    },
    {
      says: "by replication repeats the edges",
      f: (x) => gt.pad(x, [[2, 1]], { mode: "replicate" }),
      xs: [[1, NaN]],
      value: [1, 1, 1, NaN, NaN],
      gradients: [[3, 2]],
    },
    {
      says: "that continues nothing throws",
      f: (x) => gt.pad(x, 1, { mode: "replicate" }),
      xs: [empty],
      throws: "shape/empty-axis",
    },
    {
      says: "that adds nothing to nothing is nothing",
      f: (x) => gt.pad(x, 0, { mode: "reflect" }),
      xs: [empty],
      value: [],
    },
  ],
  concat: [
    {
      says: "with nothing is the rest",
      f: (x, y) => gt.concat([x, y]),
      xs: [empty, [1, 2]],
      value: [1, 2],
      gradients: [[], [1, 1]],
    },
    { says: "of one tensor is that tensor", f: (x) => gt.concat([x]), xs: [[1]], value: [1], gradients: [[1]] },
    {
      says: "of the same tensor twice adds its gradients",
      f: (x) => gt.concat([x, x]),
      xs: [[1]],
      value: [1, 1],
      gradients: [[2]],
    },
  ],
  stack: [
    {
      says: "of 0-d tensors is a vector",
      f: (x, y) => gt.stack([x, y, 7]),
      xs: [1, 2],
      value: [1, 2, 7],
      gradients: [1, 1],
    },
    { says: "of empty tensors", f: (x) => gt.stack([x, x]), xs: [empty], shape: [2, 0] },
  ],
  unstack: [{ says: "of an empty axis is an empty list", f: (x) => gt.unstack(x), xs: [empty], value: [] }],
  split: [
    {
      says: "with a part of size 0",
      f: (x) => gt.split(x, [0, 2]),
      xs: [[1, 2]],
      value: [[], [1, 2]],
      gradients: [[1, 1]],
    },
  ],
  squeeze: [
    { says: "of a 0-d tensor is itself", f: (x) => gt.squeeze(x), xs: [5], value: 5, gradients: [1] },
    { says: "to a 0-d tensor", f: (x) => gt.squeeze(x), xs: [[[5]]], value: 5, gradients: [[[1]]] },
    { says: "keeps empty axes", f: (x) => gt.squeeze(x), xs: [zeros([1, 0])], shape: [0] },
  ],
  expandDims: [
    { says: "takes a number", f: (x) => gt.expandDims(x, { axis: 0 }), xs: [5], value: [5], gradients: [1] },
  ],
  tile: [
    { says: "no time is nothing", f: (x) => gt.tile(x, 0), xs: [[1, 2]], value: [], gradients: [[0, 0]] },
    { says: "of an empty tensor is empty", f: (x) => gt.tile(x, 3), xs: [empty], value: [] },
  ],
  repeat: [
    { says: "no time is nothing", f: (x) => gt.repeat(x, 0), xs: [[1, 2]], value: [], gradients: [[0, 0]] },
    { says: "of an empty tensor is empty", f: (x) => gt.repeat(x, 3), xs: [empty], value: [] },
  ],
};
