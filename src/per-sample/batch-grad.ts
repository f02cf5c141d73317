import { part } from "../base/allocate";
import { type Dtype, promote } from "../base/dtype";
import { describe, fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkChoice, checkFunction, checkNumber, checkOptions } from "../base/options";
import { gradientTree } from "../core/op/leaves";
import { castTo, reshapeTo } from "../core/op/sweep-ops";
import type { Explanation } from "../core/program/explanation";
import { elementsOf, type Handle } from "../core/tensor/handle";
import type { Scalar, Tensor } from "../core/tensor/tensor";
import { isHandle } from "../core/tensor/tensor-argument";
import { isShapedLike, matching, placeIn } from "../core/tensor/tree";
import type { Batch, Gradient, Leaves } from "../core/tensor/tree-types";
import { asHandle } from "../core/tensor/value";
import { readData } from "../ops/create/read-data";
import { div, square } from "../ops/elementwise/arithmetic";
import { stack } from "../ops/movement/concat-stack";
import { permute } from "../ops/movement/reshape-transpose";
import { dualOf } from "../transforms/backward";
import { AllSamples } from "./all-samples";
import { buffersOf } from "./buffers";
import { Chunks } from "./chunks";
import { explanationOf } from "./explain";
import type { Choice } from "./forms";
import { limitsOf } from "./limits";
import { type Counted, countedOf } from "./non-finite";
import type { BatchGradOptions, ClipOptions, PerSampleGradient, Weights } from "./per-sample-gradient";
import { Plan } from "./plan";
import { equal } from "./rows";
import { samplePrograms } from "./sample-program";

const WHERE = "batchGrad";

class PerSample<P> implements PerSampleGradient<P> {
  readonly batchSize: number;
  private found: Counted | null = null;
  constructor(
    private readonly all: AllSamples,
    private readonly nonFinite: "keep" | "drop" | "throw",
  ) {
    this.batchSize = all.size;
  }

  /** The samples that count. */
  private get counted(): Counted {
    this.found ??= countedOf(WHERE, this.all, this.nonFinite);
    return this.found;
  }

  private tree<T>(values: readonly Handle[]): T {
    return gradientTree<T>(this.all.chunks.programs.params, values);
  }

  private spreadTree<T>(values: readonly unknown[]): T {
    return this.all.chunks.programs.params.build<T>(values);
  }

  /** A result of one element for each sample, in the dtype that those of the parameters promote to. */
  private perSample(x: Handle): Tensor<readonly [number]> {
    return asTensor(this.counted.spread(castTo(x, this.dtype), 0));
  }

  private get dtype(): Dtype {
    const dtypes = this.all.chunks.programs.parameters.map((x) => x.dtype);
    return dtypes.length === 0 ? "float64" : dtypes.reduce(promote);
  }

  /** Lengths of each parameter's gradients in its dtype, or something of them. */
  private eachParameter<T>(f: (length: Handle) => Handle): T {
    const { parameters } = this.all.chunks.programs;
    const { samples, spread } = this.counted;
    return this.spreadTree<T>(samples.lengths().map((x, k) => spread(castTo(f(x), parameters[k].dtype), 0)));
  }

  losses(): Tensor<readonly [number]> {
    refuseExtra("losses", "", 0, arguments);
    const { samples, spread } = this.counted;
    return asTensor(spread(samples.losses(), Number.NaN));
  }

  sum(): Gradient<P> {
    refuseExtra("sum", "", 0, arguments);
    return this.tree(this.counted.samples.evenSum(1));
  }

  mean(): Gradient<P> {
    refuseExtra("mean", "", 0, arguments);
    const { samples } = this.counted;
    return this.tree(samples.evenSum(1 / samples.size));
  }

  weightedSum(weights: Weights): Gradient<P> {
    refuseExtra("weightedSum", "weights", 1, arguments);
    const { samples } = this.counted;
    return this.tree(samples.weightedSum(this.weightsOf("weightedSum", weights)));
  }

  /** The weights of the samples that count. */
  private weightsOf(where: string, weights: Weights | undefined): Handle {
    const { samples, cut } = this.counted;
    if (weights === undefined) return equal(samples.size, 1);
    const w = isHandle(where, weights) ? weights : readData(where, weights);
    if (w.shape.length === 1 && w.shape[0] === this.batchSize) return cut(w);
    return fail(
      "batch/weights",
      `${where}: weights must have shape ${list([this.batchSize])}, got ${list(w.shape)}.`,
      { received: w.shape, expected: [this.batchSize] },
      "Give one weight for each sample.",
    );
  }

