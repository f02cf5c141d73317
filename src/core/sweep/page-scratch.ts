import type { TensorData } from "../../base/dtype";
import { accumulate } from "../op/sweep-ops";
import { LATER_PART, PAGE_SIZE, Page } from "../tape/page";
import { FREED, type PageSpan } from "../tape/strand";
import { elementsOf, type Handle, makeScalar } from "../tensor/handle";
import { LongSums } from "./long-sums";

/*
 * What a sweep keeps beside one page of the tape.
 *
 * Invariants: marks are clean in the pool (numbers need not be: a mark says which are valid), and all parts of an op lie
 * inside one scratch, so that their marks are set and cleaned together. After an error a scratch is dropped, not pooled.
 */

/** Mark: the entry is varied, it depends on a target. Set alone, the scratch holds nothing for it yet. */
export const VARIED = 1;
/** Mark beside VARIED: the scratch holds a number for the entry. */
export const NUMBER = 4;
/** Mark beside VARIED: the scratch holds a tensor for the entry. */
export const TENSOR = 8;
/** Mark beside TENSOR: nobody else holds the elements of that tensor, so that they can be added to. */
const OWNED = 64;

const POOL_LIMIT = 8;
const pool: PageScratch[] = [];
const numbers: Float64Array[] = [];

/** Whether what is held at a place can be added to in place: not where it has a history, and not a number. */
const isAddable = (held: Handle): boolean => held.strand === null && held.body !== null && held.rank > 0;

/** Marks of the entries of one page, and their cotangents or tangents: a number or a tensor each, never both. */
export class PageScratch {
  page: PageSpan["page"];
  strand: PageSpan["strand"];
  start = 0;
  end = 0;
  readonly marks: Uint8Array;
  scalars: Float64Array | null = null;
  tensors: (Handle | null)[] | null = null;
  /** Of float32 tensors of which more than one has arrived somewhere. */
  private long: LongSums | null = null;
  constructor({ page, strand }: Pick<PageSpan, "page" | "strand">, size = PAGE_SIZE) {
    this.page = page;
    this.strand = strand;
    this.marks = new Uint8Array(size);
  }

  /** Whether a place of the page lies between start and end. */
  holds(place: number): boolean {
    const i = place - this.page.base;
    return i >= this.start && i < this.end;
  }

  addNumber(i: number, x: number): void {
    const mark = this.marks[i];
    if ((mark & TENSOR) !== 0) this.add(i, makeScalar(x));
    else {
      const scalars = this.scalars ?? this.takeScalars();
      if ((mark & NUMBER) !== 0) scalars[i] += x;
      else {
        scalars[i] = x;
        this.marks[i] = mark | NUMBER;
      }
    }
  }

  private takeScalars(): Float64Array {
    const { length } = this.marks;
    this.scalars = (length === PAGE_SIZE ? numbers.pop() : undefined) ?? new Float64Array(length);
    return this.scalars;
  }

  add(i: number, x: Handle): void {
    const held = this.heldAt(i);
    this.tensors ??= new Array<Handle | null>(this.end);
    const sum = held === null ? x : accumulate(this.forNext(i, held), x);
    this.tensors[i] = sum;
    this.marks[i] = (this.marks[i] & ~NUMBER) | TENSOR | (held !== null && isAddable(sum) ? OWNED : 0);
  }

  /** What is held, as the next contribution is to be added to it. */
  private forNext(i: number, held: Handle): Handle {
    if (held.dtype !== "float32") return held;
    this.long ??= new LongSums();
    return this.long.next(i, held);
  }

  /** The elements of a sum that is held for an entry, to be added to; null before there is one, or if it has a history. */
  sumAt(i: number): TensorData | null {
    const held = (this.marks[i] & OWNED) !== 0 ? (this.tensors?.[i] ?? null) : null;
    if (held === null || this.tensors === null || !isAddable(held)) return null;
    const sum = this.forNext(i, held);
    this.tensors[i] = sum;
    return elementsOf(sum);
  }

  /** The sum for an entry, null if nothing has arrived. */
  at(i: number): Handle | null {
    const held = this.heldAt(i);
    return held === null || this.long === null ? held : this.long.sum(i, held);
  }

  private heldAt(i: number): Handle | null {
    const mark = this.marks[i];
    if ((mark & TENSOR) !== 0) return this.tensors?.[i] ?? null;
    return (mark & NUMBER) !== 0 && this.scalars !== null ? makeScalar(this.scalars[i]) : null;
  }

  /** Gives up numbers and tensors, when they will not be read again. */
  empty(): void {
    if (this.scalars?.length === PAGE_SIZE && numbers.length < POOL_LIMIT) numbers.push(this.scalars);
    this.scalars = null;
    this.tensors?.fill(null, this.start, this.end);
    this.long?.clear();
  }

  /** Returns the scratch to the pool, clean. */
  release(): void {
    this.empty();
    this.marks.fill(0, this.start, this.end);
    if (this.marks.length === PAGE_SIZE && pool.length < POOL_LIMIT) pool.push(this);
  }
}

/** A scratch for the entries of a page up to the place `last`. */
export function scratchFor(span: PageSpan, last: number): PageScratch {
  const { page, strand, start } = span;
  const scratch = pool.pop() ?? new PageScratch(span);
  scratch.page = page;
  scratch.strand = strand;
  scratch.start = start - page.base;
  scratch.end = Math.max(scratch.start, Math.min(page.length, last + 1 - page.base));
  // The later parts of the last op belong to it.
  while (scratch.end > scratch.start && scratch.end < page.length && page.codes[scratch.end] === LATER_PART)
    scratch.end++;
  return scratch;
}

/** A scratch for targets that are leaves: they stand on no page, and are counted. */
export function scratchForLeaves(count: number): PageScratch {
  const pooled = count <= PAGE_SIZE ? pool.pop() : undefined;
  const scratch = pooled ?? new PageScratch({ page: new Page(0, 0), strand: FREED }, Math.max(count, PAGE_SIZE));
  scratch.start = 0;
  scratch.end = count;
  return scratch;
}
