/**
 * Losses: `loss.name(prediction, target, options)`. Prediction first, target second, of equal shapes; `reduction` is "mean"
 * (default), "sum" or "none".
 *
 * @module
 */
export { bceWithLogits, hinge, huber, linear, mae, mse, type Pointwise, type PointwiseLoss } from "./pointwise";
export { cosineSimilarity, crossEntropy, klDivergence, nll, type Rowwise } from "./rowwise";