  squaredNorms(): Tensor<readonly [number]>;
  squaredNorms(options: { readonly perParameter: true }): Leaves<P, Tensor<readonly [number]>>;
  squaredNorms(options?: { readonly perParameter?: boolean }): unknown {
    refuseExtra("squaredNorms", "options", 1, arguments);
    checkOptions("squaredNorms", options, ["perParameter"]);
    const squared = (x: Handle): Handle => asHandle(square(x));
    if (options?.perParameter === true) return this.eachParameter(squared);
    return this.perSample(squared(this.counted.samples.length()));
  }

  norms(): Tensor<readonly [number]>;
  norms(options: { readonly perParameter: true }): Leaves<P, Tensor<readonly [number]>>;
  norms(options?: { readonly perParameter?: boolean }): unknown {
    refuseExtra("norms", "options", 1, arguments);
    checkOptions("norms", options, ["perParameter"]);
    if (options?.perParameter === true) return this.eachParameter((x) => x);
    return this.perSample(this.counted.samples.length());
  }

  clippedMean(maxNorm: number, options?: ClipOptions): Gradient<P> {
    refuseExtra("clippedMean", "maxNorm, options", 2, arguments);
    return this.tree(this.clipped("clippedMean", maxNorm, options, this.counted.samples.size));
  }

  clippedSum(maxNorm: number, options?: ClipOptions): Gradient<P> {
    refuseExtra("clippedSum", "maxNorm, options", 2, arguments);
    return this.tree(this.clipped("clippedSum", maxNorm, options, 1));
  }

  private clipped(where: string, maxNorm: number, options: ClipOptions | undefined, divisor: number): Handle[] {
    checkOptions(where, options, ["perParameter", "weights"]);
    if (!(typeof maxNorm === "number" && maxNorm >= 0)) {
      fail(
        "batch/clip",
        `${where}: maxNorm must be a number >= 0, got ${describe(maxNorm)}.`,
        { maxNorm },
        "Infinity clips nothing, 0 leaves nothing.",
      );
    }
    const weights = asHandle(div(this.weightsOf(where, options?.weights ?? undefined), divisor));
    return this.counted.samples.clippedSum({ weights, maxNorm, perParameter: options?.perParameter === true });
  }

  variance(options?: { readonly correction?: number | undefined }): Gradient<P> {
    refuseExtra("variance", "options", 1, arguments);
    checkOptions("variance", options, ["correction"]);
    const correction = checkNumber("variance", "correction", options?.correction ?? 0, 0, Infinity);
    const { samples } = this.counted;
    return this.tree(samples.spread(samples.size - correction));
  }

  secondMoment(): Gradient<P> {
    refuseExtra("secondMoment", "", 0, arguments);
    const { samples } = this.counted;
    return this.moment(samples.squares(), samples.size);
  }

  private moment(sums: readonly Handle[], divisor: number): Gradient<P> {
    const { parameters } = this.all.chunks.programs;
    return this.tree(sums.map((x, k) => castTo(asHandle(div(x, divisor)), parameters[k].dtype)));
  }

  gram(): Tensor<readonly [number, number]> {
    refuseExtra("gram", "", 0, arguments);
    const { samples, spread } = this.counted;
    const rows = spread(castTo(samples.gram(), this.dtype), 0);
    return asTensor(permute(spread(permute(rows, [1, 0]), 0), [1, 0]));
  }

  project(direction: Gradient<P>): Tensor<readonly [number]>;
  project(directions: readonly Gradient<P>[]): Tensor<readonly [number, number]>;
  project(given: unknown): Tensor {
    refuseExtra("project", "directions", 1, arguments);
    const { params, parameters } = this.all.chunks.programs;
    // An array shaped like the parameters is one direction.
    const several = Array.isArray(given) && !isShapedLike(params, given);
    const directions: readonly unknown[] = several ? given : [given];
    if (directions.length === 0) {
      fail(
        "argument/array",
        "project: at least one direction is needed, got none.",
        { received: 0 },
        "Give a tree shaped like the parameters, or an array of such trees.",
      );
    }
    const each = directions.map((d) =>
      matching("project", params, d, "direction").map((x, k) =>
        dualOf("project", placeIn("direction", params.paths[k]), x, parameters[k]),
      ),
    );
    const { samples, spread } = this.counted;
    const along = parameters.map((x, k) =>
      several ? asHandle(stack(each.map((d) => d[k]))) : reshapeTo(each[0][k], [1, ...x.shape]),
    );
    const result = spread(castTo(samples.project(along), this.dtype), 0);
    return several ? result : reshapeTo(result, [this.batchSize]);
  }

