import { fail, list } from "../../base/errors";
import type { Handle } from "../../core/tensor/handle";
import { isHandle, notATensor } from "../../core/tensor/tensor-argument";

/** An argument that is a tensor of one axis. */
export function vectorOf(where: string, x: unknown, name: string): Handle {
  if (!isHandle(where, x)) return notATensor(where, x, name, true);
  if (x.rank !== 1) {
    fail(
      "shape/rank",
      `${where}: ${name} must be a vector, got shape ${list(x.shape)}.`,
      { name, shape: x.shape },
      x.rank === 0 ? "Make a vector of a number with reshape(x, [1])." : "For several at once use vmap.",
    );
  }
  return x;
}
