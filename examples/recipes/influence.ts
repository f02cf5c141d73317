/** Influence (TracIn): which training digits helped a network to read a test digit, and which misled it. */
import {
  add,
  argmax,
  argsort,
  batchGrad,
  flip,
  grad,
  loss,
  mul,
  random,
  slice,
  sub,
  type Tensor,
  take,
  tree,
  zeros,
} from "gradtape";
import { chosen, type DataSet, load, minibatches } from "../digits/data.js";
import { cost, type Digit, initialize, type Params, predict } from "../digits/model.js";

const [EPOCHS, BATCH, RATE] = [8, 32, 0.1];
const [SHOWN, REMOVED] = [8, 40];

/** Plain descent: the parameters before each epoch, and at the end. */
function descend(start: Params, train: DataSet, order: random.Key): Params[] {
  const path = [start];
  for (let params = start, epoch = 0; epoch < EPOCHS; epoch++) {
    for (const batch of minibatches(random.fold(order, epoch), train, BATCH)) {
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, grad(cost)(params, batch));
    }
    path.push(params);
  }
  return path;
}

/**
 * By how much one step along the gradient of each training digit lowers the loss of a test digit, to first order: a step
 * of -rate g_i changes it by -rate g_i . d, d its own gradient. Summed over the parameters that a network went through.
 */
export function influences(path: readonly Params[], train: DataSet, digit: Digit, rate: number): Tensor {
  return path.reduce(
    (sum: Tensor, params) => {
      const products = batchGrad(cost)(params, train.digits).project(grad(cost)(params, digit));
      return add(sum, mul(rate, products));
    },
    zeros([train.count]),
  );
}

export function influence() {
  const [start, order] = random.split(random.key(1));
  const [params, train, test] = [initialize(start), load("train"), load("test")];
  const path = descend(params, train, order);
  const trained = path.at(-1) ?? params;
  const logits = predict(trained, test.digits);
  const worst = argmax(loss.crossEntropy(logits, test.labels, { reduction: "none" }));
  const digit: Digit = tree.map((x) => take(x, worst), test.digits);
  // In an epoch each digit is one of the BATCH whose mean is the step.
  const found = influences(path.slice(0, -1), train, digit, RATE / BATCH);
  const costWithout = (ranks: Tensor) => {
    const rest = chosen(train, slice(ranks, [{ start: REMOVED }]));
    return cost(descend(params, rest, order).at(-1) ?? params, digit).item();
  };
  const ends = (ranks: Tensor) => {
    const those = slice(ranks, [{ stop: SHOWN }]);
    return { labels: take(train.labels, those), influence: take(found, those), costWithout: costWithout(ranks) };
  };
  const ranks = argsort(found);
  return {
    digit: { label: take(test.labels, worst).item(), readAs: argmax(logits, { axis: 1 }).at(worst.item()).item() },
    cost: cost(trained, digit).item(),
    harmful: ends(ranks),
    helpful: ends(flip(ranks)),
    costWithoutAny: costWithout(random.permutation(order, train.count)),
  };
}
