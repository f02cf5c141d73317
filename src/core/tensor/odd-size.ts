import { list } from "../../base/errors";
import type { Shape } from "../../base/shape";

/** Something with a size that all of its kind must share, and how it reads in an error. */
export interface Sized {
  readonly place: string;
  readonly size: number;
  readonly shape: Shape;
  readonly dtype: string;
}

/** Above so many, those of another size are only counted. */
const SHOWN = 4;

/** Which sizes differ from what most have; all of them where no size is that of most. */
export function oddSize(all: readonly Sized[]): {
  readonly text: string;
  readonly odd: number;
  readonly common: number;
} {
  const counts = new Map<number, number>();
  for (const { size } of all) counts.set(size, (counts.get(size) ?? 0) + 1);
  const most = [...counts].find(([, count]) => 2 * count > all.length)?.[0];
  const others = all.filter(({ size }) => size !== most);
  const words = others
    .slice(0, SHOWN)
    .map(({ place, dtype, shape, size }) => `${place} (${dtype}${list(shape)}) has ${size}`);
  const rest = others.length > SHOWN ? `, and ${others.length - SHOWN} more differ` : "";
  const common = most ?? all[0].size;
  return {
    text: `${most === undefined ? "" : `most have ${most}, but `}${words.join(", ")}${rest}`,
    odd: all.findIndex(({ size }) => size !== common),
    common,
  };
}
