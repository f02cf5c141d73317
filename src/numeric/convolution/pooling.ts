import type { TensorData } from "../../base/dtype";

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
 * The place, in its plane, of the largest element of each window: the first of several, and the first NaN if there is
 * one. Every window has a place that is not padding.
 * @internal
 */
export function findLargest(
  out: TensorData,
  x: TensorData,
  planes: number,
  rows: PoolingAxis,
  columns: PoolingAxis,
): void {
  const width = columns.size;
  const plane = rows.size * width;
  const [down, right] = [rows.dilation, columns.dilation];
  const starts = Int32Array.from({ length: columns.count }, (_, q) => windowStart(columns, q));
  const ends = Int32Array.from({ length: columns.count }, (_, q) => windowEnd(columns, q));
  let to = 0;
  for (let base = 0; base < planes * plane; base += plane) {
    for (let i = 0; i < rows.count; i++) {
      const top = base + windowStart(rows, i) * width;
      const bottom = base + windowEnd(rows, i) * width;
      for (let j = 0; j < columns.count; j++) {
        const start = starts[j];
        const end = ends[j];
        let place = top + start;
        let best = x[place];
        for (let row = top; row < bottom; row += down * width) {
          for (let at = row + start; at < row + end; at += right) {
            const value = x[at];
            // Larger, or the first NaN: nothing wins over a NaN.
            if (!(value <= best) && !Number.isNaN(best)) {
              best = value;
              place = at;
            }
          }
        }
        out[to++] = place - base;
      }
    }
  }
}
