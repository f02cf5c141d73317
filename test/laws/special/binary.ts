import type { BinaryRow, Rows } from "./row";

const PI = Math.PI;
const LN2 = Math.LN2;
const INF = Infinity;

export const binaryRows: Rows<BinaryRow> = {
  add: [[-0, -0, -0, 1, 1], [-0, 0, 0, 1, 1], [INF, -INF, NaN, 1, 1], [1e308, 1e308, INF, 1, 1], [NaN, 1, NaN, 1, 1]],
  sub: [[0, 0, 0, 1, -1], [-0, 0, -0, 1, -1], [INF, INF, NaN, 1, -1], [NaN, 1, NaN, 1, -1]],
  mul: [[0, 5, 0, 5, 0], [-0, 5, -0, 5, -0], [0, INF, NaN, INF, 0], [1e200, 1e200, INF, 1e200, 1e200], [1e-200, 1e-200, 0, 1e-200, 1e-200], [NaN, 0, NaN, 0, NaN]],
  div: [[0, 1, 0, 1, -0], [1, 0, INF, INF, -INF], [-1, 0, -INF, INF, INF], [0, 0, NaN, INF, NaN], [1, INF, 0, 0, -0], [1e200, 1e-200, INF, 1e200, -INF], [NaN, 1, NaN, 1, NaN]],
  pow: [[0, 2, 0, 0, 0], [-0, 2, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1, 0], [0, 0.5, 0, INF, 0], [0, -1, INF, -INF], [2, 0, 1, 0, LN2], [-2, 3, -8, 12], [-2, 2, 4, -4], [-8, 1 / 3, NaN], [INF, 2, INF, INF, INF], [2, -INF, 0], [2, INF, INF], [NaN, 0, 1], [NaN, 1, NaN]],
  maximum: [[1, 1, 1, 0.5, 0.5], [2, 1, 2, 1, 0], [0, 0, 0, 0.5, 0.5], [INF, 1, INF, 1, 0], [-INF, -INF, -INF, 0.5, 0.5], [1e-320, 0, 1e-320, 1, 0], [NaN, 1, NaN], [1, NaN, NaN]],
  minimum: [[1, 1, 1, 0.5, 0.5], [2, 1, 1, 0, 1], [0, 0, 0, 0.5, 0.5], [INF, 1, 1, 0, 1], [INF, INF, INF, 0.5, 0.5], [NaN, 1, NaN], [1, NaN, NaN]],
  atan2: [[0, 1, 0, 1, -0], [-0, 1, -0, 1], [1, 0, PI / 2, 0, -1], [0, -1, PI, -1], [-0, -1, -PI, -1], [0, 0, 0], [1e200, 1e200, PI / 4, 0.5e-200, -0.5e-200], [INF, INF, PI / 4], [1, INF, 0], [NaN, 1, NaN, NaN, NaN]],
  hypot: [[0, 0, 0, 0, 0], [3, 4, 5, 0.6, 0.8], [-3, 0, 3, -1, 0], [1e200, 1e200, Math.SQRT2 * 1e200, Math.SQRT1_2, Math.SQRT1_2], [3e-200, 4e-200, 5e-200, 0.6, 0.8], [INF, 1, INF], [NaN, 1, NaN, NaN, NaN]],
  logAddExp: [[0, 0, LN2, 0.5, 0.5], [1000, 1000, 1000 + LN2, 0.5, 0.5], [-1000, -1000, -1000 + LN2, 0.5, 0.5], [1000, -1000, 1000, 1, 0], [-INF, 0, 0, 0, 1], [0, -INF, 0, 1, 0], [-INF, -INF, -INF], [INF, 0, INF, 1, 0], [INF, INF, INF], [INF, -INF, INF, 1, 0], [NaN, 0, NaN, NaN, NaN]],
  equal: [[0, -0, true], [1, 1, true], [INF, INF, true], [NaN, NaN, false]],
  notEqual: [[0, -0, false], [1, 2, true], [INF, -INF, true], [NaN, NaN, false], [NaN, 1, false]],
  less: [[-0, 0, false], [1, 1, false], [-INF, INF, true], [NaN, 1, false], [1, NaN, false]],
  lessEqual: [[0, -0, true], [1, 1, true], [2, 1, false], [NaN, NaN, false]],
  greater: [[0, -0, false], [1, 1, false], [INF, 1e308, true], [NaN, 1, false], [1, NaN, false]],
  greaterEqual: [[-0, 0, true], [1, 1, true], [1, 2, false], [NaN, NaN, false]],
};
