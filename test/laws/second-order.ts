// Second derivatives in the four ways that two modes can be nested.
import * as gt from "gradtape";

type Tensors = readonly gt.Tensor[];
type Cost = (...xs: gt.Tensor[]) => gt.Value;

/** One second derivative by every nesting, the outer mode first. */
export type Second = Readonly<
  Record<"reverse reverse" | "forward reverse" | "reverse forward" | "forward forward", number>
>;

const at = (x: gt.Tensor, position: number): number => Number(x.data[position]);

/** Zeros, and 1 at one position of one input. */
const unit = (xs: Tensors, leaf: number, position: number): gt.Tensor[] =>
  xs.map((x, k) => {
    const data = Array.from({ length: x.size }, (_, i) => (k === leaf && i === position ? 1 : 0));
    return gt.tensor(data, { shape: x.shape as number[], dtype: x.dtype });
  });

const gradientOf =
  (cost: Cost) =>
  (...xs: gt.Tensor[]): gt.Tensor[] =>
    gt.grad((inputs: gt.Tensor[]) => cost(...inputs) as gt.Scalar)(xs);
const tangentOf =
  (cost: Cost, direction: Tensors): Cost =>
  (...xs) =>
    gt.jvp((...inputs: gt.Tensor[]) => cost(...inputs), xs, [...direction])[1] as gt.Value;

/** The derivative of a cost, once by one element and once by another: [leaf, position] each. */
export function secondBy(
  cost: Cost,
  xs: Tensors,
  by: readonly [number, number],
  then: readonly [number, number],
): Second {
  const [first, second] = [unit(xs, ...by), unit(xs, ...then)];
  const slope: Cost = (...inputs) =>
    gt.sum(gt.mul(gradientOf(cost)(...inputs)[by[0]] as gt.Tensor, first[by[0]] as gt.Tensor));
  const chosen = (gradient: readonly gt.Tensor[]) => at(gradient[then[0]] as gt.Tensor, then[1]);
  const number = (y: gt.Value) => gt.valueOf(y) as number;
  const pushed = gt.jvp(
    (...inputs: gt.Tensor[]) => gradientOf(cost)(...inputs)[by[0]] as gt.Tensor,
    [...xs],
    second,
  )[1];
  return {
    "reverse reverse": chosen(gradientOf(slope)(...xs)),
    "forward reverse": at(pushed as gt.Tensor, by[1]),
    "reverse forward": chosen(gradientOf(tangentOf(cost, first))(...xs)),
    "forward forward": number(tangentOf(tangentOf(cost, first), second)(...xs)),
  };
}

/** Whether all of them are the same: NaN, an infinity of one sign, or one number to rounding (of `scale`). */
export function agree(second: Readonly<Record<string, number>>, scale: number): boolean {
  const [one = Number.NaN, ...others] = Object.values(second);
  return others.every((other) => one === other || Object.is(one, other) || Math.abs(one - other) <= 1e-9 * scale);
}
