import { bytesOf } from "../../base/dtype";
import { type FunctionCode, V128 } from "../../kernel/assembler";
import type { Expression, Expressions, Read, Stored } from "../../kernel/expression";
import { mergeAxes, withStrides } from "../../kernel/merge-axes";
import { Nest } from "../../kernel/nest";
import { countUses, type Surroundings, VectorCode } from "../../kernel/vector";
import type { Product } from "../schedule/kernels";

/*
 * Sums of products, by tiles that stay in registers. One operand is read where it is, one number at a time, at any strides; the
 * other one in vectors, from where it is or from panels. Rows and folded axes are walked in blocks that stay in the caches.
 */

/** Shapes of tiles and blocks. */
export interface Tuning {
  /** Rows of a tile. */
  readonly rows: number;
  /** Products are added in one instruction, rounded once or twice. */
  readonly relaxed: boolean;
}

/** Terms of a block, and rows of one. */
const TERMS = 256;
const BLOCK_ROWS = 64;
/** Bytes of the operand that is read one by one from which on rows are walked in blocks. */
const LARGE = 1 << 19;
/** Folded axes of so few places are written out. */
const UNROLLED = 4;

/** Whether an expression varies along an axis. */
export const varies = (x: Read, axis: number): boolean => x.strides[axis] !== 0;

/** Writes the code of a product. */
export function emitProduct(
  f: FunctionCode,
  on: Expressions,
  around: Surroundings,
  product: Product,
  tuning: Tuning,
): void {
  if (product.kept.every((size) => size > 0)) new ProductCode(f, on, around, product, tuning).emit();
}

/** How a block of terms stands among all: whether it is the first and the last one, and how many it has. */
interface Part {
  readonly first: boolean;
  readonly final: boolean;
  readonly terms: number;
}

class ProductCode {
  private readonly nest: Nest;
  private readonly sizes: readonly number[];
  private readonly a: Read;
  private readonly b: Read;
  private readonly result: Expression;
  private readonly out: Stored;
  private readonly strides: readonly number[];
  private readonly outer: readonly number[];
  private readonly folded: readonly number[];
  /** The axes of rows (-1: one row), of vectors, and the one that goes from panel to panel. */
  private readonly m: number;
  private readonly n: number;
  private readonly panels: number;
  private readonly lanes: 2 | 4;
  private readonly double: boolean;
  private readonly results: VectorCode;
  private readonly totals: readonly number[];
  private readonly vectors: readonly number[];
  private readonly single: number;
  private total = -1;

  constructor(
    private readonly f: FunctionCode,
    on: Expressions,
    around: Surroundings,
    private readonly product: Product,
    private readonly tuning: Tuning,
  ) {
    const { kept, folded, a, b, out, strides, n, panel } = product;
    this.double = a.type === "float64";
    this.lanes = this.double ? 2 : 4;
    const merged = mergeAxes(on, [kept, folded], [a, b, product.result], strides, n);
    this.n = merged.at(n);
    // The last axis has no loop of its own: it moves with n, from panel to panel.
    this.panels = merged.sizes.length;
    this.sizes = [...merged.sizes, 0];
    const width = panel ?? this.width;
    const widened = withStrides(on, [merged.roots[0], merged.roots[2]], (own) => [...own, 0]);
    const [right] = withStrides(on, [merged.roots[1]], (own) => [...own.map((s, i) => (i === this.n ? 0 : s)), width]);
    this.a = asRead(widened[0]);
    this.b = asRead(right);
    this.result = widened[1];
    this.out = out;
    this.strides = [...merged.strides, 0];
    this.folded = merged.groups[1];
    const rest = merged.groups[0].filter((axis) => axis !== this.n);
    this.m = rest.filter((axis) => varies(this.a, axis) && !varies(this.b, axis)).at(-1) ?? -1;
    this.outer = rest.filter((axis) => axis !== this.m);
    this.nest = new Nest(f, this.sizes, this.lanes);
    this.nest.expect([this.a, this.b, this.result]);
    this.nest.expectWrites(out.dtype, this.strides);
    this.results = new VectorCode(f, this.lanes, countUses([this.result]), around, (x, active) => this.leaf(x, active));
    this.totals = Array.from({ length: 2 * tuning.rows }, () => f.local(V128));
    this.vectors = [f.local(V128), f.local(V128)];
    this.single = f.local(V128);
  }

  /** Columns of a tile. */
  private get width(): number {
    return 2 * this.lanes;
  }

  private leaf(x: Expression, active: number): void {
    if (x.is === "read") this.nest.load(x, this.n, active);
    else if (x.is === "place") this.nest.place(x.start, x.strides, this.n);
    else this.f.get(this.total);
  }

  emit(): void {
    this.nest.across(this.outer, () => {
      const [axis] = this.folded;
      const terms = this.folded.length === 1 ? this.sizes[axis] : 1;
      // Parts of sums stand where the results will.
      const divisible = this.folded.length === 1 && this.out.dtype === this.a.type && terms > 2 * TERMS;
      if (divisible) this.inBlocks(axis, terms, Math.ceil(terms / Math.round(terms / TERMS)));
      else this.rowBlocks({ first: true, final: true, terms });
    });
  }

