// A convolutional network, an attention block, an LSTM and a GRU, written in several ways, against PyTorch's own layers.
import {
  backward,
  batchGrad,
  cast,
  type Gradient,
  grad,
  hvp,
  jvp,
  loss,
  mean,
  minimum,
  mul,
  reciprocal,
  type Scalar,
  type Tensor,
  trace,
  tree,
  valueAndGrad,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import type { Encoded } from "./fixture";
import type { Params, Sample } from "./networks";
import * as networks from "./networks";
import { type Expected, expectAll, type LoadedProgram, load } from "./program";

function loadAll<N extends string>(id: string, names: readonly N[]) {
  const { input, expected } = load(id);
  const all = (prefix: string) => Object.fromEntries(names.map((name) => [name, input(prefix + name)])) as Params<N>;
  return { params: all(""), direction: all("v_"), batch: { X: input("X"), Y: input("Y") }, expected };
}
interface Loaded<N extends string> {
  readonly params: Params<N>;
  readonly direction: Params<N>;
  readonly batch: Sample;
  readonly expected: LoadedProgram["expected"];
}

/** Everything the file has of a program, from the loss of one sample. */
function checkCost<N extends string>(loaded: Loaded<N>, cost: (params: Params<N>, sample: Sample) => Scalar): void {
  const { params, direction, batch, expected } = loaded;
  const result = batchGrad(cost)(params, batch);
  const meanCost = (p: Params<N>): Scalar => mean(vmap((sample: Sample): Scalar => cost(p, sample))(batch));

  test("losses and gradients of each sample, and of the mean", () => {
    expectAll(result.losses(), expected("per_sample_loss"), "losses");
    expectAll(result.materialize(), expected("per_sample_grad"), "per-sample gradients");
    expectAll(result.mean(), expected("grad"), "mean of gradients");
    const inPairs = batchGrad(cost, { chunk: 2 })(params, batch);
    expectAll(inPairs.mean(), expected("grad"), "mean of gradients, two at a time");
    const ofEach = vmap(grad(cost), { inAxes: [null, 0] })(params, batch);
    expectAll(ofEach, expected("per_sample_grad"), "gradient of one sample under vmap");
  });

  test("products of the per-sample gradients", () => {
    const maxNorm = expected("C") as number;
    expectAll(result.norms(), expected("per_sample_grad_norm"), "norms");
    expectAll(minimum(1, mul(maxNorm, reciprocal(result.norms()))), expected("clip_factor"), "clipping factors");
    expectAll(result.clippedMean(maxNorm), expected("clipped_mean_grad"), "mean of clipped gradients");
    expectAll(result.variance({ correction: 1 }), expected("grad_variance_unbiased"), "variance");
    expectAll(result.gram(), expected("gram"), "inner products");
    expectAll(result.project(direction as Gradient<Params<N>>), expected("per_sample_jvp"), "projections");
  });

  test("products asked alone, without the gradients of the samples", () => {
    const fresh = () => batchGrad(cost)(params, batch);
    expectAll(fresh().norms(), expected("per_sample_grad_norm"), "norms");
    expectAll(fresh().clippedMean(expected("C") as number), expected("clipped_mean_grad"), "mean of clipped gradients");
    expectAll(fresh().gram(), expected("gram"), "inner products");
    expectAll(fresh().project(direction as Gradient<Params<N>>), expected("per_sample_jvp"), "projections");
  });

  test("the mean of the losses: value, gradient, jvp and Hessian times a direction", () => {
    const [value, gradient] = valueAndGrad(meanCost)(params);
    expectAll(value, expected("loss"), "loss");
    expectAll(gradient, expected("grad"), "gradient of mean");
    expectAll(jvp(meanCost, [params], [direction as Gradient<Params<N>>])[1], expected("jvp"), "jvp");
    expectAll(hvp(meanCost)(params, direction as Gradient<Params<N>>), expected("hvp"), "Hessian times direction");
  });

  test("the same replayed from a tape", () => {
    const [value, gradient] = trace(valueAndGrad(meanCost))(params).replay(params);
    expectAll(value, expected("loss"), "loss");
    expectAll(gradient, expected("grad"), "gradient");
  });

  test("near in float32", () => {
    const single = (x: Tensor): Tensor => (x.dtype === "float64" ? cast(x, "float32") : x);
    const own = batchGrad(cost)(tree.map(single, params) as Params<N>, { X: single(batch.X), Y: single(batch.Y) });
    expectNear(own.mean(), expected("grad"));
    expectNear(own.materialize(), expected("per_sample_grad"));
  });
}

/** Within 1e-4 of the largest magnitude of each array. */
function expectNear(got: unknown, want: Expected): void {
  for (const { path, value } of tree.leaves(got)) {
    const wanted = (want as Readonly<Record<string, Encoded>>)[path]?.data.map(Number) ?? [];
    const near = 1e-4 * Math.max(...wanted.map(Math.abs));
    const x = value as Tensor;
    expect([x.dtype, x.size], path).toEqual(["float32", wanted.length]);
    wanted.forEach((number, i) => {
      expect(Math.abs((x.data[i] ?? Number.NaN) - number), `${path}, entry ${i}`).toBeLessThanOrEqual(near);
    });
  }
}

/** The mean over a batch, written for the whole batch: its gradient by the tape of variables, too. */
function checkWhole<N extends string>(loaded: Loaded<N>, cost: (params: Params<N>, batch: Sample) => Scalar): void {
  const { params, direction, batch, expected } = loaded;
  test("a whole batch at a time", () => {
    const own = tree.map((x: Tensor) => variable(x), params) as Params<N>;
    const total = cost(own, batch);
    expectAll(total, expected("loss"), "loss");
    expectAll(backward(total, own), expected("grad"), "backward");
    expectAll(grad(cost)(params, batch), expected("grad"), "grad");
    expectAll(hvp(cost)(params, direction as Gradient<Params<N>>, batch), expected("hvp"), "Hessian times direction");
  });
}

describe("a convolutional network", () => {
  const loaded = loadAll("cnn", networks.cnnNames);
  const { params, batch, expected } = loaded;
  test("logits", () => {
    expectAll(networks.cnn(params, batch.X), expected("logits"), "logits");
  });
  describe.each(Object.entries(networks.cnnCosts))("%s", (_, cost) => checkCost(loaded, cost));
  checkWhole(loaded, (p, { X, Y }) => loss.crossEntropy(networks.cnn(p, X), Y));
});

describe("an attention block", () => {
  const loaded = loadAll("attention", networks.blockNames);
  const { params, batch, expected } = loaded;
  test("logits", () => {
    expectAll(vmap((x: Tensor) => networks.block(params, x))(batch.X), expected("logits"), "logits");
  });
  describe.each(Object.entries(networks.blockCosts))("%s", (_, cost) => checkCost(loaded, cost));
});

describe("a long short-term memory", () => {
  const loaded = loadAll("lstm", networks.lstmNames);
  const { params, batch, expected } = loaded;
  test("hidden states and predictions", () => {
    const hidden = vmap((x: Tensor) => networks.lstmHidden(params, x))(batch.X);
    expectAll(hidden, expected("hidden"), "hidden states");
    const last = vmap((own: Tensor) => own.at(-1))(hidden);
    expectAll(last, expected("last_hidden"), "last hidden states");
    expectAll(networks.readOut(params, last), expected("prediction"), "predictions");
  });
  describe.each(Object.entries(networks.lstmCosts))("%s", (_, cost) => checkCost(loaded, cost));
  checkWhole(loaded, networks.lstmOfBatch);
});

describe("a gated recurrent unit", () => {
  const loaded = loadAll("gru", networks.gruNames);
  const { params, batch, expected } = loaded;
  test("hidden states and logits", () => {
    const hidden = vmap((x: Tensor) => networks.gruHidden(params, x))(batch.X);
    expectAll(hidden, expected("hidden"), "hidden states");
    expectAll(networks.readOut(params, hidden), expected("logits"), "logits");
  });
  describe.each(Object.entries(networks.gruCosts))("%s", (_, cost) => checkCost(loaded, cost));
});
