// The law of per-sample gradients, for one op: batchGrad of a loss made of it against a loop over the samples.
import { add, cast, dtypeOf, mul, stack, sum, type Tensor, tensor, tree, type Value } from "gradtape";
import { checkBatchGrad, type OpCase } from "gradtape/testing";
import { untyped } from "../support";
import type { Line } from "./line";

const isFloat = (x: Value): boolean => typeof x === "number" || x.dtype === "float64" || x.dtype === "float32";

/** The numbers of a result, weighted and added up; integers and booleans have derivative zero. */
function costOf(result: unknown, weight: Tensor): Tensor {
  if (typeof result === "number" || typeof result === "boolean") return mul(weight, 0.7 * Number(result));
  return tree
    .leaves(result)
    .map(({ value }) => {
      const y = typeof value === "number" || isFloat(value) ? value : cast(value, "float64");
      return mul(weight, sum(mul(y, 0.7) as Tensor));
    })
    .reduce((a, b) => add(a, b), mul(weight, 0));
}

/**
 * Every input in turn is the parameter, times a factor of the sample, so that the op is under the batch; the others come
 * with the batch, each sample with numbers of its own.
 */
export function checkPerSample(op: Line["op"], { inputs, attrs }: OpCase<unknown>): void {
  const call = op as (...args: unknown[]) => unknown;
  const options = attrs === undefined ? [] : [attrs];
  const factor = tensor([1, 0.999, 0.998]);
  const rows = inputs.map((x) => {
    const whole: Tensor = typeof x === "number" ? tensor(x) : x;
    const factors = [...factor.data].map((by) => (isFloat(whole) ? mul(whole, by) : whole));
    return stack(factors);
  });
  inputs.forEach((param, k) => {
    if (!isFloat(param)) return;
    type Sample = { readonly xs: readonly Tensor[]; readonly factor: Tensor; readonly weight: Tensor };
    const cost = (p: Value, sample: Sample): Tensor => {
      const args = sample.xs.map((x, i) => (i === k ? mul(p, cast(sample.factor, dtypeOf(param))) : x));
      return costOf(call(...args, ...options), sample.weight);
    };
    const batch = { xs: rows.map((x, i) => (i === k ? factor : x)), factor, weight: tensor([1, -0.5, 2]) };
    checkBatchGrad(untyped(cost), untyped(param), batch);
  });
}
