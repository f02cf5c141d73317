import { allocate } from "../base/allocate";
import type { TensorData } from "../base/dtype";
import { monitor } from "../core/op/monitor";
import { elementsOf, Handle, isSymbolic, makeTensor } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import * as formula from "../kernel/expansions/builder";
import type { Formula } from "../kernel/formula";
import { type ArrayMap, mapsOf } from "../ops/define/elementwise-loops";

/** What updates are written in: of values, by ops, or of the numbers at one place, as formulas. */
export interface Arithmetic<T> {
  add(a: T | number, b: T | number): T;
  sub(a: T | number, b: T | number): T;
  mul(a: T | number, b: T | number): T;
  div(a: T | number, b: T | number): T;
  /** The square of a gradient, to be remembered: in float64, as squares of float32 may be beyond its range. */
  squareOf(gradient: T): T;
  /** The root of remembered squares. */
  rootOf(squares: T, gradient: T): T;
}

/** What the rule of an optimizer sees of one leaf. */
export interface LeafUpdate<K extends string, T> {
  readonly parameter: T;
  readonly gradient: T;
  /** What is remembered, before the update. */
  readonly memory: Readonly<Record<K, T>>;
  /** The rate, and what else is the same for all leaves. */
  readonly scalars: readonly T[];
}

/** What an optimizer does with one leaf. */
export interface LeafRule<K extends string> {
  /** What is the same for all leaves, from the rate and the number of this update, from 1; if omitted, the rate. */
  scalars?(rate: number, count: Value): readonly Value[];
  /** The leaf after the update, and what is remembered of it. */
  update<T>(on: Arithmetic<T>, leaf: LeafUpdate<K, T>): [parameter: T, memory: Readonly<Record<K, T>>];
}

const BY_FORMULAS: Arithmetic<Formula> = {
  add: formula.add,
  sub: formula.sub,
  mul: formula.mul,
  div: formula.div,
  squareOf: (gradient) => formula.mul(gradient, gradient),
  rootOf: (squares) => formula.sqrt(squares),
};

const isPlainTensor = (x: Value): x is Handle =>
  x instanceof Handle && x.body !== null && x.strand === null && !isSymbolic(x);

/** The update of large tensors that nobody observes: one kernel for all that an optimizer computes of a leaf. */
export class FusedUpdate<K extends string> {
  /** All formulas of an update over arrays, once they were asked for. */
  map: ArrayMap | null = null;
  /** Which of parameter and memory the update changes. */
  private changed: readonly number[] = [];

  constructor(
    private readonly names: readonly K[],
    private readonly rule: LeafRule<K>,
  ) {}

  /** The leaf after the update, and what is remembered; null where ops must do it. */
  run({ parameter, gradient, memory, scalars }: LeafUpdate<K, Value>): [Value, Readonly<Record<K, Value>>] | null {
    if (monitor !== null) return null;
    const numbers = scalars.filter((x) => typeof x === "number");
    const old = [parameter, ...this.names.map((key) => memory[key])].filter(isPlainTensor);
    if (numbers.length < scalars.length || old.length <= this.names.length || !isPlainTensor(gradient)) return null;
    const [{ shape, size }, ...kept] = old;
    const map = mapsOf(this, size, () => this.formulas(numbers.length));
    if (map === null) return null;
    const made = old.map((x, k) => (this.changed.includes(k) ? allocate(x.dtype, size, "optimizer", shape) : null));
    const inputs = [old[0], gradient, ...kept].map(elementsOf);
    if (!map.run(made.filter(isArray), [...inputs, ...numbers], size)) return null;
    const [updated, ...remembered] = old.map((x, k): Handle => {
      const data = made[k];
      return data === null ? x : makeTensor(shape, x.dtype, data);
    });
    return [updated, this.record((_, k) => remembered[k])];
  }

  /** The formulas of what changes, of parameter, gradient, memory and scalars. */
  private formulas(scalars: number): readonly Formula[] {
    const inputs = Array.from({ length: 2 + this.names.length + scalars }, (_, at): Formula => ({ is: "input", at }));
    const [parameter, gradient, ...rest] = inputs;
    const memory = this.record((_, k) => rest[k]);
    const leaf = { parameter, gradient, memory, scalars: rest.slice(this.names.length) };
    const [updated, remembered] = this.rule.update(BY_FORMULAS, leaf);
    const old = [parameter, ...rest];
    const all = [updated, ...this.names.map((key) => remembered[key])];
    this.changed = all.flatMap((x, k) => (x === old[k] ? [] : [k]));
    return this.changed.map((k) => all[k]);
  }

  private record<T>(value: (key: K, k: number) => T): Record<K, T> {
    return Object.fromEntries(this.names.map((key, k) => [key, value(key, k)])) as Record<K, T>;
  }
}

const isArray = (x: TensorData | null): x is TensorData => x !== null;
