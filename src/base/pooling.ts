import type { TensorData } from "./dtype";

/** Windows along one axis: `count` of them, each of `window` places that are `dilation` apart, `stride` apart, the first at -before. @internal */
export interface PoolingAxis {
  readonly size: number;
  readonly count: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

/** The first place of window i that is not before the beginning. @internal */
export const windowStart = ({ stride, dilation, before }: PoolingAxis, i: number): number => {
  const start = i * stride - before;
  return start >= 0 ? start : start + Math.ceil(-start / dilation) * dilation;
};

/** Where window i ends, or the axis. @internal */
export const windowEnd = ({ size, window, stride, dilation, before }: PoolingAxis, i: number): number =>
  Math.min(size, i * stride - before + (window - 1) * dilation + 1);

/**
 * The place, in its plane, of the largest number of each window: the first of several, and the first NaN if there is one. Every
 * window has a place that is not padding.
 * @internal
 */
export function findLargest(
  out: TensorData,
  x: TensorData,
  planes: number,
  rows: PoolingAxis,
  columns: PoolingAxis,
): void {
  const plane = rows.size * columns.size;
  const starts = Int32Array.from({ length: columns.count }, (_, q) => windowStart(columns, q));
  const ends = Int32Array.from({ length: columns.count }, (_, q) => windowEnd(columns, q));
  let to = 0;
  for (let p = 0; p < planes; p++) {
    const base = p * plane;
    for (let i = 0; i < rows.count; i++) {
      const top = windowStart(rows, i);
      const bottom = windowEnd(rows, i);
      for (let j = 0; j < columns.count; j++) {
        const left = starts[j];
        const right = ends[j];
        let place = top * columns.size + left;
        let best = x[base + place];
        for (let row = top; row < bottom; row += rows.dilation) {
          const first = row * columns.size;
          for (let at = first + left; at < first + right; at += columns.dilation) {
            const value = x[base + at];
            // A NaN wins over every number, and nothing over a NaN.
            if (value > best || (Number.isNaN(value) && !Number.isNaN(best))) {
              best = value;
              place = at;
            }
          }
        }
        out[to++] = place;
      }
    }
  }
}
