import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { zeros, tensor } = gt;
const image = (...rows: number[][]) => tensor([[rows]]);

export const convolutionCalls: Rows<Call> = {
  conv1d: [
    {
      says: "spreads NaN and Infinity to what sees them, and no further",
      f: (x, k) => gt.conv1d(x, k),
      xs: [[[[NaN, 1, 2, 3, Infinity]]], [[[1, 1]]]],
      value: [[[NaN, 3, 5, Infinity]]],
      gradients: [[[[1, 2, 2, 2, 1]]], [[[NaN, Infinity]]]],
    },
    {
      says: "does not protect the zeros of its padding from an infinite kernel",
      f: (x, k) => gt.conv1d(x, k, { padding: 1 }),
      xs: [[[[1, 2]]], [[[Infinity, 1, 1]]]],
      value: [[[NaN, Infinity]]],
    },
    {
      says: "of an image without pixels is 0",
      f: (x, k) => gt.conv1d(x, k),
      xs: [zeros([1, 0, 3]), zeros([2, 0, 2])],
      value: [
        [
          [0, 0],
          [0, 0],
        ],
      ],
      gradients: [[[]], [[], []]],
    },
    {
      says: "of no sequences has none, and gradient 0",
      f: (x, k) => gt.conv1d(x, k),
      xs: [zeros([0, 1, 3]), [[[1, 2]]]],
      shape: [0, 1, 2],
      gradients: [[], [[[0, 0]]]],
    },
    {
      says: "of an empty sequence is empty with padding same",
      f: (x, k) => gt.conv1d(x, k, { padding: "same" }),
      xs: [zeros([1, 1, 0]), [[[1, 2]]]],
      shape: [1, 1, 0],
      gradients: [[[[]]], [[[0, 0]]]],
    },
    {
      says: "of an empty sequence sees its padding",
      f: (x, k) => gt.conv1d(x, k, { padding: 1 }),
      xs: [zeros([1, 1, 0]), [[[1, 2]]]],
      value: [[[0]]],
      gradients: [undefined, [[[0, 0]]]],
    },
    {
      says: "sums huge numbers in double precision",
      f: (x, k) => gt.conv1d(x, k),
      xs: [tensor([[[3e38, 3e38]]], { dtype: "float32" }), tensor([[[1, -1]]], { dtype: "float32" })],
      value: [[[0]]],
    },
  ],
  conv2d: [
    {
      says: "is a product with a number for one number",
      f: (x, k) => gt.conv2d(x, k),
      xs: [image([3]), image([5])],
      value: [[[[15]]]],
      gradients: [[[[[5]]]], [[[[3]]]]],
    },
    {
      says: "skips what the stride leaves out, NaN included",
      f: (x, k) => gt.conv2d(x, k, { stride: 2 }),
      xs: [image([1, NaN, 2], [NaN, NaN, NaN], [3, NaN, 4]), image([2])],
      value: [
        [
          [
            [2, 4],
            [6, 8],
          ],
        ],
      ],
      gradients: [
        [
          [
            [
              [2, 0, 2],
              [0, 0, 0],
              [2, 0, 2],
            ],
          ],
        ],
        [[[[10]]]],
      ],
    },
    {
      says: "of integers stays integer",
      f: (x, k) => gt.conv2d(gt.cast(x, "int32"), gt.cast(k, "int32")),
      xs: [image([1, 2]), image([3, 4])],
      value: [[[[11]]]],
      gradients: [[[[[0, 0]]]], [[[[0, 0]]]]],
    },
    {
      says: "does not protect 0 from NaN",
      f: (x, k) => gt.conv2d(x, k),
      xs: [image([NaN]), image([0])],
      value: [[[[NaN]]]],
    },
  ],
  convTranspose1d: [
    {
      says: "leaves zeros where nothing leads",
      f: (x, k) => gt.convTranspose1d(x, k, { stride: 3 }),
      xs: [[[[1, NaN]]], [[[Infinity]]]],
      value: [[[Infinity, 0, 0, NaN]]],
    },
    {
      says: "of no sequences has none, and gradient 0",
      f: (x, k) => gt.convTranspose1d(x, k),
      xs: [zeros([0, 1, 3]), [[[1, 2]]]],
      shape: [0, 1, 4],
      gradients: [[], [[[0, 0]]]],
    },
  ],
  convTranspose2d: [
    {
      says: "cuts its padding off",
      f: (x, k) => gt.convTranspose2d(x, k, { padding: [0, 1] }),
      xs: [image([5, 2]), image([1, 10])],
      value: [[[[52]]]],
      gradients: [[[[[10, 1]]]], [[[[2, 5]]]]],
    },
    {
      says: "fills what outputPadding adds",
      f: (x, k) => gt.convTranspose2d(x, k, { stride: 2, outputPadding: 1 }),
      xs: [image([1, 2]), image([3])],
      value: [
        [
          [
            [3, 0, 6, 0],
            [0, 0, 0, 0],
          ],
        ],
      ],
      gradients: [[[[[3, 3]]]], [[[[3]]]]],
    },
  ],
  maxPool2d: [
    {
      says: "gives ties to the first",
      f: (x) => gt.maxPool2d(x, { window: 2 }),
      xs: [image([1, 1, 0, -0], [1, 1, -0, 0])],
      value: [[[[1, 0]]]],
      gradients: [
        [
          [
            [
              [1, 0, 1, 0],
              [0, 0, 0, 0],
            ],
          ],
        ],
      ],
    },
    {
      says: "lets NaN flow, from the first one",
      f: (x) => gt.maxPool2d(x, { window: [2, 2] }),
      xs: [image([Infinity, NaN, 1, 2], [NaN, 3, 4, 3])],
      value: [[[[NaN, 4]]]],
      gradients: [
        [
          [
            [
              [0, 1, 0, 0],
              [0, 0, 1, 0],
            ],
          ],
        ],
      ],
    },
    {
      says: "never takes its padding, also beside -Infinity",
      f: (x) => gt.maxPool2d(x, { window: 2, stride: 1, padding: 1 }),
      xs: [image([-Infinity])],
      value: [
        [
          [
            [-Infinity, -Infinity],
            [-Infinity, -Infinity],
          ],
        ],
      ],
      gradients: [[[[[4]]]]],
    },
    {
      says: "adds up where windows overlap",
      f: (x) => gt.maxPool2d(x, { window: [1, 2], stride: 1 }),
      xs: [image([1, 3, 2])],
      value: [[[[3, 3]]]],
      gradients: [[[[[0, 2, 0]]]]],
    },
    {
      says: "of integers stays integer",
      f: (x) => gt.maxPool2d(gt.cast(x, "int32"), { window: [1, 2] }),
      xs: [image([-7, -8])],
      value: [[[[-7]]]],
      gradients: [[[[[0, 0]]]]],
    },
    {
      says: "of no images has none",
      f: (x) => gt.maxPool2d(x, { window: 2 }),
      xs: [zeros([0, 1, 2, 2])],
      shape: [0, 1, 1, 1],
      gradients: [[]],
    },
    {
      says: "of empty images is empty with padding same",
      f: (x) => gt.maxPool2d(x, { window: 2, padding: "same" }),
      xs: [zeros([1, 1, 0, 2])],
      shape: [1, 1, 0, 1],
    },
    {
      says: "of a window that sees padding only throws",
      f: (x) => gt.maxPool2d(x, { window: 2, padding: 2 }),
      xs: [image([1, 2], [3, 4])],
      throws: "pool/window",
    },
  ],
  avgPool2d: [
    {
      says: "counts its padding",
      f: (x) => gt.avgPool2d(x, { window: 2, padding: 1 }),
      xs: [image([4, 8])],
      value: [[[[1, 2]]]],
      gradients: [[[[[0.25, 0.25]]]]],
    },
    {
      says: "leaves its padding out where it is told to",
      f: (x) => gt.avgPool2d(x, { window: 2, padding: 1, countIncludePad: false }),
      xs: [image([4, 8])],
      value: [[[[4, 8]]]],
      gradients: [[[[[1, 1]]]]],
    },
    {
      says: "spreads NaN and Infinity to what sees them",
      f: (x) => gt.avgPool2d(x, { window: [1, 2] }),
      xs: [image([NaN, 1, 2, 4, Infinity, 1])],
      value: [[[[NaN, 3, Infinity]]]],
      gradients: [[[[[0.5, 0.5, 0.5, 0.5, 0.5, 0.5]]]]],
    },
    {
      says: "of integers is float64",
      f: (x) => gt.avgPool2d(gt.cast(x, "int32"), { window: [1, 2] }),
      xs: [image([1, 2])],
      value: [[[[1.5]]]],
      gradients: [[[[[0, 0]]]]],
    },
    {
      says: "of no images has none",
      f: (x) => gt.avgPool2d(x, { window: 2 }),
      xs: [zeros([0, 1, 2, 2])],
      shape: [0, 1, 1, 1],
      gradients: [[]],
    },
  ],
};
