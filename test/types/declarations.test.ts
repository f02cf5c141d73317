import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorsOf, programOf, ROOT, textOf } from "./compiler";

/*
 * Modules of a user, whose exports have types that are inferred: their declaration files must be emitted without errors,
 * name nothing but public entries, and say the same as the source. `.ci/run` does it again with the packed package, and
 * there with every function it has (every.mjs), as names are looked for otherwise in a package than in a folder.
 */
const FOLDER = join(ROOT, "test/package/declarations");
const USE = join(FOLDER, "use.ts");
const MODULES = readdirSync(FOLDER).filter((name) => name.endsWith(".ts") && name !== "use.ts");
const MANIFEST: { exports: object } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const ENTRIES = Object.keys(MANIFEST.exports).map((path) => path.replace(/^\./, "gradtape"));

/** The declarations of files, or of texts in their place, and what went wrong. */
function emit(paths: readonly string[], texts: ReadonlyMap<string, string> = new Map()) {
  const declarations = new Map<string, string>();
  const program = programOf(paths, texts, { noEmit: false, declaration: true, isolatedModules: false });
  const errors = errorsOf(program, paths);
  for (const path of paths) {
    const { diagnostics } = program.emit(
      program.getSourceFile(path),
      (name, text) => declarations.set(name, text),
      undefined,
      true,
    );
    errors.push(...diagnostics.map(textOf));
  }
  return { declarations, errors };
}
/** Modules that declarations name. */
const named = (text: string): string[] =>
  [...text.matchAll(/\b(?:from |import\()"([^"]+)"/g)].map(([, specifier]) => specifier);
const isPublic = (specifier: string): boolean => ENTRIES.includes(specifier) || /^\.\/[\w-]+\.js$/.test(specifier);

test("declarations of a user's modules are emitted, and are used like the modules", { timeout: 120_000 }, () => {
  expect(MODULES.length).toBeGreaterThan(3);
  const { declarations, errors } = emit(MODULES.map((name) => join(FOLDER, name)));
  expect(errors).toEqual([]);
  expect(declarations.size).toBe(MODULES.length);
  expect([...declarations.values()].flatMap(named).filter((name) => !isPublic(name))).toEqual([]);
  // In a folder of their own, so that they are not shadowed by their sources.
  const elsewhere = new Map([...declarations].map(([path, text]) => [path.replace(FOLDER, `${FOLDER}-emitted`), text]));
  const use = USE.replace(FOLDER, `${FOLDER}-emitted`);
  const texts = elsewhere.set(use, readFileSync(USE, "utf8"));
  expect(errorsOf(programOf([use], texts), [...texts.keys()])).toEqual([]);
});

test("the check notices a type without a public name", { timeout: 120_000 }, () => {
  const path = join(FOLDER, "internal.ts");
  const text = 'import { coreOp } from "../../../src/core/op/op";\nexport const op = coreOp({} as never);\n';
  const { declarations } = emit([path], new Map([[path, text]]));
  expect([...declarations.values()].flatMap(named).filter((name) => !isPublic(name))).not.toEqual([]);
});
