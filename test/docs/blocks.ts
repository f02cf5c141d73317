/*
 * The fenced `ts` blocks of the documentation: those in the TSDoc comments of src, in README.md, CONTRIBUTING.md and docs
 * (without docs/api and docs/adr).
 *
 * The word after `ts` on the fence changes how a markdown block is treated:
 *     ts continue    goes on where the previous block of the file ended; the two are one program
 *     ts no-run      is compiled, but not run
 * A fragment of the library's own source is `typescript no-run`: only its syntax is checked.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export interface Block {
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly run: boolean;
  /** A part of the library, which is no program by itself. */
  readonly fragment: boolean;
  /** The program, after as many empty lines as stand before it in the file: line numbers agree. */
  code: string;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Files under a folder with the given ending; none if the folder does not exist. */
function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** The lines of a source file that belong to TSDoc comments, without their stars; all others empty. */
function docLines(text: string): string[] {
  let inside = false;
  return text.split("\n").map((line) => {
    const opens = /^\s*\/\*\*/.test(line);
    if (opens) inside = true;
    const content = inside && !opens ? line.replace(/^\s*\* ?/, "") : "";
    if (line.includes("*/")) inside = false;
    return inside ? content : "";
  });
}

/** The fenced `ts` blocks among the lines of a file. */
export function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*)(`{3,})(\S*)\s*(\S*)/.exec(lines[i]);
    if (fence === null) continue;
    const [, indent, ticks, language, word] = fence;
    const start = i + 1;
    do i++;
    while (i < lines.length && lines[i].trim() !== ticks);
    if (language !== "ts" && language !== "typescript") continue;
    const body = lines.slice(start, i).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const previous = blocks.at(-1);
    if (word === "continue" && previous !== undefined) {
      const height = previous.code.split("\n").length;
      previous.code += "\n".repeat(start - height + 1) + body.join("\n");
    } else {
      if (word !== "" && word !== "no-run") throw new Error(`line ${start}: a ts fence cannot be "${word}"`);
      const [run, fragment] = [word !== "no-run", language === "typescript"];
      blocks.push({ line: start, run, fragment, code: "\n".repeat(start) + body.join("\n") });
    }
  }
  return blocks;
}

const read = (file: string) => readFileSync(join(root, file), "utf8");
const markdown = [
  ...["README.md", "CONTRIBUTING.md"].filter((file) => existsSync(join(root, file))),
  ...filesUnder("docs", ".md").filter((file) => !/^docs\/(api|adr)\//.test(file)),
];
/** The files, with the lines that belong to the documentation. */
export const sources = [
  ...markdown.map((file) => ({ file, lines: read(file).split("\n") })),
  ...filesUnder("src", ".ts").map((file) => ({ file, lines: docLines(read(file)) })),
];
