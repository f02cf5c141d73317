import { toNumeric } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { checkAxis, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, plus } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { recurrence, runningProduct, runningSum } from "../../numeric/rows/cumulative";
import { mulZero } from "../define/elementwise-op";
import { flip } from "../movement/slicing";
import { stridedPad, stridedSlice, windowAlong } from "../movement/strided-window";

/** Options of {@link cumsum} and {@link cumprod}. */
export interface RunOptions extends AxisOption {
  /** From the end of the axis on; false by default. */
  readonly reverse?: boolean | undefined;
  /** Up to the element, which itself does not count: the first one has a sum of nothing. False by default. */
  readonly exclusive?: boolean | undefined;
}

interface Run {
  readonly axis: number;
  /** From the end of the axis on. */
  readonly reverse: boolean;
}

const onNextAxis = ({ axis, reverse }: Run): Run => ({ axis: axis + 1, reverse });
const reversed = ({ axis, reverse }: Run): Run => ({ axis, reverse: !reverse });

const CUMSUM: CoreOp<Run> = /* @__PURE__ */ makeLinear<Run>({
  name: "cumsum",
  shape: (shape) => shape,
  dtype: toNumeric,
  evaluate: (out, x, { axis, reverse }) => runningSum(out, x.data, ...sizesAround(x.shape, axis), reverse),
  transpose: (yBar, _, run) => apply(CUMSUM, [yBar], reversed(run)),
  batch: (x, run) => apply(CUMSUM, [x], onNextAxis(run)),
});

/**
 * Every element moved one place along the axis, down or up; `value` fills the free place, the last element drops out.
 */
function shifted(x: Handle, axis: number, by: 1 | -1, value: number): Handle {
  const count = x.shape[axis];
  if (count === 0) return x;
  const part = stridedSlice(x, windowAlong(x.shape, axis, by > 0 ? 0 : 1, count - 1));
  return stridedPad(part, { window: windowAlong(x.shape, axis, by > 0 ? 1 : 0, count - 1), shape: x.shape, value });
}

/**
 * Inputs a and b, output y: y[i] = a[i] y[i - 1] + b[i], or, in reverse, y[i] = a[i + 1] y[i + 1] + b[i]. Each is the
 * transpose of the other as a function of b, so the two are closed under differentiation.
 */
const RECURRENCE: CoreOp<Run> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Run>({
  name: "recurrence",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a, b], { axis, reverse }) => recurrence(out, a.data, b.data, ...sizesAround(a.shape, axis), reverse),
  pullback: ({ yBar, inputs: [a], output: y, attrs: run, wanted }) => {
    const bBar = recur(a, yBar, reversed(run));
    if (!wanted[0]) return [null, bBar];
    const { axis, reverse } = run;
    return [reverse ? mulZero(shifted(bBar, axis, 1, 0), y) : mulZero(bBar, shifted(y, axis, 1, 0)), bBar];
  },
  pushforward: ({ xDots: [aDot, bDot], inputs: [a], output: y, attrs: run }) => {
    const { axis, reverse } = run;
    const moved = aDot && (reverse ? shifted(mulZero(aDot, y), axis, -1, 0) : mulZero(aDot, shifted(y, axis, 1, 0)));
    const source = plus(moved, bDot);
    return source && recur(a, source, run);
  },
  reads: { inputs: [true, false] },
  batch: (inputs, batched, run, size) => {
    const [a, b] = broadcastBatch(inputs, batched, size);
    return recur(a, b, onNextAxis(run));
  },
});
/** What {@link RECURRENCE} gives. */
export const recur = (a: Handle, b: Handle, run: Run): Handle => apply(RECURRENCE, [a, b], run);

const CUMPROD: CoreOp<number> = /* @__PURE__ */ makeOp<readonly [Handle], number>({
  name: "cumprod",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => toNumeric(dtype),
  evaluate: (out, [x], axis) => runningProduct(out, x.data, ...sizesAround(x.shape, axis)),
  vjp: [
    ({ yBar, inputs: [x], output: y, attrs: axis }) =>
      mulZero(recur(x, yBar, { axis, reverse: true }), shifted(y, axis, 1, 1)),
  ],
  jvp: [
    ({ xDot, inputs: [x], output: y, attrs: axis }) =>
      recur(x, mulZero(xDot, shifted(y, axis, 1, 1)), { axis, reverse: false }),
  ],
  batch: ([x], _, axis) => apply(CUMPROD, [x], axis + 1),
});

