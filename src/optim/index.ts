/**
 * Optimizers and solvers: pure functions on trees of parameters, typed like the parameters.
 *
 * @module gradtape/optim
 */
export { type AdamOptions, adam, adamW } from "./adam";
export { adagrad, rmsprop } from "./adaptive";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping";
export { leastSquares } from "./least-squares";
export { minimize } from "./minimize";
export type { Optimizer, OptimizerState, Schedule } from "./optimizer";
export type { Outcome, Progress, Reason, SolverOptions } from "./outcome";
export * as schedule from "./schedule";
export { sgd } from "./sgd";
