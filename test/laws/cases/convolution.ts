import * as gt from "gradtape";
import type { Draw } from "../draw";
import { line, type Table } from "../line";

/** A size along an axis, and a kernel or window that fits into it. */
function axis(d: Draw, most: number) {
  const [window, dilation] = [d.integer(1, 3), d.integer(1, 2)];
  const padding = d.integer(0, most);
  const least = Math.max(1, (window - 1) * dilation + 1 - 2 * padding);
  return { size: d.integer(least, least + 2), window, dilation, padding, stride: d.integer(1, 3) };
}
type Axis = ReturnType<typeof axis>;

/** Values along all axes; now and then one for all. */
const along = (d: Draw, axes: readonly Axis[], of: (axis: Axis) => number): number | number[] => {
  const values = axes.map(of);
  return values.every((value) => value === values[0]) && d.chance(0.5) ? values[0] : values;
};

const groupsOf = (d: Draw) => ({ images: d.integer(1, 2), groups: d.integer(1, 2), inner: d.integer(1, 2) });

/** Images and kernels for a convolution of the given number of axes. */
const convolution = (op: typeof gt.conv2d, rank: number) =>
  line(op, (d) => {
    const axes = Array.from({ length: rank }, () => axis(d, 1));
    const { images, groups, inner } = groupsOf(d);
    const filters = groups * d.integer(1, 2);
    return {
      inputs: [
        d.tensor([images, groups * inner, ...axes.map(({ size }) => size)]),
        d.tensor([filters, inner, ...axes.map(({ window }) => window)]),
      ],
      attrs: {
        stride: along(d, axes, ({ stride }) => stride),
        dilation: along(d, axes, ({ dilation }) => dilation),
        padding: d.chance(0.3) ? "same" : along(d, axes, ({ padding }) => padding),
        groups,
      },
    };
  });

/** The same for the transpose: what it is given is what a convolution gives. */
const transposed = (op: typeof gt.convTranspose2d, rank: number) =>
  line(op, (d) => {
    const axes = Array.from({ length: rank }, () => axis(d, 1));
    const { images, groups, inner } = groupsOf(d);
    const channels = groups * d.integer(1, 2);
    const placesOf = ({ size, window, dilation, padding, stride }: Axis) =>
      Math.floor((size + 2 * padding - dilation * (window - 1) - 1) / stride) + 1;
    const more = ({ size, window, dilation, padding, stride }: Axis) =>
      (size + 2 * padding - dilation * (window - 1) - 1) % stride;
    return {
      inputs: [
        d.tensor([images, channels, ...axes.map(placesOf)]),
        d.tensor([channels, inner, ...axes.map(({ window }) => window)]),
      ],
      attrs: {
        stride: along(d, axes, ({ stride }) => stride),
        dilation: along(d, axes, ({ dilation }) => dilation),
        padding: along(d, axes, ({ padding }) => padding),
        outputPadding: axes.map(more),
        groups,
      },
    };
  });

/** Images and windows, none of them on padding alone. */
function pooled(d: Draw) {
  const axes = [axis(d, 0), axis(d, 0)].map((drawn) => ({
    ...drawn,
    padding: drawn.window > 1 && drawn.dilation === 1 ? d.integer(0, 1) : 0,
  }));
  return {
    shape: [d.integer(1, 2), d.integer(1, 2), ...axes.map(({ size }) => size)],
    dilation: along(d, axes, ({ dilation }) => dilation),
    attrs: {
      window: along(d, axes, ({ window }) => window),
      ...(d.chance(0.7) ? { stride: along(d, axes, ({ stride }) => stride) } : {}),
      ...(d.chance(0.7) ? { padding: along(d, axes, ({ padding }) => padding) } : {}),
    },
  };
}

export const convolutions: Table = {
  conv1d: convolution(gt.conv1d as typeof gt.conv2d, 1),
  conv2d: convolution(gt.conv2d, 2),
  convTranspose1d: transposed(gt.convTranspose1d as typeof gt.convTranspose2d, 1),
  convTranspose2d: transposed(gt.convTranspose2d, 2),
  maxPool2d: line(gt.maxPool2d, (d) => {
    const { shape, dilation, attrs } = pooled(d);
    return { inputs: [d.distinct(shape)], attrs: { ...attrs, dilation } };
  }),
  avgPool2d: [
    line(gt.avgPool2d, (d) => {
      const { shape, attrs } = pooled(d);
      return { inputs: [d.tensor(shape)], attrs: { ...attrs, countIncludePad: d.chance(0.5) } };
    }),
    line(gt.avgPool2d, (d) => ({
      inputs: [d.tensor([1, 2, d.integer(1, 4), d.integer(1, 4)])],
      attrs: { window: d.integer(1, 3), padding: "same", stride: d.integer(1, 3), countIncludePad: d.chance(0.5) },
    })),
  ],
};
