/**
 * Optimisers and solvers: pure functions on trees of parameters, typed like the parameters.
 *
 * @module gradtape/optim
 */
export { adam, adamW, type AdamOptions } from "./adam";
export { adagrad, rmsprop } from "./adaptive";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping";
export type { Optimiser, OptimiserState, Schedule } from "./optimiser";
export * as schedule from "./schedule";
export { leastSquares } from "./least-squares";
export { minimize } from "./minimize";
export type { Outcome, Progress, Reason, SolverOptions } from "./outcome";
export { sgd } from "./sgd";
