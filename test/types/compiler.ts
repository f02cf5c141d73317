import { dirname, join } from "node:path";
import ts from "typescript";

/*
 * The compiler and its editor service in this process, on text that stands nowhere on disk: what a user who imports
 * gradtape is told. Imports resolve to the source, as in all tests.
 */
export const ROOT = join(import.meta.dirname, "../..");
const FILE = join(ROOT, "test/types/case.ts");

/** Expressions, and what the compiler is to say of each. */
export type Rows = readonly (readonly [code: string, says: string])[];

/** What the compiler says of one line of a program. */
export interface Said {
  /** Errors, one text each; lines after the first are indented details. */
  readonly errors: readonly string[];
  /** The type of the constant declared on the line, as an editor shows it when the pointer rests on the name. */
  readonly shown: string;
}

/** The project's own compiler options. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

/** A program of files on disk and of texts by path, some of which may stand in for files. */
export function programOf(
  roots: readonly string[],
  texts: ReadonlyMap<string, string>,
  more: ts.CompilerOptions = {},
): ts.Program {
  const options = { ...compilerOptions(), skipLibCheck: false, ...more };
  const host = ts.createCompilerHost(options);
  const folders = new Set([...texts.keys()].map(dirname));
  const { getSourceFile, fileExists, directoryExists } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.directoryExists = (path) => folders.has(path) || (directoryExists?.(path) ?? true);
  host.getSourceFile = (path, version) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, version) : ts.createSourceFile(path, text, version, true);
  };
  return ts.createProgram([...roots], options, host);
}

/** What the compiler says of some files of a program. */
export function errorsOf(program: ts.Program, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const file = program.getSourceFile(path);
    if (file === undefined) return [`${path} is not there`];
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(textOf);
  });
}
export const textOf = ({ messageText }: ts.Diagnostic): string => ts.flattenDiagnosticMessageText(messageText, "\n");

function serviceOf(text: string): ts.LanguageService {
  const options = compilerOptions();
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => {
      const content = path === FILE ? text : ts.sys.readFile(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === FILE || ts.sys.fileExists(path),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}

/**
 * Asks about each of some expressions, all in one program: every one becomes a constant on a line of its own, after a
 * prelude that must be free of errors.
 */
export function ask(prelude: string, expressions: readonly string[]): ReadonlyMap<string, Said> {
  const lines = expressions.map((code, i) => `const said${i} = ${code};`);
  const start = prelude.split("\n").length;
  const service = serviceOf([prelude, ...lines, ""].join("\n"));
  const source = service.getProgram()?.getSourceFile(FILE);
  if (source === undefined) throw new Error("the compiler has lost the program");
  const errors = new Map<number, string[]>();
  for (const found of [...service.getSyntacticDiagnostics(FILE), ...service.getSemanticDiagnostics(FILE)]) {
    const { line } = source.getLineAndCharacterOfPosition(found.start ?? 0);
    const text = textOf(found);
    if (line < start) throw new Error(`line ${line + 1} of the prelude: ${text}`);
    errors.set(line, [...(errors.get(line) ?? []), text]);
  }
  return new Map(
    expressions.map((code, i) => {
      const name = source.getPositionOfLineAndCharacter(start + i, "const ".length);
      const shown = ts.displayPartsToString(service.getQuickInfoAtPosition(FILE, name)?.displayParts);
      return [code, { errors: errors.get(start + i) ?? [], shown: shown.replace(/^const said\d+: /, "") }];
    }),
  );
}
