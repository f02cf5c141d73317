// Whole programs written out by hand, against numbers computed elsewhere: linear models, then a network and its shortcuts.
import {
  add,
  batchGrad,
  dot,
  grad,
  loss,
  matmul,
  mean,
  minimum,
  mul,
  oneHot,
  outer,
  reciprocal,
  type Scalar,
  softmax,
  square,
  sub,
  sum,
  swapAxes,
  type Tensor,
  tanh,
  tree,
  vmap,
} from "gradtape";
import { averagedErrorGrad, averagedInputGrad } from "gradtape/pitfalls";
import { describe, test } from "vitest";
import { expectAll, expectComparison, load } from "./program";

describe("1: linear regression with squared error", () => {
  const { input, expected } = load("1_linear_regression_mse");
  const params = { w: input("w"), b: input("b") };
  const batch = { x: input("X"), y: input("y") };
  type Sample = { x: Tensor; y: Tensor };
  const cost = ({ w, b }: typeof params, { x, y }: Sample) => loss.mse(add(dot(w, x), b), y);
  const result = batchGrad(cost)(params, batch);

  test("losses and gradients, per sample and of the mean", () => {
    expectAll(result.losses(), expected("per_sample_loss"), "losses");
    expectAll(mean(result.losses()), expected("loss"), "loss");
    expectAll(result.materialize(), expected("per_sample_grad"), "per-sample gradients");
    expectAll(result.norms(), expected("per_sample_grad_norm"), "norms");
    expectAll(result.mean(), expected("grad"), "mean of gradients");
    expectAll(
      grad((p: typeof params) => mean(vmap((s: Sample) => cost(p, s))(batch)))(params),
      expected("grad"),
      "gradient of mean",
    );
  });

  test("averaging inputs and targets first: the wrong w, the right b", () => {
    const averages = { x: mean(batch.x, { axis: 0 }), y: mean(batch.y) };
    const wrong = averagedInputGrad(cost)(params, batch);
    expectAll(cost(params, averages), expected("averaged_first.loss"), "loss");
    expectAll(wrong, expected("averaged_first.grad"), "averaged first");
    expectComparison(wrong, result.mean(), expected("averaged_first.comparison"));
  });
});

describe("2: a cost linear in the parameter", () => {
  const { input, expected } = load("2_linear_loss");
  type Sample = { x: Tensor; y: Tensor };

  const parts = [
    { at: "", name: "theta", x: "x", y: "y", product: mul as (a: Tensor, b: Tensor) => Tensor },
    { at: "vector.", name: "theta_vec", x: "X_vec", y: "y_vec", product: dot },
  ];
  test.each(parts)("$name: averaging before or after differentiating agree", ({ at, name, x, y, product }) => {
    const params = { [name]: input(name) };
    const batch = { x: input(x), y: input(y) };
    const cost = (p: typeof params, sample: Sample) => loss.linear(product(p[name], sample.x), sample.y);
    const averages = { x: mean(batch.x, { axis: 0 }), y: mean(batch.y) };
    const result = batchGrad(cost)(params, batch);
    expectAll(result.losses(), expected(`${at}per_sample_loss`), "losses");
    expectAll(mean(result.losses()), expected(`${at}loss`), "loss");
    expectAll(result.materialize(), expected(`${at}per_sample_grad`), "per-sample gradients");
    expectAll(result.mean(), expected(`${at}grad`), "mean of gradients");
    expectAll(cost(params, averages), expected(`${at}averaged_first.loss`), "averaged first, loss");
    expectAll(averagedInputGrad(cost)(params, batch), expected(`${at}averaged_first.grad`), "averaged first");
  });
});

interface Network {
  readonly W1: Tensor;
  readonly b1: Tensor;
  readonly W2: Tensor;
  readonly b2: Tensor;
  readonly W3: Tensor;
  readonly b3: Tensor;
}

function loadNetwork(id: string) {
  const { input, expected } = load(id);
  const [W1, b1, W2, b2, W3, b3] = ["W1", "b1", "W2", "b2", "W3", "b3"].map(input) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  return { params: { W1, b1, W2, b2, W3, b3 } satisfies Network, x: input("X"), y: input("Y"), expected };
}

/** Activations of the two hidden layers, and the logits, of one sample. */
function layers({ W1, b1, W2, b2, W3, b3 }: Network, x: Tensor): [a1: Tensor, a2: Tensor, logits: Tensor] {
  const a1 = tanh(add(matmul(W1, x), b1));
  const a2 = tanh(add(matmul(W2, a1), b2));
  return [a1, a2, add(matmul(W3, a2), b3)];
}

