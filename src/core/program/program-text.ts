import { describe, list } from "../../base/errors";
import type { Shape } from "../../base/shape";
import type { Kind, Program, Step } from "../op/op";
import type { Handle } from "../tensor/handle";

const kind = (x: Kind): string => `${x.dtype}${list(x.shape)}`;

const operand = (x: number | Handle): string => {
  if (typeof x === "number") return `%${x}`;
  const data = x.strand === null ? (x.body === null ? [x.value] : x.body.data) : null;
  if (data === null) return `captured ${kind(x)}`;
  if (x.shape.length === 0) return String(x.item());
  return `const ${kind(x)}${constantText(x, data)}`;
};

/** Elements of a constant that are printed one by one. */
const MAX_SHOWN = 6;

/** What a constant holds: one value where all elements are equal, every element where they are few. */
function constantText(x: Handle, data: ArrayLike<number>): string {
  if (data.length === 0) return "";
  const elements = Array.from(data);
  if (elements.every((element) => Object.is(element, elements[0]))) return ` = ${describe(elements[0])}`;
  return data.length <= MAX_SHOWN ? ` = ${text(x.toArray())}` : "";
}

const attributes = (attrs: unknown): string => {
  if (attrs === undefined || attrs === null) return "";
  if (typeof attrs !== "object" || Array.isArray(attrs)) return ` {${text(attrs)}}`;
  const named = fields(attrs);
  return named === "" ? "" : ` {${named}}`;
};

const fields = (attrs: object): string =>
  Object.entries(attrs)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${text(value)}`)
    .join(", ");

const isProgram = (value: object): value is Program => "steps" in value && "slots" in value && "outputs" in value;

/** An attribute in full; of a program the ops that it applies. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return describe(value);
  }
  if (isProgram(value)) return `program(${value.steps.map((step) => step.op.name).join(" ")})`;
  return `{${fields(value)}}`;
}

const left = (step: Step): string => step.outputs.map((slot, k) => `%${slot}: ${kind(step.examples[k])}`).join(", ");

/** A program as text: one line for each equation. */
export function programText(program: Program): string {
  const inputs = program.inputs.map((x, k) => `%${k}: ${kind(x)}`).join(", ");
  const lines = program.steps.map(
    (s) => `  ${left(s)} = ${s.op.name} ${s.inputs.map(operand).join(" ")}${attributes(s.attrs)}`,
  );
  return [`tape (${inputs}) {`, ...lines, `  return ${program.outputs.map(operand).join(", ")}`, "}"].join("\n");
}

const quote = (s: string): string => JSON.stringify(s);

/** A program as a graph in the DOT language of Graphviz. */
export function programDot(program: Program): string {
  const lines = [
    "digraph tape {",
    "  rankdir=TB;",
    '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];',
  ];
  const nodeOf = new Map<number, string>();
  let constants = 0;
  const shapeLabel = (shape: Shape): string => (shape.length === 0 ? "" : `\n${list(shape)}`);
  program.inputs.forEach((x, k) => {
    nodeOf.set(k, `s${k}`);
    lines.push(`  s${k} [label=${quote(`input ${k}${shapeLabel(x.shape)}`)}, shape=ellipse, style=solid];`);
  });
  const source = (x: number | Handle): string => {
    if (typeof x === "number") return nodeOf.get(x) ?? `s${x}`;
    const name = `c${constants++}`;
    lines.push(`  ${name} [label=${quote(operand(x))}, shape=plaintext, style=solid];`);
    return name;
  };
  for (const step of program.steps) {
    const name = `s${step.outputs[0]}`;
    for (const slot of step.outputs) nodeOf.set(slot, name);
    lines.push(`  ${name} [label=${quote(`${step.op.name}${shapeLabel(step.examples[0].shape)}`)}];`);
    for (const x of step.inputs) lines.push(`  ${source(x)} -> ${name};`);
  }
  program.outputs.forEach((y, k) => {
    lines.push(`  out${k} [label=${quote(`output ${k}`)}, shape=ellipse, style=bold];`, `  ${source(y)} -> out${k};`);
  });
  return [...lines, "}"].join("\n");
}
