import * as gt from "gradtape";
import { untyped } from "../../support";
import type { Call, Rows } from "./row";

const { tensor, zeros } = gt;
const INF = Infinity;
const _LN2 = Math.LN2;
const empty = zeros([0]);

const where: Call[] = [
  {
    says: "the branch not taken passes no Infinity into the gradient",
    f: (x) => gt.where(gt.greater(x, 0), gt.log(x), 0),
    xs: [[0, 1]],
    value: [0, 0],
    gradients: [[0, 1]],
  },
  {
    says: "nor NaN",
    f: (x) => gt.where(gt.greater(x, 0), gt.sqrt(x), x),
    xs: [[-1, 4]],
    value: [-1, 2],
    gradients: [[1, 0.25]],
  },
  {
    says: "nor to second order",
    f: (x) => gt.grad((y: gt.Tensor) => gt.sum(gt.where(gt.greater(y, 0), gt.log(y), 0)))(x),
    xs: [[0, 2]],
    value: [0, 0.5],
    gradients: [[0, -0.25]],
  },
  {
    says: "takes NaN as it is where it is chosen",
    f: (x) => gt.where(tensor([true, false]), x, 1),
    xs: [[NaN, NaN]],
    value: [NaN, 1],
    gradients: [[1, 0]],
  },
  {
    says: "with empty inputs is empty",
    f: (x) => gt.where(tensor(true), x, 1),
    xs: [empty],
    value: [],
    gradients: [[]],
  },
];

export const choiceCalls: Rows<Call> = {
  pow: [
    {
      says: "has a derivative by the base that varies with the exponent where that is 0",
      f: (b) => gt.grad((a: gt.Tensor) => gt.sum(gt.pow(a, b)))(gt.tensor([2, 4])),
      xs: [0],
      value: [0, 0],
      gradients: [0.75],
    },
  ],
  where,
  // FAULTS 21.
  clip: [
    {
      says: "without an upper bound",
      f: (x) => x.clip(0),
      xs: [[-1, 0, 2, Infinity, NaN]],
      value: [0, 0, 2, Infinity, NaN],
      gradients: [[0, 1, 1, 1, 1]],
    },
    {
      says: "without a lower bound",
      f: (x) => gt.clip(x, undefined, 3),
      xs: [[-Infinity, 3, 4]],
      value: [-Infinity, 3, 3],
      gradients: [[1, 1, 0]],
    },
    {
      says: "by a tensor on one side, which gets the derivative where it was taken",
      f: (x, max) => gt.clip(x, undefined, max),
      xs: [
        [1, 5],
        [2, 2],
      ],
      value: [1, 2],
      gradients: [
        [1, 0],
        [0, 1],
      ],
    },
    {
      says: "of int32 by one bound stays int32",
      f: (x) => gt.dtypeOf(gt.clip(x, 2)),
      xs: [tensor(new Int32Array([1, 3]))],
      value: "int32",
    },
    {
      says: "without bounds is x",
      f: (x) => gt.clip(x),
      xs: [[-INF, 1]],
      value: [-INF, 1],
      gradients: [[1, 1]],
    },
    { says: "with a bound that is NaN throws", f: (x) => gt.clip(x, NaN), xs: [1], throws: "argument/number" },
  ],
  logicalAnd: [
    {
      says: "of empty is empty",
      f: (x) => gt.logicalAnd(x, untyped(true)),
      xs: [zeros([0], { dtype: "bool" })],
      value: [],
      shape: [0],
    },
    {
      says: "takes any number but 0 as true, NaN too",
      f: (x) => gt.logicalAnd(x, tensor(true)),
      xs: [[0, -0, NaN, 2]],
      value: [false, false, true, true],
    },
  ],
  logicalOr: [
    {
      says: "takes any number but 0 as true, NaN too",
      f: (x) => gt.logicalOr(x, tensor(false)),
      xs: [[0, -0, NaN, 2]],
      value: [false, false, true, true],
    },
  ],
  logicalXor: [
    {
      says: "takes any number but 0 as true, NaN too",
      f: (x) => gt.logicalXor(x, tensor(true)),
      xs: [[0, -0, NaN, 2]],
      value: [true, true, false, false],
    },
    { says: "of empty is empty", f: (x) => gt.logicalXor(x, x), xs: [empty], value: [] },
  ],
  cast: [
    { says: "to int32 truncates", f: (x) => gt.cast(x, "int32"), xs: [[1.9, -1.9, -0.5]], value: [1, -1, 0] },
    { says: "of NaN to int32 throws", f: (x) => gt.cast(x, "int32"), xs: [[NaN]], throws: "cast/invalid" },
    {
      says: "through int32 passes no gradient",
      f: (x) => gt.cast(gt.cast(x, "int32"), "float64"),
      xs: [[1.5]],
      value: [1],
      gradients: [[0]],
    },
    {
      says: "to float32 rounds, and passes the gradient",
      f: (x) => gt.cast(x, "float32"),
      xs: [[0.1, 1e300]],
      value: [Math.fround(0.1), INF],
      gradients: [[1, 1]],
    },
  ],
};