describe("3: a network with clipped per-sample gradients", () => {
  const { params, x, y, expected } = loadNetwork("3_mlp_dp_sgd");
  const cost = (p: Network, sample: { x: Tensor; y: Tensor }) => loss.crossEntropy(layers(p, sample.x)[2], sample.y);
  const result = batchGrad(cost)(params, { x, y });

  test("logits, losses and per-sample gradients", () => {
    expectAll(vmap((own: Tensor) => layers(params, own)[2])(x), expected("logits"), "logits");
    expectAll(result.losses(), expected("per_sample_loss"), "losses");
    expectAll(mean(result.losses()), expected("loss"), "loss");
    expectAll(result.materialize(), expected("per_sample_grad"), "per-sample gradients");
    expectAll(result.mean(), expected("grad"), "mean of gradients");
  });

  test("norms, clipping factors and the mean of the clipped gradients", () => {
    const maxNorm = expected("C") as number;
    expectAll(result.norms(), expected("per_sample_grad_norm"), "norms");
    expectAll(minimum(1, mul(maxNorm, reciprocal(result.norms()))), expected("clip_factor"), "clipping factors");
    expectAll(result.clippedMean(maxNorm), expected("clipped_mean_grad"), "mean of clipped gradients");
  });

  test("the variance of the gradients, of the population and unbiased", () => {
    const unbiased = result.variance({ correction: 1 });
    expectAll(unbiased, expected("grad_variance_unbiased"), "unbiased variance");
    expectAll(result.variance(), expected("grad_variance_population"), "population variance");
    const total = tree.leaves(unbiased).reduce<Scalar>((sofar, { value }) => add(sofar, sum(value)), 0);
    expectAll(total, expected("trace_covariance_unbiased"), "trace of the covariance");
  });
});

describe("4: the network with something averaged before it is sent back", () => {
  const { params, x, y, expected } = loadNetwork("4_mlp_error_averaged_first");
  const batch = { x, t: oneHot(y, 3) };
  type Sample = { x: Tensor; t: Tensor };
  const predict = (p: Network, sample: { x: Tensor }) => layers(p, sample.x)[2];
  const cost = (p: Network, sample: Sample) => loss.crossEntropy(predict(p, sample), sample.t);
  const right = batchGrad(cost)(params, batch);
  const [a1, a2, logits] = vmap((own: Tensor) => layers(params, own))(x);
  const average = (rows: Tensor): Tensor => mean(rows, { axis: 0 });
  const error = average(sub(softmax(logits), batch.t));

  test("the right gradient, and the averages the shortcuts start from", () => {
    expectAll(mean(right.losses()), expected("true_loss"), "loss");
    expectAll(right.mean(), expected("true_grad"), "gradient");
    expectAll(average(x), expected("mean_input"), "mean input");
    expectAll(average(batch.t), expected("mean_target"), "mean target");
    expectAll(average(a1), expected("mean_a1"), "mean activation 1");
    expectAll(average(a2), expected("mean_a2"), "mean activation 2");
    expectAll(error, expected("mean_output_error"), "mean output error");
  });

  test("averaged inputs and targets", () => {
    const wrong = averagedInputGrad(cost)(params, batch);
    const averages = { x: average(x), t: average(batch.t) };
    expectAll(cost(params, averages), expected("averaged_inputs_targets.loss"), "loss");
    expectAll(wrong, expected("averaged_inputs_targets.grad"), "gradient");
    expectComparison(wrong, right.mean(), expected("averaged_inputs_targets.comparison"));
  });

  test("the averaged error, sent back through derivatives at the mean activations", () => {
    const crossEntropy = (output: Tensor, { t }: Sample) => loss.crossEntropy(output, t);
    const wrong = averagedErrorGrad(predict, crossEntropy)(params, batch);
    expectAll(wrong, expected("b_derivative_at_mean_activation.grad"), "gradient");
    expectComparison(wrong, right.mean(), expected("b_derivative_at_mean_activation.comparison"));
  });

  test("the averaged error, sent back through mean derivatives", () => {
    const [d1, d2] = [a1, a2].map((a) => average(sub(1, square(a)))) as [Tensor, Tensor];
    const e2 = mul(matmul(swapAxes(params.W3, 0, 1), error), d2);
    const e1 = mul(matmul(swapAxes(params.W2, 0, 1), e2), d1);
    const wrong: Network = {
      W1: outer(e1, average(x)),
      b1: e1,
      W2: outer(e2, average(a1)),
      b2: e2,
      W3: outer(error, average(a2)),
      b3: error,
    };
    expectAll(wrong, expected("b_mean_derivative.grad"), "gradient");
    expectComparison(wrong, right.mean(), expected("b_mean_derivative.comparison"));
  });
});
