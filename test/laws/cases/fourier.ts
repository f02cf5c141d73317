import * as gt from "gradtape";
import type { Draw } from "../draw";
import { line, type Table } from "../line";

/** A shape with one axis of up to 9 numbers, and that axis. */
function lines(d: Draw, least = 1): { shape: number[]; axis: number } {
  const shape = d.shape(1);
  const axis = d.axis(shape.length);
  shape[axis < 0 ? axis + shape.length : axis] = d.integer(least, 9);
  return { shape, axis };
}

type Transform = (z: gt.Tensor | gt.Complex, options?: { axis?: number }) => gt.Complex;

/** Of real numbers, and of complex ones. */
const both = (transform: Transform) => [
  line(transform, (d) => {
    const { shape, axis } = lines(d);
    return { inputs: [d.tensor(shape)], attrs: { axis } };
  }),
  line(
    (re: gt.Tensor, im: gt.Tensor, options: { axis: number }) => transform({ re, im }, options),
    (d) => {
      const { shape, axis } = lines(d);
      return { inputs: [d.tensor(shape), d.tensor(shape)], attrs: { axis } };
    },
  ),
  // One part of the result alone.
  line(
    (x: gt.Tensor, { part }: { part: "re" | "im" }) => transform(x)[part],
    (d) => ({ inputs: [d.tensor(d.shape(1))], attrs: { part: d.choice(["re", "im"]) } }),
  ),
];

export const fourier: Table = {
  fft: both(gt.fft),
  ifft: both(gt.ifft),
  rfft: line(gt.rfft, (d) => {
    const { shape, axis } = lines(d);
    return { inputs: [d.tensor(shape)], attrs: { axis } };
  }),
  irfft: line(
    (re: gt.Tensor, im: gt.Tensor, options: { axis: number; length: number }) => gt.irfft({ re, im }, options),
    (d) => {
      const { shape, axis } = lines(d);
      const half = shape.at(axis) as number;
      const length = half === 1 ? 1 : 2 * half - d.integer(1, 2);
      return { inputs: [d.tensor(shape), d.tensor(shape)], attrs: { axis, length } };
    },
  ),
};
