import { describe, fail } from "./errors";

/**
 * Throws for arguments that a function does not take, as nothing would read them. What `map` and `reduce` pass behind an
 * element is no mistake: its index, and the array; nor, with `lone`, is the index that `Array.from` passes.
 *
 * It is short, so that it is inlined and the list of arguments is never made.
 * @param names - the arguments that it takes, `takes` of them
 * @internal
 */
export function refuseExtra(
  where: string,
  names: string,
  takes: number,
  given: ArrayLike<unknown>,
  lone = false,
): void {
  if (given.length > takes) refuse(where, names, given[takes - 1], Array.from(given).slice(takes), lone);
}

function refuse(where: string, names: string, last: unknown, rest: unknown[], lone: boolean): void {
  const [index, array] = rest;
  const extra = rest.find((x) => x !== undefined);
  if (
    extra !== undefined &&
    (rest.length > 2 ||
      (array === undefined ? !lone || !Number.isInteger(index) : !Object.is(Object(array)[String(index)], last)))
  ) {
    fail(
      "arguments/extra",
      `${where}: takes (${names}), got ${describe(extra)} besides.`,
      { extra },
      "Leave it out: nothing would read it.",
    );
  }
}
