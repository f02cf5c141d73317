export { bceWithLogits, hinge, huber, linear, mae, mse, type Pointwise, type PointwiseLoss } from "./pointwise";
export { cosineSimilarity, crossEntropy, klDivergence, nll, type Rowwise } from "./rowwise";
