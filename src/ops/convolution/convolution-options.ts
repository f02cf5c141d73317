import { describe, fail, list } from "../../base/errors";
import { checkInteger, type Shape } from "../../base/shape";
import { promoted } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";

/** One size for each axis of a sequence, or one for all. */
export type Sizes1 = number | readonly [number];
/** One size for each axis of an image, or one for both. */
export type Sizes2 = number | readonly [number, number] | readonly number[];

/** Options of conv1d and conv2d; N is a number, or one number per axis. */
export interface ConvOptions<N> {
  /** How far from one place of the kernel to the next; 1 by default. */
  readonly stride?: N | undefined;
  /** Zeros put before and behind x; "valid" is 0, the default; "same" gives n / stride elements for n, rounded up. */
  readonly padding?: N | "same" | "valid" | undefined;
  /** Distance between the elements that the kernel reads; 1 by default. */
  readonly dilation?: N | undefined;
  /** Number of groups: channels meet only the filters of their own group; 1 by default. */
  readonly groups?: number | undefined;
}

/** Options of convTranspose1d and convTranspose2d: those of the convolution that they are the transposes of. */
export interface TransposedConvOptions<N> {
  /** The stride of the convolution: how far apart elements of x are placed; 1 by default. */
  readonly stride?: N | undefined;
  /** The padding of the convolution: cut off from both ends of the result; 0 by default. */
  readonly padding?: N | undefined;
  /** What the result has more at the end, where the convolution rounds its size down; 0 by default. */
  readonly outputPadding?: N | undefined;
  /** Distance between the elements that the kernel reads; 1 by default. */
  readonly dilation?: N | undefined;
  /** Number of groups: channels meet only the filters of their own group; 1 by default. */
  readonly groups?: number | undefined;
}

/** Options of the pools. */
export interface PoolOptions {
  /** Rows and columns of a window. */
  readonly window: Sizes2;
  /** How far from one window to the next; the width of the window by default. */
  readonly stride?: Sizes2 | undefined;
  /** What is put before and behind x; "valid" is 0, the default; "same" gives n / stride elements for n, rounded up. */
  readonly padding?: Sizes2 | "same" | "valid" | undefined;
  /** Distance between the elements that a window reads; 1 by default. */
  readonly dilation?: Sizes2 | undefined;
}

/** An option that is one integer, or one for each axis. */
export function checkSizes(where: string, name: string, x: unknown, rank: number, min: number): readonly number[] {
  if (!Array.isArray(x)) return new Array<number>(rank).fill(checkInteger(where, name, x, min));
  if (x.length !== rank) {
    fail(
      "argument/sizes",
      `${where}: ${name} must be a number or ${list(new Array(rank).fill("number"))}, got ${describe(x)}.`,
      { name, received: x, rank },
      "One number stands for all axes.",
    );
  }
  return Array.from(x, (size, i) => checkInteger(where, `${name}[${i}]`, size, min));
}

/** Where windows stand along one axis. */
export interface Windows {
  /** How many there are. */
  readonly count: number;
  /** How far the first one stands before the beginning. */
  readonly before: number;
}

/** What a kernel, or a window, does along the axes. */
export interface Sliding {
  readonly window: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

const reachOf = ({ window, dilation }: Sliding, i: number): number => (window[i] - 1) * dilation[i] + 1;

/** How many windows there are along each axis of the given size, and where they begin. */
export function windowsOf(
  where: string,
  what: "kernel" | "window",
  size: Shape,
  padding: unknown,
  sliding: Sliding,
): Windows[] {
  const reach = size.map((_, i) => reachOf(sliding, i));
  if (padding === "same") {
    return size.map((n, i) => {
      const count = Math.ceil(n / sliding.stride[i]);
      return { count, before: Math.max(0, (count - 1) * sliding.stride[i] + reach[i] - n) >> 1 };
    });
  }
  if (typeof padding === "string" && padding !== "valid") {
    fail(
      "option/choice",
      `${where}: padding must be a number, one per axis, "same" or "valid", got ${describe(padding)}.`,
      { option: "padding", received: padding },
      "Leave padding out for none.",
    );
  }
  const before = checkSizes(where, "padding", padding === "valid" ? 0 : (padding ?? 0), size.length, 0);
  const padded = size.map((n, i) => n + 2 * before[i]);
  if (reach.some((n, i) => n > padded[i])) {
    const wide = sliding.dilation.some((d) => d !== 1) ? ", spread by its dilation," : "";
    const message = `${where}: the ${what} of size ${list(reach)}${wide} is larger than x of size ${list(padded)} with its padding.`;
    const facts = { size, padding: before, window: sliding.window, dilation: sliding.dilation };
    return what === "kernel"
      ? fail(
          "conv/kernel",
          message,
          facts,
          'Pad x more, with { padding: "same" } for instance, or use a smaller kernel.',
        )
      : fail("pool/window", message, facts, 'Use a smaller window, or { padding: "same" }.');
  }
  return padded.map((n, i) => ({ count: Math.floor((n - reach[i]) / sliding.stride[i]) + 1, before: before[i] }));
}

/** A tensor with images: a batch of them, their channels, their axes. */
export function checkImages(where: string, name: string, x: Tensor, axes: string): Handle {
  const from = toHandle(where, x, name);
  const rank = axes.split(",").length;
  if (from.shape.length === rank) return from;
  return fail(
    "shape/rank",
    `${where}: ${name} must be [${axes}], got shape ${list(from.shape)}.`,
    { name, shape: from.shape },
    name === "x" && from.shape.length === rank - 1
      ? "One image is a batch of one: expandDims(x, { axis: 0 })."
      : `Give it ${rank} axes with reshape or expandDims.`,
  );
}

/** x and kernel of one dtype, and of the ranks wanted. */
export function checkOperands(
  where: string,
  x: Tensor,
  kernel: Tensor,
  axes: readonly [x: string, kernel: string],
): [x: Handle, kernel: Handle] {
  const a = checkImages(where, "x", x, axes[0]);
  const b = checkImages(where, "kernel", kernel, axes[1]);
  if (b.shape.slice(2).includes(0)) {
    fail(
      "conv/kernel",
      `${where}: a kernel of shape ${list(b.shape)} has an empty axis.`,
      { kernel: b.shape },
      "Give the kernel at least one element along each axis.",
    );
  }
  return promoted(a, b);
}

/** The number of groups, which must divide what stands beside it. */
export function checkGroups(where: string, given: unknown, divided: Readonly<Record<string, number>>): number {
  const groups = checkInteger(where, "groups", given ?? 1, 1);
  for (const [what, count] of Object.entries(divided)) {
    if (count % groups !== 0) {
      fail(
        "conv/groups",
        `${where}: ${count} ${what} do not divide into ${groups} groups.`,
        { groups, count },
        `groups must divide ${count}.`,
      );
    }
  }
  return groups;
}
