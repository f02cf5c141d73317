import { describe, fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { type Axis, checkAxes, checkAxis, checkInteger, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { partOf } from "../../core/op/lazy-views";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp } from "../../core/op/op";
import { reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { copyRun } from "../../numeric/strided";

interface Roll {
  readonly axis: number;
  /** 0 to size - 1. */
  readonly shift: number;
}

const ROLL: CoreOp<Roll> = /* @__PURE__ */ makeLinear<Roll>({
  name: "roll",
  shape: (shape) => shape,
  evaluate: (out, { data, shape }, { axis, shift }) => {
    const inner = sizeOf(shape.slice(axis + 1));
    const whole = shape[axis] * inner;
    const tail = shift * inner;
    for (let start = 0; start < out.length; start += whole) {
      copyRun(out, start, data, start + whole - tail, tail);
      copyRun(out, start + tail, data, start, whole - tail);
    }
  },
  transpose: (yBar, shape, { axis, shift }) => rolled(yBar, axis, shape[axis] - shift),
  batch: (x, { axis, shift }) => rolled(x, axis + 1, shift),
  lower: (on, x, { axis, shift }) => {
    const rest = x.shape[axis] - shift;
    return on.concat([partOf(on, x, axis, rest, shift), partOf(on, x, axis, 0, rest)], axis);
  },
});

/** Everything `by` places further along an axis, and round at its end. */
function rolled(x: Handle, axis: number, by: number): Handle {
  const size = x.shape[axis];
  if (size < 2) return x;
  const shift = ((by % size) + size) % size;
  return shift === 0 ? x : apply(ROLL, [x], { axis, shift });
}

const LIMIT = 0x7fffffff;
const checkShift = (name: string, shift: unknown): number => checkInteger("roll", name, shift, -LIMIT, LIMIT);

/** One shift for each axis; a number is the shift of all of them. */
function checkShifts(shift: unknown, axis: Axis, count: number): readonly number[] {
  if (!Array.isArray(shift)) return new Array<number>(count).fill(checkShift("shift", shift));
  if (shift.length !== count) {
    fail(
      "argument/roll",
      `roll: there must be one shift for each axis, got ${describe(shift)} for axis ${describe(axis)}.`,
      { shift, axis },
      "A single number shifts all axes alike.",
    );
  }
  return Array.from(shift, (by, i) => checkShift(`shift[${i}]`, by));
}

/**
 * Rolls elements along axes: what leaves at the end comes in again at the beginning.
 *
 * Shape: `T[...S] -> T[...S]`
 *
 * `y[i] = x[(i - shift) mod n]`. The derivative rolls the cotangent back.
 *
 * @param x - a tensor of any dtype
 * @param shift - how far, negative for backwards: one number, or one for each axis
 * @param options - axis: one or several; if omitted, the elements are rolled as if x were flat, and keep the shape
 * @returns the moved elements, shaped like x
 * @throws GradtapeError `argument/integer` for a shift that is no integer, `argument/roll` for not one shift for each
 *   axis, `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { roll, tensor } from "gradtape";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * roll(x, 1); // => [[6, 1, 2], [3, 4, 5]]
 * roll(x, -1, { axis: 1 }); // => [[2, 3, 1], [5, 6, 4]]
 * roll(x, [1, 1], { axis: [0, 1] }); // => [[6, 4, 5], [3, 1, 2]]
 * ```
 */
export function roll<X extends Tensor>(
  x: X,
  shift: number | readonly number[],
  options?: { readonly axis?: Axis | undefined },
): X;
export function roll(
  x: Tensor,
  shift: number | readonly number[],
  options?: { readonly axis?: Axis | undefined },
): Tensor {
  refuseExtra("roll", "x, shift, options", 3, arguments);
  const from = toHandle("roll", x);
  checkOptions("roll", options, ["axis"]);
  const axis = options?.axis ?? null;
  if (axis === null) {
    const by = checkShift("shift", shift);
    return from.rank === 1 ? rolled(from, 0, by) : reshapeTo(rolled(reshapeTo(from, [from.size]), 0, by), from.shape);
  }
  const count = checkAxes("roll", axis, from.rank).length;
  const axes = Array.from(typeof axis === "number" ? [axis] : axis, (one) => checkAxis("roll", one, from.rank));
  const shifts = checkShifts(shift, axis, count);
  return axes.reduce((y, one, i) => rolled(y, one, shifts[i]), from);
}
