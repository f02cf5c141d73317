// What tests of every folder need and that fits none of them.

/** A value given where its type forbids it, as plain JavaScript may; or where types cannot follow the test. */
export const untyped = (value: unknown): never => value as never;
