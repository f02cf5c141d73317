import { following, repeated } from "../../core/op/lazy-views";
import type { Lazy, Lower } from "../../core/op/op";
import type { ConvolutionAxis } from "../../numeric/convolution/taps";

/* What windows see of lazy arrays, and convolutions as products of that. Planes are the last two axes. */

/** Windows along one axis, `stride` apart, of places that are `dilation` apart; the first begins at -before. */
export interface Windows {
  readonly count: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

/** What stands in every window: [...A, rows, columns, rows of a window, columns of it]; `outside` around x. */
export function inWindows(on: Lower, x: Lazy, axes: readonly [Windows, Windows], outside: number): Lazy {
  const lead = x.shape.length - 2;
  const rank = lead + 4;
  const none = new Array<number>(lead).fill(0);
  const after = axes.map(({ count, window, stride, dilation, before }, i) =>
    Math.max(0, (count - 1) * stride + (window - 1) * dilation + 1 - before - x.shape[lead + i]),
  );
  const wide = on.pad(x, [...none, ...axes.map(({ before }) => before)], [...none, ...after], outside);
  const along = axes.map(({ stride, dilation }, i) => {
    const coef = new Array<number>(rank).fill(0);
    coef[lead + i] = stride;
    coef[lead + 2 + i] = dilation;
    return { start: 0, coef };
  });
  const shape = [...x.shape.slice(0, lead), ...axes.map(({ count }) => count), ...axes.map(({ window }) => window)];
  return on.view(wide, shape, [...none.map((_, i) => following(rank, i)), ...along]);
}

/** Places of x that are `stride` apart along an axis: the taps that lead there, and the places of y that they come from. */
interface Lane {
  readonly tap: number;
  readonly taps: number;
  readonly period: number;
  /** The place of y from which the first tap leads to the first place. */
  readonly place: number;
  /** How much further back the next tap comes from. */
  readonly step: number;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

function laneOf({ k, stride, dilation, before }: ConvolutionAxis, first: number): Lane | null {
  const period = stride / greatestDivisor(stride, dilation);
  for (let tap = 0; tap < Math.min(period, k); tap++) {
    const from = first + before - tap * dilation;
    if (from % stride !== 0) continue;
    const taps = Math.ceil((k - tap) / period);
    return { tap, taps, period, place: from / stride, step: (period * dilation) / stride };
  }
  return null;
}

/** What so many places of both lanes get of y [N, G, O, P, Q] by kernels [G, O, C, S, T]: [N, G, C, places, places]. */
function throughLanes(on: Lower, y: Lazy, k: Lazy, lanes: readonly Lane[], counts: readonly number[]): Lazy {
  const before = lanes.map(({ place, taps, step }) => Math.max(0, (taps - 1) * step - place));
  const after = lanes.map(({ place }, i) => Math.max(0, place + counts[i] - y.shape[3 + i]));
  const wide = on.pad(y, [0, 0, 0, ...before], [0, 0, 0, ...after], 0);
  const taps = lanes.map((lane) => lane.taps);
  const places = lanes.map(({ place, step }, i) => {
    const coef = [0, 0, 0, 0, 0, 0, 0];
    coef[3 + i] = 1;
    coef[5 + i] = -step;
    return { start: place + before[i], coef };
  });
  const seen = on.view(wide, [...y.shape.slice(0, 3), ...counts, ...taps], [...leading(7), ...places]);
  const met = on.view(
    k,
    [...k.shape.slice(0, 3), ...taps],
    [...leading(5), ...lanes.map(({ tap, period }, i) => following(5, 3 + i, period, tap))],
  );
  return on.product("ngoabst,gocst->ngcab", seen, met);
}
const leading = (rank: number) => [0, 1, 2].map((axis) => following(rank, axis));

/** So many lanes are put together; more are better found one by one. */
const MOST_LANES = 16;

/**
 * The transpose of a convolution: x [N, G, C, H, W] from y [N, G, O, P, Q] and kernels [G, O, C, S, T], without zeros between the
 * elements of y: places of x that are a stride apart are a convolution each. null: too many of these.
 */
export function convolvedBack(
  on: Lower,
  y: Lazy,
  k: Lazy,
  axes: readonly [ConvolutionAxis, ConvolutionAxis],
): Lazy | null {
  const [rows, columns] = axes;
  if (rows.stride * columns.stride > MOST_LANES) return null;
  const counts = axes.map(({ x, stride }) => Math.ceil(x / stride));
  const lead = [y.shape[0], k.shape[0], k.shape[2]];
  const lanes = Array.from({ length: rows.stride }, (_, i) => {
    const row = Array.from({ length: columns.stride }, (_, j) => {
      const pair = [laneOf(rows, i), laneOf(columns, j)].filter((lane) => lane !== null);
      const x =
        pair.length < 2
          ? repeated(on, on.number(0, y.dtype), [...lead, ...counts])
          : throughLanes(on, y, k, pair, counts);
      return on.reshape(x, [...lead, counts[0], 1, counts[1], 1]);
    });
    return row.length === 1 ? row[0] : on.concat(row, 6);
  });
  const whole = lanes.length === 1 ? lanes[0] : on.concat(lanes, 4);
  const shape = axes.map(({ stride }, i) => counts[i] * stride);
  return on.view(
    on.reshape(whole, [...lead, ...shape]),
    [...lead, rows.x, columns.x],
    [0, 1, 2, 3, 4].map((axis) => following(5, axis)),
  );
}
