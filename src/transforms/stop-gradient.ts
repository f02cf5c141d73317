import { mapTensors } from "../core/tree";
import { stop } from "../ops/stop";

/**
 * The same numbers, constant to every transform inside which it stands.
 */
export function stopGradient<X>(x: X): X {
  return mapTensors(x, stop);
}

/**
 * The same numbers without history.
 */
export function detach<X>(x: X): X {
  return mapTensors(x, stop);
}
