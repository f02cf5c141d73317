/**
 * What to do about a value that is not the number wanted, from min to max; an integer if `whole`.
 * @internal
 */
export function numberHint(x: unknown, min: number, max: number, whole = false): string {
  if (x === undefined || x === null) return "Give a value: there is no default.";
  if (typeof x !== "number") return "Give one plain number.";
  if (Number.isNaN(x)) return "NaN is outside every range: look where it was computed.";
  if (x < min && min === Number.MIN_VALUE) return "Give a positive number.";
  if ((x === Infinity && max < x) || (x === -Infinity && max === Number.MAX_VALUE))
    return "Use a large number in place of Infinity.";
  if (x < min) return `The smallest allowed is ${min}.`;
  if (x >= 1 && max < 1) return "It must stay below 1.";
  if (x > max) return `The largest allowed is ${max}.`;
  return whole ? "Math.floor and Math.round make integers." : "Give one plain number.";
}
