import type { Library } from "./figure";

/** `compile` of the library, as the cases use it. */
export type Compile = <A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: { readonly results: "fresh" | "reused" },
) => (...args: A) => R;

/** The compiler of a build; null where it has none, so that its compiled columns are left out. */
export const compileOf = (library: Library): Compile | null =>
  "compile" in library ? (library.compile as Compile) : null;
