/**
 * Checks of derivatives, for functions and for custom ops: they throw a GradtapeError with code `testing/gradcheck`,
 * and so work in any test runner.
 *
 * @module gradtape/testing
 */
export { checkBatchGrad } from "./check-batch-grad";
export { checkOp } from "./check-op";
export { gradcheck } from "./gradcheck";
export { laws } from "./laws";
export type { CheckOptions, Law, LawOptions, OpCase } from "./options";
