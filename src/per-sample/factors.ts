import { type Dtype, promote } from "../base/dtype";
import { castTo, reshapeTo } from "../core/op/sweep-ops";
import { replayBatched } from "../core/program/program";
import { elementsOf, type Handle, isSymbolic, makeFilled } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { contract, type Named } from "../ops/contract/engine";
import { mul } from "../ops/elementwise/arithmetic";
import { stridedPad } from "../ops/movement/strided-window";
import type { Label } from "../rewrite/labels";
import type { Operand } from "../rewrite/prune";
import type { Factor, Term } from "../rewrite/terms";
import { type Plan, SAMPLE } from "./plan";
import { addAll, cut } from "./rows";
import { rowsOf, type SamplePrograms } from "./sample-program";

/** The labels of an operand, and the one that it selects by. */
export const allLabels = ({ labels, selects }: Named): readonly Label[] =>
  selects === undefined ? labels : [...labels, selects.label];

/** The factors of the gradients of some samples: what one pass forward and back leaves, without any gradient. */
export class Factors {
  private readonly kept = new Map<string, Handle>();
  private constructor(
    readonly plan: Plan,
    readonly n: number,
    readonly losses: Handle,
    private readonly values: readonly Handle[],
    private readonly batched: readonly boolean[],
  ) {}

  /** Runs the program of the factors, for the samples from `start` on. */
  static of(plan: Plan, programs: SamplePrograms, start: number, n: number): Factors {
    const { parameters } = programs;
    const rows = rowsOf(programs, start, n);
    const flags = [...parameters.map(() => false), ...rows.map(() => true)];
    const { outputs, batched } = replayBatched(plan.program, [...parameters, ...rows], flags, n);
    return new Factors(plan, n, outputs[0], outputs.slice(1), batched.slice(1));
  }

  /** Some of the samples. */
  slice(start: number, n: number): Factors {
    if (n === this.n) return this;
    const values = this.values.map((x, k) => (this.batched[k] ? cut(x, start, n) : x));
    return new Factors(this.plan, n, cut(this.losses, start, n), values, this.batched);
  }

  /** Computes something once. */
  once(key: string, make: () => Handle): Handle {
    const found = this.kept.get(key) ?? make();
    this.kept.set(key, found);
    return found;
  }

  has(key: string): boolean {
    return this.kept.has(key);
  }

  /** One factor with its labels, in double precision if `wide`. */
  private operand(f: Factor, batch: Label, wide: boolean): Named {
    const { plan } = this;
    const { x: value, batched } = this.valueOf(f);
    const axes = plan.axesOfFactor(f);
    const shape = axes.map((label) => plan.sizeOf(label));
    const x = wide && f.selects === null ? this.widened(value, f.at) : value;
    const label = plan.selectedBy(f);
    const labels = batched ? [batch, ...axes] : axes;
    return {
      x: reshapeTo(x, batched ? [this.n, ...shape] : shape),
      labels,
      selects: label === null ? undefined : { label, size: plan.sizeOf(label) },
    };
  }

  private widened(x: Handle, at: Operand): Handle {
    return typeof at === "number" ? this.once(`wide ${at}`, () => castTo(x, "float64")) : castTo(x, "float64");
  }

  /** The factors of a term as operands of a contraction, `batch` being the label of the batch axis. */
  read(t: Term, batch: Label, wide: boolean): Named[] {
    return t.factors.map((f) => this.operand(f, batch, wide));
  }

  /** The elements of a factor as they lie, and whether they differ by sample. */
  valueOf(f: Factor): { readonly x: Handle; readonly batched: boolean } {
    const place = typeof f.at === "number" ? this.plan.placeOf(f.at) : -1;
    return { x: typeof f.at === "number" ? this.values[place] : f.at, batched: place >= 0 && this.batched[place] };
  }

  /** Whether all factors are known and finite, so that products of them are what the program itself gives. */
  areFinite(): boolean {
    return this.values.every((x) => !isSymbolic(x) && elementsOf(x).every(Number.isFinite));
  }

  /** The dtype in which a term is computed. */
  dtypeOf(operands: readonly Named[]): Dtype {
    const dtypes = operands.flatMap((o) => (o.selects === undefined ? [o.x.dtype] : []));
    return dtypes.length === 0 ? "float64" : dtypes.reduce(promote);
  }

  /** A term with labels in front of its axes, as part of the gradient of a parameter of some shape. */
  spell(
    t: Term,
    operands: readonly Named[],
    front: readonly Label[],
    shape: readonly number[],
    more: ReadonlyMap<Label, number> = new Map(),
  ): Handle {
    const { plan } = this;
    const axes = t.axes.map((a) => plan.resolved(a.labels));
    const output = [...front, ...axes.flat()];
    const sizes = plan.sizes([...operands.map(allLabels), output], this.n, more);
    const size = (labels: readonly Label[]): number => labels.reduce((n, label) => n * (sizes.get(label) ?? 1), 1);
    const lead = front.map((label) => size([label]));
    const y = reshapeTo(contract(operands, output, sizes), [...lead, ...axes.map(size)]);
    const scaled = t.scale === 1 ? y : asHandle(mul(y, t.scale));
    return reshapeTo(this.put(t, scaled, lead), [...lead, ...shape]);
  }

  /** Puts a term where it stands in a gradient that is zero elsewhere. */
  private put(t: Term, y: Handle, lead: readonly number[]): Handle {
    if (t.axes.every((a) => a.place === null)) return y;
    const own = y.shape.slice(lead.length);
    const window = {
      starts: [...lead.map(() => 0), ...t.axes.map((a) => a.place?.start ?? 0)],
      steps: [...lead.map(() => 1), ...t.axes.map((a) => a.place?.step ?? 1)],
      sizes: y.shape,
      shape: y.shape,
    };
    return stridedPad(y, { window, shape: [...lead, ...t.axes.map((a, i) => a.place?.whole ?? own[i])], value: 0 });
  }

  /** The gradients of a parameter spelled out, [n, ...], in double precision if `wide`. */
  rows(k: number, wide = false): Handle {
    const { plan } = this;
    const { shape, dtype } = plan.programs.parameters[k];
    const whole = [this.n, ...shape];
    const parts = plan.leaves[k].terms.map((t) => this.spell(t, this.read(t, SAMPLE, wide), [SAMPLE], shape));
    if (parts.length === 0) return makeFilled(whole, dtype, 0);
    const sum = addAll(parts);
    return castTo(sum, wide ? "float64" : dtype);
  }
}
