// What tests of every folder need and that fits none of them.
import { expect } from "vitest";

/** A value given where its type forbids it, as plain JavaScript may; or where types cannot follow the test. */
export const untyped = (value: unknown): never => value as never;

/** Fails with the elements for which a condition does not hold. */
export function expectEvery<T>(elements: Iterable<T> | ArrayLike<T>, holds: (element: T) => boolean): void {
  expect(Array.from(elements).filter((element) => !holds(element))).toEqual([]);
}
