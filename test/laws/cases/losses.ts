import { add, logSoftmax, loss, mul, softmax, sub, type Tensor } from "gradtape";
import { type Draw, range } from "../draw";
import { type Line, line, type Table } from "../line";

const reduction = (d: Draw) => (d.chance(0.3) ? {} : { reduction: d.choice(["mean", "sum", "none"]) });

/** Prediction and target of one shape whose difference keeps clear of the points. */
const pointwise = (op: Line["op"], kinks: number[], attrs: (d: Draw) => object = () => ({})): Line =>
  line(op, (d) => {
    const shape = d.shape();
    const target = d.tensor(shape);
    const prediction = add(target, d.tensor(shape, range(-2, 2, kinks)));
    return { inputs: [prediction, target], attrs: { ...reduction(d), ...attrs(d) } };
  });

/** Logits, the shape without the class axis, and that axis with a chance of its default. */
function classes(d: Draw): { logits: Tensor; rest: number[]; axis: number; count: number } {
  const shape = d.shape(1);
  const axis = d.chance(0.5) ? -1 : d.axis(shape.length);
  const at = axis < 0 ? axis + shape.length : axis;
  return { logits: d.tensor(shape), rest: shape.filter((_, i) => i !== at), axis, count: shape[at] };
}

const weights = (d: Draw, count: number) =>
  d.chance(0.5) ? {} : { classWeights: Array.from({ length: count }, () => d.uniform(0.5, 2)) };
const smoothing = (d: Draw) => (d.chance(0.5) ? {} : { labelSmoothing: d.uniform(0, 0.5) });

export const losses: Table = {
  "loss.mse": pointwise(loss.mse, []),
  "loss.mae": pointwise(loss.mae, [0]),
  "loss.linear": pointwise(loss.linear, []),
  "loss.huber": [pointwise(loss.huber, [-1, 1]), pointwise(loss.huber, [-0.5, 0.5], () => ({ delta: 0.5 }))],
  "loss.hinge": line(loss.hinge, (d) => {
    const shape = d.shape();
    const target = sub(mul(2, d.booleans(shape)), 1);
    return {
      inputs: [d.tensor(shape, range(-2, 2, [-1, 1, -0.5, 0.5])), target],
      attrs: { ...reduction(d), margin: d.choice([1, 0.5]) },
    };
  }),
  "loss.bceWithLogits": line(loss.bceWithLogits, (d) => {
    const shape = d.shape();
    const positiveWeight = d.chance(0.5) ? {} : { positiveWeight: d.uniform(0.5, 3) };
    return { inputs: [d.tensor(shape), d.tensor(shape, range(0, 1))], attrs: { ...reduction(d), ...positiveWeight } };
  }),
  "loss.crossEntropy": [
    line(loss.crossEntropy, (d) => {
      const { logits, rest, axis, count } = classes(d);
      const target = d.integers(rest, 0, count - 1);
      return { inputs: [logits, target], attrs: { ...reduction(d), axis, ...weights(d, count), ...smoothing(d) } };
    }),
    line(loss.crossEntropy, (d) => {
      const { logits, axis, count } = classes(d);
      const target = softmax(d.tensor(logits.shape), { axis });
      return { inputs: [logits, target], attrs: { ...reduction(d), axis, ...weights(d, count), ...smoothing(d) } };
    }),
  ],
  "loss.nll": line(loss.nll, (d) => {
    const { logits, rest, axis, count } = classes(d);
    const target = d.integers(rest, 0, count - 1);
    return { inputs: [logSoftmax(logits, { axis }), target], attrs: { ...reduction(d), axis, ...weights(d, count) } };
  }),
  "loss.klDivergence": line(loss.klDivergence, (d) => {
    const { logits, axis } = classes(d);
    const logTarget = d.chance(0.5);
    const other = d.tensor(logits.shape);
    const target = logTarget ? logSoftmax(other, { axis }) : softmax(other, { axis });
    return { inputs: [logSoftmax(logits, { axis }), target], attrs: { ...reduction(d), axis, logTarget } };
  }),
  "loss.cosineSimilarity": line(loss.cosineSimilarity, (d) => {
    const shape = d.shape(1);
    const axis = d.axis(shape.length);
    return {
      inputs: [d.tensor(shape, range(-2, 2, [0], 0.3)), d.tensor(shape, range(-2, 2, [0], 0.3))],
      attrs: { ...reduction(d), axis },
    };
  }),
};
