import { sub, tensor } from "gradtape";
import { leastSquares, type Outcome } from "gradtape/optim";
import { models, type Parameters, response } from "./models";
import { load } from "./parse";

/** How a problem was solved from one start. */
export interface Result {
  readonly name: string;
  readonly start: 1 | 2;
  readonly outcome: Outcome<number[]>;
  /** Correct digits of the worst parameter: min of -log10(|b - c| / |c|), from 0 to 11, the digits that are certified. */
  readonly logRelativeError: number;
  /** The certified residual sum of squares. */
  readonly certifiedSum: number;
}

const digits = (b: number, c: number): number => {
  const error = Math.abs(b - c) / Math.abs(c);
  return Number.isNaN(error) ? 0 : Math.min(11, Math.max(0, -Math.log10(error)));
};

/** Fits a problem with the default options of leastSquares. */
export function solve(name: string, start: 1 | 2): Result {
  const { starts, certified, sum, x, y } = load(name);
  const model = models[name];
  const [observed, x1, x2] = [response(model, tensor(y)), tensor(x[0]), tensor(x[1] ?? [])];
  const residuals = (b: Parameters) => sub(model.predict(b, x1, x2), observed);
  const outcome = leastSquares(residuals, [...starts[start - 1]]);
  const logRelativeError = Math.min(...outcome.params.map((b, k) => digits(b, certified[k])));
  return { name, start, outcome, logRelativeError, certifiedSum: sum };
}
