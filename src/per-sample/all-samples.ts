import { type Handle, isSymbolic } from "../core/tensor/handle";
import { type Chunks, partsOf } from "./chunks";
import type { Factors } from "./factors";
import { gramOf, projectOn } from "./inner-products";
import { type Clipping, clippedSumOf, type Lengths, lengthOfAll, lengthsOf, sumOf } from "./lengths";
import { cut, equal, joined } from "./rows";
import { runSamples, weightedGradient } from "./sample-program";
import { spreadOfAll, squaresOfAll } from "./spread";

/** Products of the gradients of all samples: one tensor for each parameter, or one for each sample. Each is computed once. */
export class AllSamples {
  readonly size: number;
  private readonly kept = new Map<string, Handle[]>();
  private bad: readonly number[] = [];

  constructor(readonly chunks: Chunks) {
    this.size = chunks.size;
  }

  /** Some of the samples. */
  some(samples: readonly number[]): AllSamples {
    return new AllSamples(this.chunks.some(samples));
  }

  /** Computes a product once. */
  private once(name: string, make: () => Handle[]): Handle[] {
    const found = this.kept.get(name) ?? make();
    this.kept.set(name, found);
    return found;
  }

  losses(): Handle {
    const { factors, parts, programs } = this.chunks;
    const make = (): Handle[] =>
      factors === null
        ? [joined(parts.map(({ start, n }) => runSamples(programs, "loss", start, n)[0]))]
        : [factors.losses];
    return this.once("losses", make)[0];
  }

  /** |g_i| of each parameter, in double precision: a list of [B]. */
  lengths(): Handle[] {
    return this.once("lengths", () => {
      const { chunks } = this;
      return this.joinedLengths(chunks.each((factors, start) => lengthsOf(chunks, factors, start)));
    });
  }

  private joinedLengths(each: readonly Lengths[]): Handle[] {
    if (this.chunks.whole) this.bad = each[0].bad;
    return this.chunks.parameters.map((_, k) => joined(each.map(({ lengths }) => lengths[k])));
  }

  /** |g_i| of all parameters together, in double precision, [B]. */
  length(): Handle {
    return this.once("length", () => [lengthOfAll(this.lengths(), this.size)])[0];
  }

  /** sum_i w_i g_i: by one backward pass, or from the factors if they are there. */
  weightedSum(weights: Handle): Handle[] {
    const { chunks } = this;
    const { factors, parts, programs } = chunks;
    if (factors !== null) return sumOf(chunks, factors, () => weights);
    return chunks.total(parts.map(({ start, n }) => weightedGradient(programs, cut(weights, start, n), start, n)));
  }

  /** weight times sum_i g_i. */
  evenSum(weight: number): Handle[] {
    return this.once(`sum ${weight}`, () => this.weightedSum(equal(this.size, weight)));
  }

  /** Sums of clipped gradients; their lengths are taken chunk by chunk on the way. */
  clippedSum(clipping: Clipping): Handle[] {
    const { chunks } = this;
    if (chunks.whole) {
      const lengths = { lengths: this.lengths(), bad: this.bad };
      return clippedSumOf(chunks, chunks.factorsAt(0, this.size), lengths, 0, clipping);
    }
    const all: Lengths[] = [];
    const sums = chunks.each((factors, start) => {
      const own = lengthsOf(chunks, factors, start);
      all.push(own);
      return clippedSumOf(chunks, factors, own, start, clipping);
    });
    this.once("lengths", () => this.joinedLengths(all));
    return chunks.total(sums);
  }

  /** Inner products of all gradients, [B, B], in double precision. */
  gram(): Handle {
    return this.once("gram", () => [gramOf(this.chunks)])[0];
  }

  /** Inner products with directions, a list of [d, ...]: [B, d], in double precision. */
  project(directions: readonly Handle[]): Handle {
    return projectOn(this.chunks, directions);
  }

  /** sum_i g_i² of each parameter, in double precision. */
  squares(): Handle[] {
    return this.once("squares", () => squaresOfAll(this.chunks));
  }

  /** sum_i (g_i - mean)² of each parameter over a divisor. */
  spread(divisor: number): Handle[] {
    return this.once(`spread ${divisor}`, () => spreadOfAll(this.chunks, divisor));
  }

  /** The gradients of so many samples at a time spelled out: from the factors, or by the program itself. */
  private eachChunk(size: number, work: (rows: readonly Handle[], start: number) => void): void {
    const { parameters, programs, whole } = this.chunks;
    const known = whole && ![...programs.batch, ...parameters].some(isSymbolic);
    const factors = known ? this.chunks.factorsAt(0, this.size) : null;
    const exact = factors?.areFinite() === true ? factors : null;
    for (const { start, n } of partsOf(this.size, size)) {
      const rows =
        exact === null
          ? runSamples(programs, "lossAndGradient", start, n).slice(1)
          : parameters.map((_, k) => rowsAt(exact, k, start, n));
      work(rows, start);
    }
  }

  /** All gradients spelled out, some samples at a time. */
  eachRows(work: (rows: readonly Handle[], start: number) => void): void {
    this.eachChunk(this.chunks.rowsTogether(), work);
  }

  /** All gradients spelled out, a list of [B, ...]. */
  materialize(): Handle[] {
    return this.once("materialize", () => {
      const each: (readonly Handle[])[] = [];
      this.eachChunk(this.chunks.limits.chunk, (rows) => each.push(rows));
      return this.chunks.parameters.map((_, k) => joined(each.map((rows) => rows[k])));
    });
  }
}

/** The gradients of a parameter from the factors of all samples: of all of them kept, of some made anew. */
const rowsAt = (factors: Factors, k: number, start: number, n: number): Handle =>
  n === factors.n ? factors.once(`rows ${k}`, () => factors.rows(k)) : factors.slice(start, n).rows(k);
