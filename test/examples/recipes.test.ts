// The recipes do what they say, their models have the right derivatives, and the guide shows them as they are.
import { readdirSync } from "node:fs";
import {
  eye,
  flip,
  grad,
  interpolate,
  linalg,
  linspace,
  log,
  matmul,
  mean,
  mul,
  ones,
  random,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  tree,
  zeros,
} from "gradtape";
import { checkBatchGrad, gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { perSample, recipes } from "../../examples/recipes/all";
import * as attention from "../../examples/recipes/attention";
import * as cnn from "../../examples/recipes/cnn";
import * as gaussian from "../../examples/recipes/gaussian-process";
import * as lstm from "../../examples/recipes/lstm";
import * as pca from "../../examples/recipes/pca";
import * as spectral from "../../examples/recipes/spectral-filter";
import * as spline from "../../examples/recipes/spline-fit";
import { expectPrinted, guide, once, read } from "./guide";

const numbers = (x: Tensor): number[] => Array.from(x.data);
const largest = (x: Tensor): number => Math.max(...numbers(x).map(Math.abs));
const largestDifference = (a: Tensor, b: Tensor): number => largest(sub(a, b));

/** The first sample of a batch is tree.map(head, batch). */
const head = (x: Tensor): Tensor => x.at(0);

describe("attention", () => {
  test("learns to look back, at the right place, and never ahead", () => {
    const { first, last, accuracy, lookBack, lookAhead } = once(attention.attention);
    expect(first?.cost).toBeGreaterThan(2);
    expect(last?.cost).toBeLessThan(0.05);
    expect(accuracy).toBeGreaterThan(0.99);
    expect(Math.max(...numbers(lookBack))).toBeGreaterThan(0.8);
    expect(lookAhead).toBe(0);
    expect(first?.clipped).toBe(1);
    expect(last?.clipped).toBeLessThan(0.5);
  });

  const params = attention.initialize(random.key(3));
  const sequences = random.integers(random.key(4), [3, 16], { max: 8 });

  test("the loss of one sequence has the right gradient, and batchGrad is the loop", () => {
    gradcheck((p: attention.Params) => attention.cost(p, sequences.at(0)), [params], { order: 1 });
    checkBatchGrad(attention.cost, params, sequences);
  });

  test("what comes later changes nothing before it", () => {
    const [a, b] = [
      tensor([1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0]),
      tensor([1, 2, 3, 4, 5, 6, 7, 0, 7, 7, 7, 7, 7, 7, 7, 7]),
    ];
    const [early, late] = [a, b].map((x) => attention.predict(params, x.cast("int32")));
    const difference = sub(early, late);
    expect(largest(slice(difference, [{ stop: 8 }]))).toBeLessThan(1e-12);
    expect(largest(slice(difference, [{ start: 8 }]))).toBeGreaterThan(0.1);
  });
});

describe("LSTM", () => {
  test("adds the marked numbers, where guessing cannot", () => {
    const { guessing, before, after } = once(lstm.lstm);
    expect(guessing).toBeCloseTo(1 / 6, 1);
    expect(before).toBeGreaterThan(guessing);
    expect(after).toBeLessThan(0.1 * guessing);
  });

  test("the marks stand in both halves, and the target is what they mark", () => {
    const { sequence, target } = lstm.draw(random.key(5), 20);
    for (let i = 0; i < 20; i++) {
      const rows = sequence.at(i).toArray() as [number, number][];
      const marked = rows.flatMap(([, mark], place) => (mark === 1 ? [place] : []));
      expect(marked.map((place) => place < 5)).toEqual([true, false]);
      expect(target.at(i).item()).toBeCloseTo(
        marked.reduce((s, place) => s + rows[place][0], 0),
        12,
      );
    }
  });

  test("the loss of one sequence has the right gradient, and batchGrad is the loop", () => {
    const params = lstm.initialize(random.key(6));
    const batch = lstm.draw(random.key(7), 3);
    gradcheck((p: lstm.Params) => lstm.cost(p, tree.map(head, batch)), [params], { order: 1 });
    checkBatchGrad(lstm.cost, params, batch);
  });
});

describe("CNN", () => {
  test("reads digits of writers it has not seen", () => {
    const { accuracy } = once(cnn.cnn);
    expect(accuracy.before).toBeLessThan(0.3);
    expect(accuracy.after).toBeGreaterThan(0.95);
  });

  test("the loss of one image has the right gradient, and batchGrad is the loop", () => {
    const params = cnn.initialize(random.key(16));
    // Not real images: where nothing is drawn, relu stands at its kink.
    const batch = {
      pixels: random.uniform(random.key(17), [3, 64]),
      target: softmax(random.normal(random.key(18), [3, 10])),
    };
    gradcheck((p: cnn.Params) => cnn.cost(p, tree.map(head, batch)), [params], { order: 1 });
    checkBatchGrad(cnn.cost, params, batch);
  });
});

describe("principal components", () => {
  test("what is lost is what the directions left out hold, and ten numbers are nearly as good as 64 pixels", () => {
    const { explained, lost, leftOut, byPixels, byNumbers, slopes } = once(pca.pca);
    expect(Math.abs(lost / leftOut - 1)).toBeLessThan(1e-10);
    const shares = numbers(explained);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.7);
    expect(shares.at(-1)).toBeLessThan(1);
    expect(byPixels).toBeGreaterThan(0.9);
    expect(byNumbers).toBeGreaterThan(byPixels - 0.05);
    expect(Math.abs(slopes)).toBeLessThan(1e-12);
  });

  test("the directions are orthogonal, and those of the covariance", () => {
    const x = matmul(random.normal(random.key(8), [50, 4]), random.normal(random.key(9), [4, 4]));
    const { directions, spread } = pca.componentsOf(x);
    expect(largestDifference(matmul(directions, transpose(directions)), eye(4))).toBeLessThan(1e-12);
    const centerd = sub(x, mean(x, { axis: 0 }));
    const { values } = linalg.eigh(matmul(transpose(centerd), centerd));
    expect(largestDifference(sqrt(flip(values)), spread)).toBeLessThan(1e-8);
  });

  test("the derivative through the singular values is right", () => {
    const images = random.normal(random.key(10), [30, 12]);
    gradcheck(
      (weights: Tensor) => pca.explained(weights, images),
      [random.uniform(random.key(11), [12], { min: 0.5 })],
    );
  });
});

