import { describe, fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { numberHint } from "../base/number-hint";
import { checkFunction } from "../base/options";
import type { Tensor } from "../core/tensor/tensor";
import { arange } from "../ops/create/ranges";
import { scanAs } from "./scan";

/**
 * A loop over the integers from start to stop (excluded), as one op; differentiable both ways, as the number of trips is
 * known.
 *
 * @param start - the first index
 * @param stop - where to end, excluded; no trip if stop <= start
 * @param body - from the index (int32, 0-d) and the carry to the next carry
 * @param init - the first carry: a tree of numbers and tensors
 * @returns the last carry
 * @throws GradtapeError `scan/carry`, `trace/value`
 * @example
 * ```ts
 * import { forLoop, grad, mul, type Scalar } from "gradtape";
 * const fourth = (x: number) => forLoop<Scalar>(0, 4, (_, c) => mul(c, x), 1);
 * fourth(3); // => 81
 * grad(fourth)(3); // => 108
 * ```
 */
export function forLoop<C>(start: number, stop: number, body: (index: Tensor<readonly []>, carry: C) => C, init: C): C {
  refuseExtra("forLoop", "start, stop, body, init", 4, arguments);
  checkFunction("forLoop", body, "body");
  for (const [name, x] of [
    ["start", start],
    ["stop", stop],
  ] as const) {
    if (Number.isInteger(x)) continue;
    const [min, max] = [-(2 ** 31), 2 ** 31 - 1];
    fail(
      "argument/integer",
      `forLoop: ${name} must be an integer, got ${describe(x)}.`,
      { [name]: x },
      numberHint(x, min, max, true),
    );
  }
  const indices = arange(start, Math.max(start, stop), 1, { dtype: "int32" });
  const step = (carry: C, i: Tensor<readonly []>): readonly [C, undefined] => [body(i, carry), undefined];
  return scanAs("forLoop", step, init, indices)[0];
}
