/** Minibatch descent with momentum, by whatever gradient it is given. */
import { add, type Gradient, mul, random, sub, tree, zerosLike } from "gradtape";
import { type DataSet, minibatches } from "./data";
import { accuracy, type Digits, outputCost, type Params, predict } from "./model";

export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  /** Falls from here to 0 along half a cosine. */
  readonly rate: number;
  readonly momentum: number;
  readonly key: random.Key;
}

export interface Score {
  readonly cost: number;
  readonly accuracy: number;
}

export interface Epoch {
  readonly epoch: number;
  readonly train: Score;
  readonly test: Score;
}

export interface Run {
  readonly params: Params;
  readonly curve: readonly Epoch[];
  /** The last point of the curve. */
  readonly final: Epoch;
  readonly seconds: number;
}

export type GradientOf = (params: Params, batch: Digits) => Gradient<Params>;

/** Trains from `start`; `report` hears the share done and the last whole epoch, at each minibatch. */
export function train(
  gradientOf: GradientOf,
  start: Params,
  data: { readonly train: DataSet; readonly test: DataSet },
  settings: Settings,
  report: (done: number, last: Epoch) => void,
): Run {
  const begun = performance.now();
  const scores = (epoch: number): Epoch => ({
    epoch,
    train: score(params, data.train),
    test: score(params, data.test),
  });
  const steps = settings.epochs * Math.ceil(data.train.count / settings.batchSize);
  let params = start;
  let velocity: Params = tree.map(zerosLike, start);
  let last = scores(0);
  const curve = [last];
  for (let epoch = 0, step = 0; epoch < settings.epochs; epoch++) {
    for (const batch of minibatches(random.fold(settings.key, epoch), data.train, settings.batchSize)) {
      const rate = (settings.rate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
      velocity = tree.map((v, g) => add(mul(settings.momentum, v), g), velocity, gradientOf(params, batch));
      params = tree.map((p, v) => sub(p, mul(rate, v)), params, velocity);
      report(step++ / steps, last);
    }
    last = scores(epoch + 1);
    curve.push(last);
    report(step / steps, last);
  }
  return { params, curve, final: last, seconds: (performance.now() - begun) / 1000 };
}

export function score(params: Params, set: DataSet): Score {
  const logits = predict(params, set.digits);
  return { cost: outputCost(logits, set.digits).item(), accuracy: accuracy(logits, set.labels) };
}
