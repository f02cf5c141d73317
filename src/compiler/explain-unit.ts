import { list } from "../base/errors";
import { type Explanation, makeExplanation } from "../core/program/explanation";
import type { Expression } from "../kernel/expression";
import { neededBy, nodeText } from "./lower/nodes";
import type { Buffer, Kernel } from "./schedule/kernels";
import { bytesIn, readBy, writtenBy } from "./schedule/place";
import type { Stages, Unit } from "./unit";

/*
 * What was compiled, as rows and as text: the program, its lazy arrays, kernels and memory.
 */

const EXPRESSION_LENGTH = 160;

/** An expression on one line; parts that are used again are written again, up to a length. */
export function expressionText(x: Expression): string {
  const whole = ((): string => {
    switch (x.is) {
      case "number":
        return String(Number(x.value.toPrecision(4)));
      case "read":
        return `b${x.array.id}${x.strides.length > 0 ? `[${x.start > 0 ? `${x.start} + ` : ""}${x.strides.join()}]` : ""}`;
      case "place":
        return `place[${x.strides.join()}]`;
      case "total":
        return "total";
      case "convert":
        return `${x.type}(${expressionText(x.x)})`;
      case "guard":
        return `guard(${x.axis}: ${x.from}..${x.to}, ${expressionText(x.inside)}, ${expressionText(x.outside)})`;
      default:
        return `${x.f.name}(${x.of.map(expressionText).join(", ")})`;
    }
  })();
  return whole.length > EXPRESSION_LENGTH ? `${whole.slice(0, EXPRESSION_LENGTH)}...` : whole;
}

/** What a kernel computes, on one line. */
export function kernelText(kernel: Kernel): string {
  switch (kernel.is) {
    case "loops": {
      const over =
        kernel.by === null ? "" : ` ${kernel.by} over ${list(kernel.folded)} of ${expressionText(kernel.value)},`;
      return `${list(kernel.kept)}${over} ${expressionText(kernel.result)}`;
    }
    case "product": {
      const { kept, folded, a, b, n, panel } = kernel;
      const how = panel === undefined ? "" : ", in panels";
      return `${list(kept)} sum over ${list(folded)} of ${expressionText(a)} x ${expressionText(b)} (vectors along ${n}${how}), ${expressionText(kernel.result)}`;
    }
    case "call":
      return kernel.op.name;
    case "numbers": {
      const { numbers, levels } = kernel;
      const how = levels === null ? "written out" : `in ${levels.groups.length} groups`;
      return `${numbers.code.length} operations on single doubles, ${how}${numbers.speculative ? ", again with products that absorb 0 where a result is NaN" : ""}`;
    }
    default:
      return `${kernel.stores.length} numbers`;
  }
}

const arrayText = ({ id, dtype, size, role, address }: Buffer): string =>
  `b${id}: ${dtype} x ${size}, ${role}, at ${address}`;

const row = (kernel: Kernel, { schedule }: Stages): Readonly<Record<string, string | number>> => ({
  kernel: kernel.is,
  computes: kernelText(kernel),
  reads: readBy(kernel, schedule.buffers)
    .map(({ id }) => `b${id}`)
    .join(" "),
  writes: writtenBy(kernel)
    .slice(0, 4)
    .map(({ id }) => `b${id}`)
    .join(" "),
  bytes: writtenBy(kernel).reduce((sum, buffer) => sum + bytesIn(buffer), 0),
});

/** What a program compiled to. */
export function explainUnit({ stages, text, program }: Unit): Explanation {
  if (stages === null) {
    const { rows, toString } = makeExplanation(
      "not compiled: WebAssembly with vectors is missing or refused here, so the program is replayed step by step",
      program.steps.map(({ op }) => ({ kernel: "replayed", computes: op.name })),
    );
    return { rows, toString };
  }
  const { schedule, emitted, graph } = stages;
  const called = [...new Set(schedule.kernels.flatMap((kernel) => (kernel.is === "call" ? [kernel.op.name] : [])))];
  const how =
    emitted === null
      ? `interpreted: WebAssembly with vectors is missing or refused here, so ${schedule.kernels.length} kernels run in JavaScript, with the same bits`
      : `compiled: ${schedule.kernels.length} kernels, ${emitted.bytes.length} bytes of WebAssembly, ${emitted.end} bytes of memory`;
  const title = `${how}; ${called.length === 0 ? "no op is called back" : `called back: ${called.join(", ")}`}`;
  const table = makeExplanation(
    title,
    schedule.kernels.map((kernel) => row(kernel, stages)),
  );
  const sections = [
    ["program", text],
    ["arrays", graph === null ? "single doubles" : neededBy(graph.outputs).map(nodeText).join("\n")],
    ["memory", schedule.buffers.map(arrayText).join("\n")],
  ];
  return {
    rows: table.rows,
    toString: () => [table.toString(), ...sections.map(([name, lines]) => `${name}\n${indented(lines)}`)].join("\n\n"),
  };
}

const indented = (lines: string): string => lines.replace(/^/gm, "  ");
