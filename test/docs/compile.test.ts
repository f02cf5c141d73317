import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ROOT, textOf } from "../types/compiler";
import { blocksOf, sources } from "./blocks";

/*
 * Every block of the documentation compiles in a new project: under the options that `tsc --init` writes. A block is a
 * module of its own, in the folder of the package; imports of gradtape resolve to the source, which has options of its own.
 */

/** What `tsc --init` writes, read by the compiler. */
function initialOptions(): ts.CompilerOptions {
  const folder = mkdtempSync(join(tmpdir(), "gradtape-init-"));
  try {
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--init"], { cwd: folder });
    const { config } = ts.readConfigFile(join(folder, "tsconfig.json"), ts.sys.readFile);
    return ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const INITIAL = initialOptions();

/** The options of the source: how its own imports resolve. */
const { options: SOURCE } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config,
  ts.sys,
  ROOT,
);

/** What the compiler says of each of some modules, by path; `types` are the global types that the project installs. */
function complaints(texts: ReadonlyMap<string, string>, types: string[]): ReadonlyMap<string, string[]> {
  const { paths, pathsBasePath } = SOURCE;
  const options: ts.CompilerOptions = { ...INITIAL, types, ...(paths && { paths }), pathsBasePath, noEmit: true };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, version) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, text, version, true);
  };
  const cache = ts.createModuleResolutionCache(ROOT, (name) => name, options);
  host.resolveModuleNameLiterals = (names, from, redirected, ours, file) =>
    names.map((name) =>
      !texts.has(from)
        ? ts.resolveModuleName(name.text, from, SOURCE, host)
        : ts.resolveModuleName(
            name.text,
            from,
            ours,
            host,
            cache,
            redirected,
            ts.getModeForUsageLocation(file, name, ours),
          ),
    );
  const program = ts.createProgram([...texts.keys()], options, host);
  const of = (path: string): string[] => {
    const file = program.getSourceFile(path);
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
      ...program.getDeclarationDiagnostics(file),
    ];
    return found.map((one) => {
      const line = (one.file?.getLineAndCharacterOfPosition(one.start ?? 0).line ?? 0) + 1;
      return `line ${line}: ${textOf(one)}`;
    });
  };
  const wrong = program.getOptionsDiagnostics().map(textOf);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return new Map([...texts.keys()].map((path) => [path, of(path)]));
}

/** Pages that show files of another folder. */
const FOLDERS: Readonly<Record<string, string>> = { "docs/guides/recipes.md": "examples/recipes" };
/** The module that a block is. */
const pathOf = (file: string, line: number): string =>
  join(ROOT, FOLDERS[file] ?? dirname(file), `${basename(file).replace(/\W/g, "-")}-${line}.ts`);

const programs = sources.flatMap(({ file, lines }) =>
  blocksOf(lines)
    .filter(({ fragment }) => !fragment)
    .map(({ line, code }) => ({ file, line, code, node: /from "node:/.test(code) })),
);
const said = new Map(
  [true, false].flatMap((node) => {
    const texts = programs.filter((one) => one.node === node);
    return [
      ...complaints(new Map(texts.map(({ file, line, code }) => [pathOf(file, line), code])), node ? ["node"] : []),
    ];
  }),
);

describe("blocks of the documentation compile under the options of tsc --init", () => {
  test.each(programs)("$file:$line", ({ file, line }) => {
    expect(said.get(pathOf(file, line))).toEqual([]);
  });
});

describe("the check", () => {
  test("has the strict options of today's compiler", () => {
    expect(INITIAL).toMatchObject({
      module: ts.ModuleKind.NodeNext,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
    });
  });

  test.each([
    [
      'import { tensor } from "gradtape";\nconst [a]: number[] = [1];\ntensor([a]);',
      "line 3: Type 'number | undefined'",
    ],
    ['import { Tensor } from "gradtape";\nexport type Row = Tensor;', "line 1: 'Tensor' is a type"],
    ['import { matmul, zeros } from "gradtape";\nmatmul(zeros([2, 3]), zeros([4, 3]));', "line 2: "],
    ['import "gradtape/nothing";', "line 1: Cannot find module"],
  ])("notices %j", (code, says) => {
    const path = pathOf("README.md", 0);
    const [found = ""] = complaints(new Map([[path, code]]), []).get(path) ?? [];
    expect(found.slice(0, says.length)).toBe(says);
  });
});
