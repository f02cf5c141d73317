import { list } from "../../base/errors";
import type { Along, CoreOp, Kind, Lazy } from "../../core/op/op";
import type { Handle } from "../../core/tensor/handle";
import type { Formula } from "../../kernel/formula";
import type { FoldBy } from "../../kernel/loops";

/*
 * A program as lazy arrays, each in terms of others: what ops have said of themselves. No op is left but those that are called.
 */

/** What an array is, besides its shape and dtype. */
export type Made =
  | { readonly is: "input"; readonly at: number }
  | { readonly is: "constant"; readonly value: Handle }
  | { readonly is: "number"; readonly value: number }
  | { readonly is: "map"; readonly formula: Formula; readonly of: readonly Node[] }
  | { readonly is: "cast"; readonly of: readonly [Node] }
  | { readonly is: "view"; readonly axes: readonly Along[]; readonly of: readonly [Node] }
  | {
      readonly is: "pad";
      readonly before: readonly number[];
      readonly after: readonly number[];
      readonly outside: number;
      readonly of: readonly [Node];
    }
  | { readonly is: "concat"; readonly axis: number; readonly of: readonly Node[] }
  | { readonly is: "reshape"; readonly of: readonly [Node] }
  | { readonly is: "fold"; readonly by: FoldBy; readonly axes: readonly number[]; readonly of: readonly [Node] }
  | { readonly is: "product"; readonly spec: string; readonly of: readonly [Node, Node] }
  | { readonly is: "place"; readonly axis: number }
  | { readonly is: "part"; readonly call: OpCall; readonly part: number; readonly of: readonly Node[] };

/** An op that is called back, with all its outputs. */
export interface OpCall {
  readonly op: CoreOp;
  readonly attrs: unknown;
  readonly kinds: readonly Kind[];
}

/** A lazy array of a program; one that others are made of has a smaller number. */
export type Node = Lazy & Made & { readonly id: number };

/** What a node is made of. */
export const operandsOf = (node: Node): readonly Node[] => ("of" in node ? node.of : []);

/** A program of lazy arrays. */
export interface Graph {
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
}

/** The nodes that the outputs need, what they are made of first. */
export function neededBy(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>(outputs);
  // A set is walked in the order in which it grows.
  for (const node of seen) for (const x of operandsOf(node)) seen.add(x);
  return [...seen].sort((a, b) => a.id - b.id);
}

const DIGITS = 4;
const alongText = ({ start, coef }: Along): string => {
  const terms = coef.flatMap((by, j) => (by === 0 ? [] : [by === 1 ? `i${j}` : `${by}i${j}`]));
  return [...(start === 0 && terms.length > 0 ? [] : [String(start)]), ...terms].join("+");
};

/** A formula on one line. */
export function formulaText(formula: Formula): string {
  if (formula.is === "number") return String(Number(formula.value.toPrecision(DIGITS)));
  if (formula.is === "input") return "xyzuvw"[formula.at] ?? `x${formula.at}`;
  return `${formula.f.name}(${formula.to.map(formulaText).join(", ")})`;
}

/** What a node is, on one line. */
export function nodeText(node: Node): string {
  const of = operandsOf(node)
    .map(({ id }) => `%${id}`)
    .join(", ");
  const detail = ((): string => {
    switch (node.is) {
      case "input":
        return `input ${node.at}`;
      case "number":
        return String(node.value);
      case "map":
        return `map ${formulaText(node.formula)} of ${of}`;
      case "view":
        return `view [${node.axes.map(alongText).join(", ")}] of ${of}`;
      case "pad":
        return `pad ${list(node.before)} ${list(node.after)} with ${node.outside} of ${of}`;
      case "concat":
        return `concat along ${node.axis} of ${of}`;
      case "fold":
        return `${node.by} over ${list(node.axes)} of ${of}`;
      case "product":
        return `product "${node.spec}" of ${of}`;
      case "place":
        return `place along ${node.axis}`;
      case "part":
        return `call ${node.call.op.name}${node.part > 0 ? ` (part ${node.part})` : ""} of ${of}`;
      default:
        return `${node.is}${of === "" ? "" : ` of ${of}`}`;
    }
  })();
  return `%${node.id}: ${node.dtype}${list(node.shape)} = ${detail}`;
}
