import { normalQuantile } from "../special/normal-quantile";
import { type DrawArray, exponentialOf } from "./draw";
import { threefry } from "./threefry";

/** The attempt that is taken though float32 rounds it out of the bounds. */
const LAST = 1000;

/** How candidates are drawn. */
type Proposal = (unit: number, exponential: number) => number;

/** Candidates, and the exponential number that each must stay below; for bounds that do not both lie below 0. */
function proposalOf(low: number, high: number): [propose: Proposal, excess: (x: number) => number] {
  if (low < 0) {
    // About 0: the normal distribution itself, or an even one where the interval is short.
    if (high - low > 2.5) return [normalQuantile, (x) => (x >= low && x <= high ? 0 : Infinity)];
    return [(unit) => low + unit * (high - low), (x) => (x * x) / 2];
  }
  const rate = low > 1e8 ? low : (low + Math.sqrt(low * low + 4)) / 2;
  if ((high - low) * rate < 1.5) return [(unit) => low + unit * (high - low), (x) => ((x - low) * (x + low)) / 2];
  return [(_, exponential) => low + exponential / rate, (x) => (x > high ? Infinity : ((x - rate) * (x - rate)) / 2)];
}

/**
 * Normal numbers between two bounds, in any tail: candidates, of which at least two of five are taken. Element `offset + i` is
 * drawn with counters (i, 0), (i, 1), ... Drawn in float64 for float32 too, and rounded.
 *
 * Method: by rejection from the normal, an even, or an exponential distribution, whichever is near. Only exactly rounded
 * operations, so the same bits on every machine.
 *
 * @see C. P. Robert, "Simulation of truncated normal variables", Statistics and Computing 5 (1995).
 * @internal
 */
export function fillTruncatedNormal(
  out: DrawArray,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  min: number,
  max: number,
  mean: number,
  std: number,
): void {
  const [a, b] = [(min - mean) / std, (max - mean) / std];
  const side = b <= 0 ? -1 : 1;
  const [propose, excess] = side > 0 ? proposalOf(a, b) : proposalOf(-b, -a);
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    for (let attempt = 0, taken = false; !taken; attempt += 2) {
      threefry(k0, k1, i, attempt, words, 0);
      const unit = ((words[0] >>> 6) * 67108864 + (words[1] >>> 6) + 0.5) / 4503599627370496;
      const x = propose(unit, exponentialOf(words[0], words[1]));
      threefry(k0, k1, i, attempt + 1, words, 0);
      if (!(excess(x) < exponentialOf(words[0], words[1]))) continue;
      out[offset + i] = Math.min(max, Math.max(min, mean + side * std * x));
      // What float32 rounds out of the bounds is drawn again, if it has any number inside.
      taken = (out[offset + i] >= min && out[offset + i] <= max) || attempt > LAST;
    }
  }
}
