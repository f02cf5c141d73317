import type { Value } from "gradtape";
import type { OpCase } from "gradtape/testing";
import { type Draw, type Range, range } from "./draw";

/** What the laws need to know of an op: how to call it, and inputs to call it with. */
export interface Line {
  readonly op: (...args: never) => unknown;
  readonly draw: (draw: Draw) => OpCase<unknown>;
}

/** Lines by the name under which the op is exported; "loss.mse" for what is in a namespace. */
export type Table = Readonly<Record<string, Line | readonly Line[]>>;

export const line = (op: Line["op"], draw: Line["draw"]): Line => ({ op, draw });

/** A line without attributes. */
export const inputs = (op: Line["op"], draw: (draw: Draw) => Value[]): Line => line(op, (d) => ({ inputs: draw(d) }));

/** An elementwise op of one input. */
export const unary = (op: Line["op"], numbers: Range = range(-2, 2)): Line =>
  inputs(op, (d) => [d.operand(d.shape(), numbers)]);

/** An elementwise op of one input and options. */
export const unaryWith = (op: Line["op"], numbers: Range, attrs: (draw: Draw) => object): Line =>
  line(op, (d) => ({ inputs: [d.operand(d.shape(), numbers)], attrs: attrs(d) }));

/** An elementwise op of two inputs that broadcast. */
export const binary = (op: Line["op"], a: Range = range(-2, 2), b: Range = a): Line =>
  inputs(op, (d) => {
    const [left, right] = d.broadcastable();
    return [d.operand(left, a), d.operand(right, b)];
  });

/** A reduction over axes; `numbers` draws its input. */
export const reduction = (op: Line["op"], numbers: (draw: Draw, shape: number[]) => Value): Line =>
  line(op, (d) => {
    const shape = d.shape();
    return { inputs: [numbers(d, shape)], attrs: d.reduction(shape.length) };
  });

/** An op along one axis. */
export const along = (op: Line["op"], numbers: (draw: Draw, shape: number[]) => Value): Line =>
  line(op, (d) => {
    const shape = d.shape(1);
    return { inputs: [numbers(d, shape)], attrs: d.chance(0.3) ? {} : { axis: d.axis(shape.length) } };
  });
