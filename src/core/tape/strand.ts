import { Page } from "./page";

/*
 * What keeps pages alive. A handle refers to a strand, never to a page, and pages never refer to each other: so a page
 * is collected with the last handle whose history reaches it.
 */

/**
 * One connected piece of a page, and the older strands that it came from. Strands of one page merge by size, as in
 * union-find; a handle may hold a strand that has merged into another since. A strand without a page is a leaf:
 * a variable, a fresh input, a symbol.
 */
export class Strand {
  parent: Strand | null = null;
  size = 1;
  older: Set<Strand> | null = null;
  constructor(
    readonly page: Page | null,
    /** First place of the piece; for a leaf the time of its birth. */
    public start: number,
  ) {}
}

/**
 * The strand of handles whose entries a sweep has freed. It keeps nothing alive; such a handle's index is its whole
 * place, so that a later sweep still knows its time, and that what depends on it is stale.
 */
export const FREED = /* @__PURE__ */ new Strand(/* @__PURE__ */ new Page(0, 0), 0);

/** The strand that stands for the whole piece. */
export function rootOf(strand: Strand): Strand {
  let root = strand;
  while (root.parent !== null) root = root.parent;
  let s = strand;
  while (s.parent !== null) {
    const next: Strand = s.parent;
    s.parent = root;
    s = next;
  }
  return root;
}

/**
 * The strand of an entry on `page` after an input with strand `from`; `strand` is what earlier inputs gave.
 * Nothing is remembered on the older strand: a cache there would keep every later page alive.
 */
export function joinStrand(strand: Strand | null, from: Strand, page: Page): Strand | null {
  if (from.page === null) return strand;
  if (from.page !== page) {
    const joined = strand ?? new Strand(page, page.base + page.length);
    if (joined.older === null) joined.older = new Set();
    joined.older.add(rootOf(from));
    return joined;
  }
  const root = from.parent === null ? from : rootOf(from);
  if (strand === null || strand === root) return root;
  return merge(strand, root);
}

function merge(a: Strand, b: Strand): Strand {
  const [big, small] = a.size >= b.size ? [a, b] : [b, a];
  small.parent = big;
  big.size += small.size;
  if (small.start < big.start) big.start = small.start;
  if (small.older !== null) {
    const [more, fewer] =
      (big.older?.size ?? 0) >= small.older.size ? [big.older, small.older] : [small.older, big.older];
    if (more !== null && fewer !== null) for (const strand of fewer) more.add(strand);
    big.older = more;
    small.older = null;
  }
  return big;
}

/** The piece of tape that reaches into one page. */
export interface PageSpan {
  readonly page: Page;
  readonly start: number;
  readonly strand: Strand;
}

/**
 * Every page that the strands can reach back to, down to the place `base`, oldest first, and one strand for each from
 * which handles of its entries can be made again.
 */
export function reachablePages(from: readonly Strand[], base: number): PageSpan[] {
  const found = new Map<number, { readonly page: Page; start: number; readonly strands: Strand[] }>();
  const visited = new Set<Strand>();
  const open: Strand[] = [];
  for (const strand of from) open.push(rootOf(strand));
  while (open.length > 0) {
    const strand = open[open.length - 1];
    open.length--;
    const page = strand.page;
    if (page === null || page.base + page.length <= base || visited.has(strand)) continue;
    visited.add(strand);
    const known = found.get(page.number);
    if (known === undefined) found.set(page.number, { page, start: strand.start, strands: [strand] });
    else {
      known.start = Math.min(known.start, strand.start);
      known.strands.push(strand);
    }
    if (strand.older !== null && page.base > base) for (const older of strand.older) open.push(rootOf(older));
  }
  return [...found.values()]
    .sort((a, b) => a.page.number - b.page.number)
    .map(({ page, start, strands }) => ({ page, start: Math.max(base, start), strand: viewOf(strands) }));
}

/** A strand that reaches what some pieces of one page reach, without joining them for other readers. */
export function viewOf(strands: readonly Strand[]): Strand {
  const [first] = strands;
  if (strands.length === 1) return first;
  const view = new Strand(first.page, first.start);
  view.older = new Set();
  for (const { start, older } of strands) {
    view.start = Math.min(view.start, start);
    if (older !== null) for (const strand of older) view.older.add(strand);
  }
  return view;
}
