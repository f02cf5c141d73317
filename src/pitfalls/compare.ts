import { GradtapeError } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { handlesOf } from "../core/op/leaves";
import { makeExplanation } from "../core/program/explanation";
import type { Scalar, Value } from "../core/tensor/tensor";
import { flatten } from "../core/tensor/tree";
import type { Batch } from "../core/tensor/tree-types";
import { batchGrad } from "../per-sample/batch-grad";
import { averagedErrorGrad } from "./averaged-error";
import { averagedInputGrad } from "./averaged-input";

/** How far a wrong gradient of one parameter is from the right one. */
export interface PitfallRow {
  /** Where the parameter stands: "layers[1].w"; "" for a tree that is a single leaf. */
  readonly path: string;
  /** |wrong - right| / |right|; Infinity where only the right one is 0, 0 where both are. */
  readonly relativeError: number;
  /** Angle between the two in radians, from 0 to pi; 0 where one of them is 0. */
  readonly angle: number;
}

/** Both shortcuts beside the gradient of the mean loss. */
export interface PitfallReport {
  /** Averaging the samples first; empty where a leaf is an integer and has no average. */
  readonly averagedInput: readonly PitfallRow[];
  /** Averaging the output error and sending it back once. */
  readonly averagedError: readonly PitfallRow[];
  /** A table of both. */
  toString(): string;
}

const lengthOf = (x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
};

/** The angle between two vectors, exact for small ones too (W. Kahan, "How futile are mindless assessments of roundoff"). */
function angleOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [p, q] = [lengthOf(a), lengthOf(b)];
  if (p === 0 || q === 0) return 0;
  const [difference, sum] = [new Float64Array(a.length), new Float64Array(a.length)];
  for (let i = 0; i < a.length; i++) {
    difference[i] = a[i] / p - b[i] / q;
    sum[i] = a[i] / p + b[i] / q;
  }
  return 2 * Math.atan2(lengthOf(difference), lengthOf(sum));
}

function rowsOf(right: unknown, wrong: unknown): PitfallRow[] {
  const [flat, other] = [flatten("comparePitfalls", right), flatten("comparePitfalls", wrong)];
  const others = handlesOf(other.leaves);
  return handlesOf(flat.leaves).map((x, k) => {
    const [a, b] = [x.data, others[k].data];
    const distance = lengthOf(Float64Array.from(a, (value, i) => b[i] - value));
    const relativeError = distance === 0 ? 0 : distance / lengthOf(a);
    return { path: flat.paths[k], relativeError, angle: angleOf(a, b) };
  });
}

/**
 * Compares both shortcuts with the gradient of the mean loss, parameter by parameter.
 *
 * Shape: `(P, S) -> Y` and `(Y, S) -> F[]` become `(P, [B, ...S]) -> report`. Relative errors are lengths over the
 * length of the right gradient, angles are radians.
 *
 * @param predict - the output for one sample: logits, the output activation being part of the loss
 * @param loss - the loss of one sample from its output
 * @returns a function of the parameters and a batch, which gives the report
 * @throws GradtapeError as averagedErrorGrad
 * @example
 * ```ts
 * import { loss, mul, tanh, tensor } from "gradtape";
 * import { comparePitfalls } from "gradtape/pitfalls";
 * const predict = (w: number, s: { x: number; y: number }) => tanh(mul(w, s.x));
 * const cost = (output: number, s: { x: number; y: number }) => loss.mse(output, s.y);
 * const report = comparePitfalls(predict, cost)(0.5, { x: tensor([1, -2]), y: tensor([0, 1]) });
 * report.averagedError.every(({ relativeError }) => relativeError > 0.5); // => true
 * ```
 */
export function comparePitfalls<P, S, Y extends Value>(
  predict: (params: P, sample: S) => Y,
  loss: (output: Y, sample: S) => Scalar,
): (params: P, batch: Batch<S>) => PitfallReport {
  refuseExtra("comparePitfalls", "predict, loss", 2, arguments);
  const f = (params: P, sample: S): Scalar => loss(predict(params, sample), sample);
  return (params, batch) => {
    const right = batchGrad(f)(params, batch).mean();
    const averagedError = rowsOf(right, averagedErrorGrad(predict, loss)(params, batch));
    const averagedInput = averagedInputRows(() => rowsOf(right, averagedInputGrad(f)(params, batch)));
    const line = (way: string) => (row: PitfallRow) => ({
      way,
      parameter: row.path === "" ? "(params)" : row.path,
      relativeError: row.relativeError.toPrecision(3),
      degrees: ((row.angle * 180) / Math.PI).toFixed(1),
    });
    const rows = [...averagedInput.map(line("averaged input")), ...averagedError.map(line("averaged error"))];
    const { toString } = makeExplanation("against the gradient of the mean loss", rows);
    return { averagedInput, averagedError, toString };
  };
}

/** The rows, none where the samples have no average. */
function averagedInputRows(make: () => PitfallRow[]): PitfallRow[] {
  try {
    return make();
  } catch (error) {
    if (error instanceof GradtapeError && error.code === "pitfalls/integer") return [];
    throw error;
  }
}
