import type { Shape } from "../../base/shape";

/** A shape in which -1 stands for a size that is worked out. @internal */
export type Filled<R extends Shape> = { readonly [I in keyof R]: R[I] extends -1 ? number : R[I] };
/** A shape with its axes permuted; reversed if there is no permutation. @internal */
export type Permuted<S extends Shape, P> = P extends Shape
  ? {
      readonly [I in keyof P]: P[I] extends keyof S
        ? S[P[I]]
        : `${P[I] & number}` extends keyof S
          ? S[`${P[I] & number}`]
          : number;
    }
  : number extends S["length"]
    ? Shape
    : S extends readonly [infer X, ...infer R extends Shape]
      ? readonly [...Extract<Permuted<R, undefined>, Shape>, X]
      : readonly [];

/** NumPy broadcasting of two shapes, or the sentence that says why not. */
export type Broadcast<A extends Shape, B extends Shape> = A extends readonly [
  ...infer P extends Shape,
  infer X extends number,
]
  ? B extends readonly [...infer Q extends Shape, infer Y extends number]
    ? Append<
        Broadcast<P, Q>,
        X extends 1
          ? Y
          : Y extends 1
            ? X
            : number extends X
              ? Y
              : number extends Y
                ? X
                : X extends Y
                  ? X
                  : `sizes ${X} and ${Y} do not broadcast`
      >
    : B extends readonly []
      ? A
      : Shape
  : A extends readonly []
    ? B
    : Shape;

/** A shape read as sizes: `any` becomes number[]. @internal */
export type Sizes<S extends Shape> = { readonly [I in keyof S]: number extends S[I] ? number : S[I] };
/** Shape plus one more size; a sentence stays a sentence. @internal */
export type Append<S, D> = D extends string ? D : S extends Shape ? (D extends number ? readonly [...S, D] : S) : S;

/** matmul's result shape, or the sentence that says why not. */
export type Product<A extends Shape, B extends Shape> = A extends readonly [
  ...infer P extends Shape,
  infer K extends number,
]
  ? B extends readonly [infer L extends number]
    ? Meets<K, L, P>
    : B extends readonly [...infer Q extends Shape, infer L extends number, infer N extends number]
      ? P extends readonly [...infer R extends Shape, infer M extends number]
        ? Meets<K, L, Append<Append<Broadcast<R, Q>, M>, N>>
        : Meets<K, L, readonly [...Q, N]>
      : Shape
  : Shape;
/** R if two inner sizes agree, or the sentence that says that they do not. @internal */
export type Meets<K extends number, L extends number, R> =
  Same<K, L> extends true ? R : K extends L ? R : L extends K ? R : `matmul: inner sizes ${K} and ${L} differ`;

/** A shape after reducing `A` (axis numbers as text; undefined: all axes). */
export type Reduced<S extends Shape, A, K> = boolean extends K
  ? Shape
  : A extends undefined
    ? K extends true
      ? { readonly [I in keyof S]: 1 }
      : readonly []
    : A extends number
      ? Drop<S, `${A}`, K>
      : A extends readonly number[]
        ? Drop<S, `${A[number]}`, K>
        : Shape;
/** A shape without the axes A, or with them as size 1. `Seen` counts from the end, from 1. @internal */
export type Drop<S extends Shape, A extends string, K, Seen extends 0[] = [0]> = number extends S["length"]
  ? Shape
  : string extends A
    ? Shape
    : `${number}` extends A
      ? Shape
      : S extends readonly [...infer H extends Shape, infer X extends number]
        ? (`${H["length"]}` | `-${Seen["length"]}`) & A extends never
          ? readonly [...Drop<H, A, K, [0, ...Seen]>, X]
          : K extends true
            ? readonly [...Drop<H, A, K, [0, ...Seen]>, 1]
            : Drop<H, A, K, [0, ...Seen]>
        : readonly [];

/** @internal */
export type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
/** A tuple of N times X where N is known and below 100, else an array. @internal */
export type Repeated<N extends number, X, R extends X[] = []> = number extends N
  ? X[]
  : N extends R["length"]
    ? R
    : `${N}` extends `${Digit}` | `${Digit}${Digit}`
      ? Repeated<N, X, [...R, X]>
      : X[];

/** Whether two types are one, type parameters too. @internal */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
