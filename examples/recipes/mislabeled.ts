/** Wrong labels stand out: in a trained network the digits with the longest gradients are the mislabeled ones. */
import {
  argsort,
  batchGrad,
  grad,
  mul,
  random,
  remainder,
  scatterAdd,
  slice,
  sub,
  type Tensor,
  take,
  tree,
  zerosLike,
} from "gradtape";
import { type DataSet, load, minibatches, targetOf } from "../digits/data.js";
import { accuracy, CLASSES, cost, initialize, predict } from "../digits/model.js";

const [EPOCHS, BATCH, RATE] = [10, 32, 0.1];
/** The share of labels that are made wrong. */
const SHARE = 0.05;

/** A set some of whose labels are wrong: moved by 1 to 9, so never what they were. `wrong` is 1 there, int32 [count]. */
export function spoil(key: random.Key, set: DataSet) {
  const [where, what] = random.split(key);
  const count = Math.round(SHARE * set.count);
  const places = random.choice(where, set.count, [count], { replace: false });
  const moved = scatterAdd(set.labels, places, random.integers(what, [count], { min: 1, max: CLASSES }));
  const labels = remainder(moved, CLASSES);
  const train: DataSet = { ...set, labels, digits: { ...set.digits, target: targetOf(labels) } };
  return { train, wrong: scatterAdd(zerosLike(set.labels), places, 1), spoiled: count };
}

/** Of the digits with the highest scores, `asked` of them: how many are wrong, and how many of the wrong are among them. */
export function retrieve(scores: Tensor, wrong: Tensor, asked: number) {
  const suspects = slice(argsort(scores, { descending: true }), [{ stop: asked }]);
  const hits = take(wrong, suspects).sum().item();
  return { precision: hits / asked, recall: hits / wrong.sum().item() };
}

export function mislabeled() {
  const [start, order, errors] = random.split(random.key(1), 3);
  const [{ train, wrong, spoiled }, test] = [spoil(errors, load("train")), load("test")];
  let params = initialize(start);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const batch of minibatches(random.fold(order, epoch), train, BATCH)) {
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, grad(cost)(params, batch));
    }
  }
  const gradients = batchGrad(cost)(params, train.digits);
  const found = (scores: Tensor) => ({
    asMany: retrieve(scores, wrong, spoiled),
    twiceAsMany: retrieve(scores, wrong, 2 * spoiled),
  });
  return {
    spoiled,
    accuracy: accuracy(predict(params, test.digits), test.labels),
    byNorm: found(gradients.norms()),
    byLoss: found(gradients.losses()),
  };
}
