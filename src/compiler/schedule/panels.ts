import { bytesOf } from "../../base/dtype";
import { sizeOf, stridesOf } from "../../base/shape";
import type { Along } from "../../core/op/op";
import type { Expression, Expressions } from "../../kernel/expression";
import { somePart } from "../../kernel/vector";
import type { Buffer, Kernel, Product } from "./kernels";
import type { Schedule } from "./schedule";
import { viewed } from "./views";

/*
 * The operand of each product that is read in vectors: from where it is, if that is cheap, else from panels as wide as a tile,
 * which a kernel like any other writes; it computes what the operand is on the way.
 */

/** Rows that meet the operand below which panels do not pay. */
const FEW_ROWS = 64;
/** Bytes of an operand that is read where it is. */
const SMALL = 65536;

/** The schedule with the panels of its products. */
export function panels(given: Schedule): Schedule {
  return {
    ...given,
    kernels: given.kernels.flatMap((kernel) => (kernel.is === "product" ? packed(given, kernel) : [kernel])),
  };
}

/** Whether the operand is read where it is. */
function isDirect({ kept, folded, a, b, n, out }: Product): boolean {
  if (b.is !== "read" || b.strides[n] !== 1) return false;
  const bytes = bytesOf(out.dtype);
  const lanes = 16 / bytes;
  const rows = kept.reduce((count, size, i) => (i !== n && !varies(b, i) ? count * size : count), 1);
  const whole = kept[n] % lanes === 0;
  if (whole && rows <= FEW_ROWS) return true;
  if (whole) return sizeOf(folded) * kept[n] * bytes <= SMALL;
  const reach = folded.reduce((sum, size, i) => sum + Math.abs(b.strides[kept.length + i]) * (size - 1), 0);
  return folded.length > 1 && reach * bytes <= SMALL && a.is === "read";
}

function packed({ on, buffers }: Schedule, product: Product): Kernel[] {
  if (isDirect(product)) return [product];
  const { kept, folded, b, n } = product;
  const width = 32 / bytesOf(b.type);
  const outer = kept.flatMap((_, i) => (i !== n && varies(b, i) ? [i] : []));
  const sizes = [...outer.map((i) => kept[i]), Math.ceil(kept[n] / width), ...folded, width];
  const strides = stridesOf(sizes);
  const out: Buffer = { id: buffers.length, dtype: b.type, size: sizeOf(sizes), role: "temporary", address: -1 };
  buffers.push(out);
  const read = on.read(out, 0, [
    ...kept.map((_, i) => (outer.includes(i) ? strides[outer.indexOf(i)] : 0)),
    ...folded.map((_, i) => strides[outer.length + 1 + i]),
  ]);
  // The last panel may not be full: nothing is read for its other columns.
  const full = Math.floor(kept[n] / width);
  return [
    ...packing(on, product, outer, { out, strides, first: 0, count: full, width }),
    ...packing(on, product, outer, { out, strides, first: full, count: 1, width: kept[n] % width }),
    { ...product, b: read, panel: strides[outer.length] },
  ];
}

/** Panels that are filled to one width. */
interface Panels {
  readonly out: Buffer;
  readonly strides: readonly number[];
  readonly first: number;
  readonly count: number;
  readonly width: number;
}

/** The kernel that fills panels, along the outer axes, panels, folded axes, and columns of a panel. */
function packing(
  on: Expressions,
  { kept, folded, b, n }: Product,
  outer: readonly number[],
  { out, strides, first, count, width }: Panels,
): Kernel[] {
  if (count * width === 0) return [];
  const columns = 32 / bytesOf(b.type);
  const sizes = [...outer.map((i) => kept[i]), count, ...folded, width];
  const rank = sizes.length;
  const along = (start: number, ...at: readonly (readonly [axis: number, by: number])[]): Along => {
    const coef = new Array<number>(rank).fill(0);
    for (const [axis, by] of at) if (axis >= 0) coef[axis] = by;
    return { start, coef };
  };
  const axes = [
    ...kept.map((_, i) =>
      i === n ? along(first * columns, [outer.length, columns], [rank - 1, 1]) : along(0, [outer.indexOf(i), 1]),
    ),
    ...folded.map((_, i) => along(0, [outer.length + 1 + i, 1])),
  ];
  const value = viewed(on, b, axes, rank);
  if (value === null) throw new TypeError("an operand of a product cannot be put in panels");
  const start = first * strides[outer.length];
  return [{ is: "loops", kept: sizes, folded: [], by: null, value, result: value, out, strides, start }];
}

/** Whether an expression varies along an axis. */
const varies = (root: Expression, axis: number): boolean =>
  somePart(root, (x) =>
    x.is === "guard" ? x.axis === axis : (x.is === "read" || x.is === "place") && x.strides[axis] !== 0,
  );