  materialize(): Batch<P> {
    refuseExtra("materialize", "", 0, arguments);
    const { samples, spread } = this.counted;
    return this.spreadTree(samples.materialize().map((rows) => spread(rows, 0)));
  }

  materializeInto(buffers: Leaves<P, Float64Array | Float32Array>): void {
    refuseExtra("materializeInto", "buffers", 1, arguments);
    const given = buffersOf(
      this.all.chunks.programs.params,
      buffers,
      this.all.chunks.programs.parameters,
      this.batchSize,
    );
    const { samples, placeOf } = this.counted;
    const whole = samples === this.all;
    if (!whole) for (const buffer of given) buffer.fill(0);
    samples.eachRows((rows, start) => {
      rows.forEach((g, k) => {
        const size = g.size / g.shape[0];
        const data = elementsOf(g);
        if (whole) given[k].set(data, start * size);
        else
          for (let i = 0; i < g.shape[0]; i++)
            given[k].set(part(data, i * size, (i + 1) * size), placeOf(start + i) * size);
      });
    });
  }

  explain(): Explanation {
    refuseExtra("explain", "", 0, arguments);
    return explanationOf(this.all.chunks);
  }
}

const asTensor = (x: Handle): Tensor => x;
/**
 * The gradients of the losses of all samples of a batch, from the loss of one sample.
 *
 * Shape: `(P, S, ...shared) -> F[]` becomes `(P, [B, ...S], ...shared) -> PerSampleGradient<P>`.
 *
 * Its `mean()` is the gradient of the mean loss, always: differentiating is linear. A loss that mixes samples cannot be
 * written, as it sees one sample. Inside, samples have no values: choose with `where` instead of `if`.
 * @param f - the loss of one sample: parameters, sample, and what all samples share
 * @param options - chunk: samples at a time, default all; memory: bytes that the work on some samples may take, from which
 * chunk is chosen; nonFinite: "keep" (default), "drop" or "throw"
 * @returns a function of parameters and a batch: a tree shaped like a sample, every leaf with a leading axis B
 * @throws GradtapeError `batch/empty`, `batch/length`, `batch/chunk`, `batch/memory`, `batch/non-finite`, `batch/samples`,
 * `grad/non-scalar`, `tree/leaf`
 * @example
 * ```ts
 * import { batchGrad, dot, square, sub, type Tensor, tensor } from "gradtape";
 * const loss = (w: Tensor, { x, y }: { x: Tensor; y: Tensor }) => square(sub(dot(w, x), y));
 * const batch = { x: tensor([[1, 0], [0, 1]]), y: tensor([1, 1]) };
 * const gradients = batchGrad(loss)(tensor([2, 3]), batch);
 * gradients.mean(); // => [1, 2]
 * gradients.norms(); // => [2, 4]
 * gradients.materialize(); // => [[2, 0], [0, 4]]
 * ```
 */
export function batchGrad<P, S, R extends readonly unknown[]>(
  f: (params: P, sample: S, ...shared: R) => Scalar,
  options?: BatchGradOptions,
): (params: P, batch: Batch<S>, ...shared: R) => PerSampleGradient<P> {
  refuseExtra("batchGrad", "f, options", 2, arguments);
  return batchGradBy("cheapest")(f, options);
}

/** batchGrad that computes inner products of gradients one way, where there are two. */
export const batchGradBy =
  (choice: Choice) =>
  <P, S, R extends readonly unknown[]>(
    f: (params: P, sample: S, ...shared: R) => Scalar,
    options?: BatchGradOptions,
  ): ((params: P, batch: Batch<S>, ...shared: R) => PerSampleGradient<P>) => {
    checkFunction(WHERE, f);
    checkOptions(WHERE, options, ["chunk", "memory", "nonFinite"]);
    const nonFinite = checkChoice(WHERE, "nonFinite", options?.nonFinite ?? "keep", ["keep", "drop", "throw"]);
    return (params, batch, ...shared) => {
      const programs = samplePrograms(WHERE, (p: P, sample) => f(p, sample as S, ...shared), params, batch);
      let made: Plan | undefined;
      const plan = (): Plan => {
        made ??= new Plan(programs);
        return made;
      };
      const limits = limitsOf(options, programs.size, plan, choice);
      return new PerSample<P>(new AllSamples(new Chunks(programs, plan, limits, choice)), nonFinite);
    };
  };
