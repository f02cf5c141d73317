import type { TensorData } from "../../base/dtype";
import { accumulate } from "../op/sweep-ops";
import { LATER_PART, PAGE_SIZE } from "../tape/page";
import type { PageSpan } from "../tape/strand";
import { type Handle, makeScalar, makeTensor } from "../tensor/handle";

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

/** A tensor with elements of its own, null where x has a history or no elements. */
export const ownedCopy = (x: Handle): Handle | null =>
  x.strand === null && x.body !== null ? makeTensor(x.shape, x.dtype, x.data.slice()) : null;

/** Marks of the entries of one page, and their cotangents or tangents: a number or a tensor each, never both. */
export class PageScratch {
  page: PageSpan["page"];
  strand: PageSpan["strand"];
  start = 0;
  end = 0;
  readonly marks = new Uint8Array(PAGE_SIZE);
  scalars: Float64Array | null = null;
  tensors: (Handle | null)[] | null = null;
  constructor(span: PageSpan) {
    this.page = span.page;
    this.strand = span.strand;
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
    this.scalars = numbers.pop() ?? new Float64Array(PAGE_SIZE);
    return this.scalars;
  }

  add(i: number, x: Handle): void {
    const held = this.at(i);
    this.tensors ??= new Array<Handle | null>(PAGE_SIZE);
    this.tensors[i] = held === null ? x : accumulate(held, x);
    this.marks[i] = (this.marks[i] & ~NUMBER) | TENSOR;
  }

  /** The elements of the tensor held for an entry, to be added to; null if none is held, or one with a history. */
  sumAt(i: number): TensorData | null {
    const held = (this.marks[i] & TENSOR) !== 0 ? (this.tensors?.[i] ?? null) : null;
    if (held === null || this.tensors === null) return null;
    const sum = (this.marks[i] & OWNED) !== 0 ? held : ownedCopy(held);
    if (sum?.strand !== null) return null;
    this.tensors[i] = sum;
    this.marks[i] |= OWNED;
    return sum.data;
  }

  /** What is held for an entry, null if nothing. */
  at(i: number): Handle | null {
    const mark = this.marks[i];
    if ((mark & TENSOR) !== 0) return this.tensors?.[i] ?? null;
    return (mark & NUMBER) !== 0 && this.scalars !== null ? makeScalar(this.scalars[i]) : null;
  }

  /** Gives up numbers and tensors, when they will not be read again. */
  empty(): void {
    if (this.scalars !== null && numbers.length < POOL_LIMIT) numbers.push(this.scalars);
    this.scalars = null;
    this.tensors?.fill(null, this.start, this.end);
  }

  /** Returns the scratch to the pool, clean. */
  release(): void {
    this.empty();
    this.marks.fill(0, this.start, this.end);
    if (pool.length < POOL_LIMIT) pool.push(this);
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