  /** Blocks of terms, all but the last one of a size. */
  private inBlocks(axis: number, terms: number, size: number): void {
    const { nest } = this;
    const between = Math.ceil(terms / size) - 2;
    this.rowBlocks({ first: true, final: false, terms: size });
    nest.at(axis, size, () => {
      nest.over([[axis, size]], between, () => this.rowBlocks({ first: false, final: false, terms: size }));
    });
    const done = (between + 1) * size;
    nest.at(axis, done, () => this.rowBlocks({ first: false, final: true, terms: terms - done }));
  }

  private get rows(): number {
    return this.m < 0 ? 1 : this.sizes[this.m];
  }

  private rowBlocks(part: Part): void {
    const { nest, m, rows } = this;
    const block = Math.ceil(BLOCK_ROWS / this.tuning.rows) * this.tuning.rows;
    const all = this.folded.reduce((size, axis) => size * this.sizes[axis], 1);
    const large = part.terms < all || rows * all * bytesOf(this.a.type) > LARGE;
    if (!large || rows <= block) {
      this.allPanels(rows, part);
      return;
    }
    const full = Math.floor(rows / block);
    nest.over([[m, block]], full, () => this.allPanels(block, part));
    if (rows % block > 0) nest.at(m, full * block, () => this.allPanels(rows % block, part));
  }

  private allPanels(rows: number, part: Part): void {
    const { nest, n, panels, width } = this;
    const columns = this.sizes[n];
    const full = Math.floor(columns / width);
    const steps = [
      [n, width],
      [panels, 1],
    ] as const;
    nest.over(steps, full, () => this.allTiles(rows, width, part));
    const rest = columns % width;
    if (rest === 0) return;
    nest.at(n, full * width, () => nest.at(panels, full, () => this.allTiles(rows, rest, part)));
  }

  private allTiles(rows: number, width: number, part: Part): void {
    const high = this.tuning.rows;
    const full = Math.floor(rows / high);
    if (full > 0) this.nest.over([[this.m, high]], full, () => this.tile(high, width, part));
    if (rows % high > 0) this.nest.at(this.m, full * high, () => this.tile(rows % high, width, part));
  }

  /** Runs the body for each vector of a tile, at its place, with the local of its total and the lanes that count. */
  private each(rows: number, width: number, body: (total: number, active: number) => void): void {
    const count = Math.ceil(width / this.lanes);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < count; k++) {
        const active = Math.min(this.lanes, width - k * this.lanes);
        const total = this.totals[row * count + k];
        this.nest.at(this.m, row, () => this.nest.at(this.n, k * this.lanes, () => body(total, active)));
      }
    }
  }

  private tile(rows: number, width: number, { first, final, terms }: Part): void {
    const { f, nest, out, strides, n } = this;
    this.each(rows, width, (total, active) => {
      if (first) f.vector(new Uint8Array(16));
      else nest.load(this.partial, n, active);
      f.set(total);
    });
    this.terms(this.folded, terms, () => this.term(rows, Math.ceil(width / this.lanes)));
    this.each(rows, width, (total, active) => {
      this.total = total;
      this.results.begin(active);
      nest.store(out, this.product.start, strides, n, active, () => {
        if (final) this.results.value(this.result);
        else f.get(total);
      });
      this.results.begin(active);
    });
  }

  /** The sums so far, where the results will stand. */
  private get partial(): Read {
    const { out, strides, product } = this;
    return { is: "read", id: -1, type: out.dtype, array: out, start: product.start, strides };
  }

  private terms(axes: readonly number[], block: number, body: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) {
      body();
      return;
    }
    const size = this.folded.length === 1 ? block : this.sizes[axis];
    if (size > UNROLLED) this.nest.over([[axis, 1]], size, () => this.terms(rest, block, body));
    else for (let k = 0; k < size; k++) this.nest.at(axis, k, () => this.terms(rest, block, body));
  }

  /** Adds one product to every total of a tile. */
  private term(rows: number, count: number): void {
    const { f, nest, a, b, vectors, single, double } = this;
    const bytes = double ? 8 : 4;
    for (let k = 0; k < count; k++) {
      const offset = nest.address(b.array, b.start, b.strides);
      f.memory(0x00, offset + k * this.lanes * bytes).set(vectors[k]);
    }
    for (let row = 0; row < rows; row++) {
      nest.at(this.m, row, () => {
        const offset = nest.address(a.array, a.start, a.strides);
        f.memory(double ? 0x0a : 0x09, offset).set(single);
      });
      for (let k = 0; k < count; k++) {
        const total = this.totals[row * count + k];
        if (this.tuning.relaxed)
          f.get(single)
            .get(vectors[k])
            .get(total)
            .simd(double ? 0x107 : 0x105);
        else
          f.get(total)
            .get(single)
            .get(vectors[k])
            .simd(double ? 0xf2 : 0xe6)
            .simd(double ? 0xf0 : 0xe4);
        f.set(total);
      }
    }
  }
}

function asRead(x: Expression): Read {
  if (x.is !== "read") throw new TypeError("an operand of a product is no read");
  return x;
}
