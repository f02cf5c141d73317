import { isFloat } from "../base/dtype";
import { fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { divideBy, sumAxes } from "../core/op/sweep-ops";
import type { Scalar } from "../core/tensor/tensor";
import { placeIn } from "../core/tensor/tree";
import type { Batch, Gradient } from "../core/tensor/tree-types";
import { batchOf } from "../per-sample/sample-program";
import { grad } from "../transforms/grad";

/**
 * The gradient one gets by averaging the samples first and differentiating the loss of that one average sample: NOT the
 * gradient of the mean loss, unless the loss is linear in the sample. Here to be compared with, not to be used.
 *
 * Shape: `(P, S) -> F[]` becomes `(P, [B, ...S]) -> P`.
 *
 * With samples s_i: d f(params, (1/B) sum_i s_i) / d params.
 *
 * @param f - the loss of one sample
 * @returns a function of the parameters and a batch (every leaf of a sample with a leading axis B)
 * @throws GradtapeError `pitfalls/integer` for an integer or bool leaf, which has no average; `batch/length`, `batch/empty`
 * @example
 * ```ts
 * import { loss, mul, tensor } from "gradtape";
 * import { averagedInputGrad } from "gradtape/pitfalls";
 * const f = (w: number, s: { x: number; y: number }) => loss.mse(mul(w, s.x), s.y);
 * // The samples (1, 1) and (-1, -1) ask for w = 1; their average (0, 0) asks for nothing.
 * averagedInputGrad(f)(3, { x: tensor([1, -1]), y: tensor([1, -1]) }); // => 0
 * ```
 */
export function averagedInputGrad<P, S>(
  f: (params: P, sample: S) => Scalar,
): (params: P, batch: Batch<S>) => Gradient<P> {
  refuseExtra("averagedInputGrad", "f", 1, arguments);
  return (params, batch) => {
    const { flat, leaves, size } = batchOf("averagedInputGrad", batch);
    const means = leaves.map((x, k) => {
      if (isFloat(x.dtype)) return divideBy(sumAxes(x, [0]), size);
      const path = flat.paths[k];
      return fail(
        "pitfalls/integer",
        `averagedInputGrad: ${placeIn("batch", path)} is ${x.dtype} and has no average.`,
        { path, dtype: x.dtype },
        "Give class indices as oneHot(indices, classes), and cast other leaves to a float dtype.",
      );
    });
    return grad((p: P) => f(p, flat.build<S>(means)))(params);
  };
}
