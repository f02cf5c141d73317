import * as gt from "gradtape";
import { untyped } from "../../support";
import type { Call, Rows } from "./row";

const INF = Infinity;
const all = (a: gt.Tensor, b: gt.Tensor, x: gt.Tensor) => gt.betainc(a, b, x);

/** Rows [a, b, x, value, by a, by b, by x] as one call on tensors, and one for each on single numbers. */
function rows(says: string, table: readonly (readonly (number | undefined)[])[]): Call[] {
  const column = (k: number) => table.map((row) => row[k]);
  const numbers = (k: number) => column(k) as number[];
  return [
    {
      says,
      f: all,
      xs: [numbers(0), numbers(1), numbers(2)],
      value: numbers(3),
      gradients: [column(4).map(orNothing), column(5).map(orNothing), column(6).map(orNothing)],
    },
    ...table.map(([a, b, x, value, ...gradients]) => ({
      says: `${says}: ${a}, ${b}, ${x}`,
      f: all,
      xs: [a as number, b as number, x as number],
      value,
      gradients: gradients.map(orNothing),
    })),
  ];
}
const orNothing = (x: number | undefined) => x ?? null;

export const incompleteCalls: Rows<Call> = {
  betainc: [
    ...rows("at the ends", [
      [2, 3, 0, 0, 0, 0, 0],
      [1, 3, 0, 0, 0, 0, 3],
      [0.5, 3, 0, 0, 0, 0, INF],
      [2, 3, 1, 1, 0, 0, 0],
      [2, 1, 1, 1, 0, 0, 2],
      [2, 0.5, 1, 1, 0, 0, INF],
    ]),
    ...rows("in the tails", [
      [1, 3, 1e-200, 3e-200, undefined, undefined, 3],
      [0.5, 3, 1e-200, 1.875e-100, undefined, undefined, undefined],
      [1000, 1000, 0.2, 2.2479089280358389e-196, -2.0621689077470045e-196, undefined, undefined],
    ]),
    ...rows("for parameters that are 0, infinite or huge", [
      [0, 2, 0.25, 1, -0.63629436111989062, 0, 0],
      [2, 0, 0.75, 0, 0, 0.63629436111989062, 0],
      [2, INF, 0.5, 1, 0, 0, 0],
      [INF, 2, 0.5, 0, 0, 0, 0],
      [1e20, 1e20, 0.5, 0.5, -2.8209479177387815e-11, 2.8209479177387815e-11, 1.1283791670955126e10],
    ]),
    ...rows("outside its domain", [
      [0, 0, 0.5, NaN, undefined, undefined, undefined],
      [INF, INF, 0.5, NaN, undefined, undefined, undefined],
      [-1, 2, 0.5, NaN, NaN, NaN, NaN],
      [2, -1, 0.5, NaN, NaN, NaN, NaN],
      [1, 2, -0.5, NaN, NaN, NaN, NaN],
      [1, 2, 1.5, NaN, NaN, NaN, NaN],
      [NaN, 2, 0.5, NaN, NaN, NaN, NaN],
      [2, 2, NaN, NaN, NaN, NaN, NaN],
    ]),
    {
      says: "of three numbers is a number",
      f: () => gt.betainc(2, 3, 0.25),
      xs: [],
      value: 0.26171875,
    },
    {
      says: "broadcasts, and sums what it repeated",
      f: (a, x) => gt.betainc(a, 3, x),
      xs: [2, [0.25, 0.25]],
      value: [0.26171875, 0.26171875],
      gradients: [-2 * 0.22805360232434637, [1.6875, 1.6875]],
    },
    {
      says: "takes no part where its cotangent is 0",
      f: (a, x) => gt.where(gt.greater(x, 0), gt.betainc(a, 3, x), 0),
      xs: [0.5, [0, -1]],
      value: [0, 0],
      gradients: [0, [0, 0]],
    },
    {
      says: "of an empty tensor is empty",
      f: (x) => gt.betainc(1, 2, x),
      xs: [gt.zeros([0])],
      value: [],
      gradients: [[]],
    },
    {
      says: "of float32 is float32, and of integers float64",
      f: () => [
        gt.betainc(2, 3, gt.tensor([0.5], { dtype: "float32" })).dtype === "float32" ? 1 : 0,
        untyped(gt.betainc(gt.tensor([2], { dtype: "int32" }), 3, 0.5)),
      ],
      xs: [],
      value: [1, [0.6875]],
    },
  ],
};