/** x and an axis of it, the last by default. */
export function checkedArguments(
  where: string,
  input: Tensor,
  options: AxisOption | undefined,
  known = ["axis"],
): [x: Handle, axis: number] {
  const x = toHandle(where, input);
  checkOptions(where, options, known);
  return [x, checkAxis(where, options?.axis ?? -1, x.rank)];
}

/** What runs along an axis, from either end; `first` is that of nothing. */
function running(
  where: string,
  input: Tensor,
  options: RunOptions | undefined,
  first: number,
  run: (x: Handle, run: Run) => Handle,
): Handle {
  const [x, axis] = checkedArguments(where, input, options, ["axis", "reverse", "exclusive"]);
  const reverse = checkFlag(where, "reverse", options?.reverse);
  const exclusive = checkFlag(where, "exclusive", options?.exclusive);
  const y = run(x, { axis, reverse });
  return exclusive ? shifted(y, axis, reverse ? -1 : 1, first) : y;
}

/**
 * Running sums along an axis. See also {@link sum}, and {@link logCumSumExp} for numbers given by their logarithms.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * `y[i] = x[0] + ... + x[i]`, added up in this order, for float32 in double precision. The derivative is the running
 * sum of the cotangent from the other end on.
 *
 * With `reverse` `y[i] = x[i] + ... + x[n - 1]`, from the end on; with `exclusive` x[i] itself does not count, and the sum of
 * nothing is 0.
 *
 * NaN and infinities stay in all sums that follow; int32 wraps: sums are exact modulo 2³².
 *
 * @param x - a tensor
 * @param options - axis: default -1; reverse: from the end on, default false; exclusive: without x[i], default false
 * @returns the sums, shaped like x
 * @throws GradtapeError `axis/range`, `option/unknown`, `option/choice`, `argument/tensor`
 * @example
 * ```ts
 * import { cumsum, tensor } from "gradtape";
 * cumsum(tensor([1, 2, 3])); // => [1, 3, 6]
 * cumsum(tensor([[1, 2], [3, 4]]), { axis: 0 }); // => [[1, 2], [4, 6]]
 * cumsum(tensor([1, 2, 3]), { reverse: true }); // => [6, 5, 3]
 * cumsum(tensor([1, 2, 3]), { exclusive: true }); // => [0, 1, 3]
 * ```
 */
export function cumsum<X extends Tensor>(x: X, options?: RunOptions): X;
export function cumsum(x: Tensor, options?: RunOptions): Tensor {
  refuseExtra("cumsum", "x, options", 2, arguments);
  return running("cumsum", x, options, 0, (from, run) => apply(CUMSUM, [from], run));
}

/**
 * Running products along an axis. See also {@link prod}.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * `y[i] = x[0] ... x[i]`, `dy[i]/dx[j]` the product of all these factors but x[j], for j <= i. Gradients of all orders
 * are exact where elements are 0, and take time in proportion to the number of elements: nothing is divided.
 *
 * With `reverse` `y[i] = x[i] ... x[n - 1]`, from the end on; with `exclusive` x[i] itself does not count, and the product of
 * nothing is 1.
 *
 * NaN stays in all products that follow; int32 wraps: products are exact modulo 2³².
 *
 * @param x - a tensor
 * @param options - axis: default -1; reverse: from the end on, default false; exclusive: without x[i], default false
 * @returns the products, shaped like x
 * @throws GradtapeError `axis/range`, `option/unknown`, `option/choice`, `argument/tensor`
 * @example
 * ```ts
 * import { cumprod, grad, sum, type Tensor, tensor } from "gradtape";
 * cumprod(tensor([1, 2, 3])); // => [1, 2, 6]
 * cumprod(tensor([2, 3, 4]), { reverse: true, exclusive: true }); // => [12, 4, 1]
 * grad((x: Tensor) => sum(cumprod(x)))(tensor([2, 0, 3])); // => [1, 8, 0]
 * ```
 */
export function cumprod<X extends Tensor>(x: X, options?: RunOptions): X;
export function cumprod(x: Tensor, options?: RunOptions): Tensor {
  refuseExtra("cumprod", "x, options", 2, arguments);
  return running("cumprod", x, options, 1, (from, { axis, reverse }) => {
    const turned = (y: Handle): Handle => (reverse ? toHandle("cumprod", flip(y, { axis })) : y);
    return turned(apply(CUMPROD, [turned(from)], axis));
  });
}
