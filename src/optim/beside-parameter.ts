import { asLeaf } from "../core/op/leaves";
import { castTo } from "../core/op/sweep-ops";
import { Handle } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import type { FloatLeaf } from "../core/tensor/tree";

/**
 * A value that belongs to a parameter, as the parameter is: in its dtype, whatever it was computed in; a number beside
 * a number, unless it is observed. `wide`: a tensor is float64 whatever the parameter is.
 */
export function besideParameter(parameter: FloatLeaf, x: Value, wide = false): Value {
  if (!(x instanceof Handle)) return x;
  return asLeaf(parameter, castTo(x, wide || typeof parameter === "number" ? "float64" : parameter.dtype));
}
