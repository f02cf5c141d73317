import type { Nested, Tensor, Value } from "gradtape";

/** Value and derivative of an elementwise op at one number; null or left out: the policy says nothing. */
export type UnaryRow = readonly [x: number, value: number | boolean | null, derivative?: number | undefined];

/** Value and derivatives of an elementwise op at two numbers. */
export type BinaryRow = readonly [
  a: number,
  b: number,
  value: number | boolean | null,
  byA?: number | undefined,
  byB?: number | undefined,
];

/** A call whose result and gradients (of the sum of the result) are written down. */
export interface Call {
  readonly says: string;
  readonly f: (...xs: Tensor[]) => unknown;
  /** Numbers, or tensors where the dtype or an empty shape matters. */
  readonly xs: readonly (Nested | Tensor)[];
  /** What toArray() gives; a list of them where the op has several results. */
  readonly value?: unknown;
  readonly shape?: readonly number[];
  /** By each of xs; undefined: not asked. */
  readonly gradients?: readonly unknown[];
  readonly throws?: string;
}

export type Rows<Row> = Readonly<Record<string, readonly Row[]>>;
export type Elementwise1 = (x: Value) => unknown;
