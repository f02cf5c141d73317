/** The tape of one sample's cost as a picture, laid out by Graphviz (as WebAssembly). */
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import type { Tape } from "gradtape";
import { entitled } from "./html";

const COMPACT = 'ranksep=0.17; nodesep=0.2; node [height=0.3, margin="0.08,0.03"]; edge [arrowsize=0.6];';

/** `inputs` are the names of the tape's inputs, in order. */
export async function tapePicture(
  tape: Tape<never, unknown>,
  inputs: readonly string[],
  title: string,
): Promise<string> {
  const named = tape.toDot().replace(/"input (\d+)/g, (_, k: string) => `"${inputs[Number(k)] ?? `input ${k}`}`);
  // One line a node, close together: a tape is long and thin.
  const compact = named.replace("{", `{ ${COMPACT}`).replaceAll("\\n[", " [");
  const graphviz = await Graphviz.load();
  // Graphviz draws in black on white; the page has a dark side too.
  const svg = graphviz
    .dot(compact)
    .replaceAll('fill="white"', 'fill="none"')
    .replaceAll(/(fill|stroke)="black"/g, '$1="currentColor"')
    .replaceAll("<text ", '<text fill="currentColor" ');
  return entitled(svg, title);
}
