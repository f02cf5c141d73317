// What products cost beside one plain gradient of the mean loss, counted: multiplications of matrix products and
// convolutions, and numbers written. No clock: the counts are the same on every machine.
import * as library from "gradtape";
import { batchGrad, grad, type PerSampleGradient } from "gradtape";
import { beforeAll, describe, expect, test } from "vitest";
import { type Params, type PerSampleModel, perSampleModels } from "../../bench/per-sample-models";
import { type Cost, costOf } from "./cost";

type Name = keyof typeof perSampleModels;

/** A product, and what it may cost in plain gradients. `written`: for models that write more, a limit of their own. */
interface Limit {
  ask(result: PerSampleGradient<Params>, params: Params): unknown;
  readonly multiplications: number;
  readonly written: Readonly<Partial<Record<Name, number>>>;
}

const WRITTEN = 2;

const limits: Readonly<Record<string, Limit>> = {
  mean: { ask: (r) => r.mean(), multiplications: 1, written: {} },
  norms: { ask: (r) => r.norms(), multiplications: 1, written: {} },
  "norms and clippedMean": {
    ask: (r) => [r.norms(), r.clippedMean(1)],
    multiplications: 1.2,
    written: {},
  },
  gram: { ask: (r) => r.gram(), multiplications: 1.3, written: { "tied embedding": 2.5 } },
  variance: {
    ask: (r) => r.variance(),
    multiplications: 1.6,
    written: { "784-128-10": 2.5, "5120-2560-1280": 2.2, "tied embedding": 3.5 },
  },
  project: { ask: (r, params) => r.project(params), multiplications: 1.05, written: {} },
};

/** The products of an embedding are next to nothing: what it costs is numbers written. */
const WITHOUT_MULTIPLICATIONS: readonly string[] = ["embedding"];

/** To two digits behind the point. */
const ratio = (of: number, to: number): number => Math.round((100 * of) / to) / 100;

describe.each(Object.keys(perSampleModels) as Name[])("%s", (name) => {
  let model: PerSampleModel;
  let plain: Cost;

  beforeAll(() => {
    model = perSampleModels[name](library, name === "5120-2560-1280" ? "float32" : "float64");
    plain = costOf(() => grad(model.mean)(model.params));
  });

  test.each(Object.entries(limits))("%s", (_, { ask, multiplications, written }) => {
    const { params, batch, loss } = model;
    const cost = costOf(() => ask(batchGrad(loss)(params, batch), params));
    expect(plain.multiplications).toBeGreaterThan(0);
    if (!WITHOUT_MULTIPLICATIONS.includes(name)) {
      expect(ratio(cost.multiplications, plain.multiplications), "multiplications").toBeLessThanOrEqual(
        multiplications,
      );
    }
    expect(ratio(cost.written, plain.written), "numbers written").toBeLessThanOrEqual(written[name] ?? WRITTEN);
  });
});