describe("Gaussian process", () => {
  test("finds what the function was drawn with, within three standard errors, and knows how sure it is", () => {
    const { cost, off, found, truth, rms, within } = once(gaussian.gaussianProcess);
    expect(cost.fitted).toBeLessThan(cost.truth);
    expect(cost.truth).toBeLessThan(cost.start);
    expect(largest(off)).toBeLessThan(3);
    expect(largestDifference(log(found), log(truth))).toBeLessThan(0.5);
    expect(rms).toBeLessThan(0.2);
    expect(within).toBeGreaterThan(0.9);
  });

  const x = random.uniform(random.key(12), [8], { max: 4 });
  const y = random.normal(random.key(13), [8]);
  const theta: gaussian.Theta = tensor([0.1, -0.3, -1]);

  test("the likelihood is the density of the normal distribution, with the right derivatives", () => {
    const l = gaussian.factor(theta, x);
    const covariance = matmul(l, transpose(l));
    const exponent = matmul(y, linalg.solve(covariance, y)).item();
    const { logAbsDet } = linalg.slogdet(covariance);
    const want = 0.5 * (exponent + logAbsDet.item() + 8 * Math.log(2 * Math.PI));
    expect(gaussian.cost(theta, x, y).item()).toBeCloseTo(want, 9);
    gradcheck(gaussian.cost, [theta, x, y]);
  });

  test("the posterior is that of the textbook", () => {
    const places = linspace(0, 4, 5);
    const { mean, std } = gaussian.posterior(theta, x, y, places);
    const l = gaussian.factor(theta, x);
    const gain = linalg.solve(matmul(l, transpose(l)), gaussian.kernel(theta, x, places));
    expect(largestDifference(mean, matmul(y, gain))).toBeLessThan(1e-10);
    const known = sum(mul(transpose(gaussian.kernel(theta, places, x)), gain), { axis: 0 });
    expect(largestDifference(square(std), sub(Math.exp(0.2), known))).toBeLessThan(1e-10);
  });
});

