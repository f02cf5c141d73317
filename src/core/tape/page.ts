/*
 * The tape is written on pages: structures of arrays, one current page for the whole process. An entry is one result of
 * one op. Its *place* is page number * PAGE_SIZE + index: one number that orders all entries in time. The place of a
 * constant is 0, that of a leaf is negative. Pages know each other by number only. What keeps a page alive is a *strand*
 * (./strand), and what keeps a strand alive are handles (tensors).
 *
 * Invariant: only the youngest page is ever appended to, so that an input always has a smaller place than what was made
 * from it. Every sweep rests on this.
 */

/** Entries of one page. */
export const PAGE_SIZE = 4096;

/** Bytes of recorded tensors after which a page is full, however few entries it has. */
const PAGE_BYTES = 1 << 20;

/** Flag of an entry that depends on a fresh input of a transform; kind of a leaf that is one. */
export const FRESH = 1;
/** Flag of an entry that depends on a symbol; kind of a leaf that is one. */
export const SYMBOLIC = 2;

/** Flag of an entry that depends on a variable; kind of a leaf that is one. */
export const VARIABLE = 4;

/**
 * Flag of what has a dtype of its own: of a tensor, and of what was made of one. Without it a 0-d float64 or bool is weak: a
 * plain number that a transform lifted, or what ops made of such numbers alone.
 */
export const STRONG = 8;

/** A leaf's index is n * 2 ** KIND_BITS + kind: its kind (VARIABLE, FRESH, SYMBOLIC; STRONG) is read off its index, and off its place. */
export const KIND_BITS = 4;
/** The bits of a leaf's index that are its kind. */
export const KIND_MASK = (1 << KIND_BITS) - 1;

/** Code of an entry of tensors: its values and places stand in a tensor entry (../op/entry). */
export const TENSOR_ENTRY = -1;
/** Code of the second and later outputs of an op with several. */
export const LATER_PART = -2;

/** The arrays that a page writes its entries to. */
interface Columns {
  readonly codes: Int32Array;
  readonly placeA: Float64Array;
  readonly placeB: Float64Array;
  readonly valueA: Float64Array;
  readonly valueB: Float64Array;
  readonly value: Float64Array;
}

function makeColumns(size: number): Columns {
  const numbers = new Float64Array(5 * size);
  const column = (k: number) => numbers.subarray(k * size, (k + 1) * size);
  const codes = new Int32Array(size);
  return { codes, placeA: column(0), placeB: column(1), valueA: column(2), valueB: column(3), value: column(4) };
}

/** Columns of pages that a sweep has freed as a whole. Not cleared: every entry is written before it is read. */
const spare: Columns[] = [];
const SPARE_LIMIT = 16;
/** The columns that such pages share from then on: every code is 0, freed. */
let freedColumns: Columns | null = null;

/** Structure of arrays for PAGE_SIZE entries. */
export class Page {
  readonly base: number;
  length = 0;
  bytes = 0;
  /** Number of entries that have been freed. */
  freed = 0;
  /** What an entry is: the code of a scalar op (> 0), TENSOR_ENTRY, LATER_PART, or 0: freed. */
  codes!: Int32Array;
  /** The objects of tensor entries; ../op/entry knows their type. Made with the first one. */
  tensorEntries: (object | null)[] | null = null;
  /** What the entry depends on: FRESH, SYMBOLIC, VARIABLE; whether it is STRONG. */
  readonly flags: Uint8Array;
  /** Scalar entries only: places and values of the two inputs, value of the output. */
  placeA!: Float64Array;
  placeB!: Float64Array;
  valueA!: Float64Array;
  valueB!: Float64Array;
  value!: Float64Array;

  constructor(
    readonly number: number,
    size = PAGE_SIZE,
  ) {
    this.base = number * PAGE_SIZE;
    this.flags = new Uint8Array(size);
    Object.assign(this, (size === PAGE_SIZE ? spare.pop() : undefined) ?? makeColumns(size));
  }

  /** Gives the columns to later pages if they will not be read again: the page is full, and all of it has been freed. */
  recycle(): void {
    if (this.freed < this.length || this.length === 0 || this === current) return;
    freedColumns ??= makeColumns(PAGE_SIZE);
    if (this.codes === freedColumns.codes) return;
    const { codes, placeA, placeB, valueA, valueB, value } = this;
    if (spare.length < SPARE_LIMIT) spare.push({ codes, placeA, placeB, valueA, valueB, value });
    Object.assign(this, freedColumns, { tensorEntries: null });
  }
}

let current: Page = /* @__PURE__ */ new Page(1, 0);
let pages = 1;
// Not a list of WeakRefs: making one keeps its target alive until the running job ends.
let collected = 0;
const registry = /* @__PURE__ */ new FinalizationRegistry<undefined>(() => {
  collected++;
});

/** Pages that have not been collected, for the tests of memory. Counted down between jobs: await before reading it. */
export const livePages = (): number => pages - 1 - collected;

/** The page to append to, the youngest, with room for `count` entries. */
export function pageFor(count: number): Page {
  if (current.length + count > current.flags.length || current.bytes > PAGE_BYTES) {
    const full = current;
    current = new Page(++pages);
    full.recycle();
    registry.register(current, undefined);
  }
  return current;
}

/** The place that the next entry will have, or an earlier one: nothing recorded so far lies at or after it. */
export const now = (): number => current.base + current.length;
