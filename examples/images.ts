/**
 * The picture at the top of README, drawn again by `npm run docs:images`: the tape of the loss of one sample and of its
 * gradient, laid out by Graphviz (as WebAssembly). It can be read on a light page and on a dark one.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { add, mul, type Scalar, square, sub, tanh, trace, valueAndGrad } from "gradtape";

type Line = { w: Scalar; b: Scalar };
type Sample = { x: Scalar; y: Scalar };
const loss = ({ w, b }: Line, { x, y }: Sample) => square(sub(tanh(add(mul(w, x), b)), y));

const example = [
  { w: 0, b: 0 },
  { x: 0, y: 0 },
] as const;
const tape = trace(valueAndGrad(loss))(...example);
/** The equations of the loss come first; those after them are the way back. */
const lossOps = trace(loss)(...example).equations.map(({ op }) => op);
if (lossOps.some((op, k) => tape.equations[k].op !== op)) throw new Error("the tape does not begin with the loss");
const forward = new Set(tape.equations.slice(0, lossOps.length).map(({ outputs }) => `s${outputs[0]}`));

const NAMES = ["w", "b", "x", "y"];
const RESULTS = ["loss", "d loss / dw", "d loss / db"];
const GRAY = "#57606a";
const BLUE = "#0969da";
const ORANGE = "#bc4c00";
const INK = "#8b949e";
const PAGE = `rankdir=LR; bgcolor=transparent; ranksep=0.25; nodesep=0.15; edge [color="${INK}", arrowsize=0.7];`;
const BOXES = 'style="rounded,filled", penwidth=0, fontcolor=white, height=0.35, margin="0.12,0.05",';

const filled = (label: string, color: string): string => `label="${label}", fillcolor="${color}"`;

const dot = tape
  .toDot()
  .replace("rankdir=TB;", PAGE)
  .replace("style=rounded,", BOXES)
  .replaceAll(/label="input (\d+)", shape=ellipse, style=solid/g, (_, k: string) => {
    return `${filled(NAMES[Number(k)], GRAY)}, shape=ellipse, style=filled`;
  })
  .replaceAll(/label="output (\d+)", shape=ellipse, style=bold/g, (_, k: string) => {
    return `${filled(RESULTS[Number(k)], k === "0" ? BLUE : ORANGE)}, shape=ellipse, style=filled`;
  })
  .replaceAll(
    "shape=plaintext, style=solid",
    `shape=plaintext, style=solid, fontcolor="${INK}", width=0.2, margin=0.05`,
  )
  .replaceAll(/^ {2}(s\d+) \[label="([^"]*)"\];/gm, (_, name: string, label: string) => {
    return `  ${name} [${filled(label, forward.has(name) ? BLUE : ORANGE)}];`;
  });

const graphviz = await Graphviz.load();
const folder = new URL("../docs/images/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("tape.svg", folder), graphviz.dot(dot));