describe("spectral filter", () => {
  test("gradients find the filter that theory says is best, and it takes most of the noise away", () => {
    const { noisy, filtered, gains, fromWiener } = once(spectral.spectralFilter);
    expect(fromWiener).toBeLessThan(1e-5);
    expect(noisy).toBeCloseTo(1, 1);
    expect(filtered).toBeLessThan(0.25 * noisy);
    const shown = numbers(gains);
    expect(shown).toEqual([...shown].sort((a, b) => b - a));
  });

  test("gains of 1 change nothing, and the gradient is right", () => {
    const signals = spectral.draw(random.key(14), 2);
    expect(largestDifference(spectral.filter(ones([65]), signals.clean), signals.clean)).toBeLessThan(1e-12);
    gradcheck((gains: Tensor) => spectral.cost(gains, signals), [random.uniform(random.key(15), [65])]);
  });
});

describe("spline fit", () => {
  test("free knots find the peak, and with it seven times less error", () => {
    const { rms, knots, peak } = once(spline.splineFit);
    expect(rms.fixedKnots / rms.freeKnots).toBeGreaterThan(6.5);
    // The best five knots inside, as a search from sixty random starts by other means found them too.
    expect(largestDifference(knots, tensor([595, 835.457, 876.506, 898.167, 916.28, 974.017, 1075]))).toBeLessThan(
      0.01,
    );
    expect(rms.freeKnots).toBeCloseTo(Math.sqrt(0.00765275537 / 49), 9);
    expect(Math.abs(peak.slope)).toBeLessThan(1e-6);
    expect(peak.temperature).toBeGreaterThan(885);
    expect(peak.temperature).toBeLessThan(905);
    expect(peak.height).toBeGreaterThan(2.169);
  });

  const some: spline.Spline = {
    gaps: tensor([0.3, -0.2, 0.1, 0.4]),
    values: tensor([1, 3, 2, 5, 4]),
    ends: tensor([0.02, -0.01]),
  };

  test("it goes through its values with its slopes, and neither derivative jumps at a knot", () => {
    const knots = spline.knotsOf(some);
    expect(largestDifference(spline.evaluate(some, knots), some.values)).toBeLessThan(1e-12);
    expect(largestDifference(spline.slopeAt(knots, some), spline.slopesOf(some))).toBeLessThan(1e-12);
    const curvature = grad((x: Tensor) => spline.slopeAt(x, some).sum());
    const inside = slice(knots, [{ start: 1, stop: -1 }]);
    const jump = sub(curvature(inside.add(1e-7)), curvature(inside.sub(1e-7)));
    expect(largest(jump)).toBeLessThan(1e-7 * largest(curvature(inside)) + 1e-9);
    expect(largest(curvature(inside))).toBeGreaterThan(1e-5);
  });

  test("a cubic is its own spline", () => {
    const knots = spline.knotsOf(some);
    const cubic = (x: Tensor): Tensor => x.sub(800).pow(3).mul(1e-6);
    const slope = grad((x: Tensor) => cubic(x).sum());
    const ends = slice(slope(knots), [{ step: 4 }]);
    const x = linspace(595, 1075, 33);
    expect(largestDifference(spline.evaluate({ ...some, values: cubic(knots), ends }, x), cubic(x))).toBeLessThan(1e-9);
  });

  test("the derivative of the residuals by knots, values and slopes is right", () => {
    const knots = tensor([595, 800, 850, 900, 950, 1000, 1075]);
    const values = interpolate(knots, linspace(595, 1075, 4), tensor([0.6, 0.7, 2, 0.6]));
    const gaps = tensor([5.3, 3.9, 3.8, 4, 3.9, 4.3]);
    gradcheck(spline.residuals, [{ gaps, values, ends: zeros([2]) }], { order: 1 });
  });
});

describe("the guide", () => {
  const files = readdirSync(new URL("../../examples/recipes", import.meta.url)).filter(
    (file) => !/^(all|main|start-worker)\.ts$/.test(file),
  );
  const names = files.map((file) => file.replace(/\.ts$/, ""));

  test("there is a recipe in every file, and every recipe is run", () => {
    expect(names.filter((name) => !name.endsWith("-worker")).sort()).toEqual(Object.keys(recipes).sort());
  });

  test.each(files)("shows %s as it is", (file) => {
    expect(guide).toContain(`\`\`\`ts no-run\n${read(`examples/recipes/${file}`)}\`\`\`\n`);
  });

  // The others are run in per-sample-recipes.test.ts.
  test.each(Object.entries(recipes).filter(([name]) => !(name in perSample)))(
    "prints what %s gives",
    async (name, run) => {
      expectPrinted(name, await once(run));
    },
  );
});
