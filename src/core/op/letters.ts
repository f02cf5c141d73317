import type { Shape } from "../../base/shape";

/* Letters of axes, in which ops declare what sums of products they are. */

/** Letters of so many axes; capitals are free for others. */
export const lettersOf = (rank: number): string =>
  String.fromCharCode(...Array.from({ length: rank }, (_, i) => 97 + i));

/** Letters of the axes of an operand that broadcasts to a shape of these letters: "1" where it is stretched. */
export const stretched = (x: Shape, shape: Shape, letters: string): string => {
  const lead = shape.length - x.length;
  return x.map((size, i) => (size === 1 && shape[lead + i] !== 1 ? "1" : letters[lead + i])).join("");
};

/** x repeated to a shape. */
export function stretches([x]: readonly Shape[], { shape }: { readonly shape: Shape }): string {
  const letters = lettersOf(shape.length);
  return `${stretched(x, shape, letters)}->${letters}`;
}

/** Products of two operands that broadcast. */
export function productOf(shape: Shape, [a, b]: readonly Shape[]): string {
  const letters = lettersOf(shape.length);
  return `${stretched(a, shape, letters)},${stretched(b, shape, letters)}->${letters}`;
}
