import { describe, list } from "../../base/errors";
import type { Shape } from "../../base/shape";
import type { Handle } from "../tensor/handle";
import type { Program, Step } from "./program";

const kind = (x: Handle): string => `${x.dtype}${list(x.shape)}`;

const operand = (x: number | Handle): string => {
  if (typeof x === "number") return `%${x}`;
  return x.shape.length === 0 && x.strand === null && x.body?.data !== null ? String(x.item()) : `captured ${kind(x)}`;
};

const attributes = (attrs: unknown): string => {
  if (attrs === undefined || attrs === null || typeof attrs !== "object") return "";
  const named = Object.entries(attrs).filter(([, value]) => value !== undefined);
  if (named.length === 0) return "";
  return ` {${named.map(([name, value]) => `${name}: ${text(value)}`).join(", ")}}`;
};

const text = (value: unknown): string => (Array.isArray(value) ? `[${value.map(text).join(", ")}]` : describe(value));

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
