// The house rules (docs/adr and CONTRIBUTING say why), held by reading every file of src.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { entries } from "../entries.ts";

/** A folder may import from its own floor or below. Files that stand directly in src are the roof. */
const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  kernel: 0,
  numeric: 0,
  core: 1,
  ops: 2,
  rewrite: 2,
  control: 3,
  transforms: 3,
  "per-sample": 3,
  loss: 3,
  formats: 3,
  optim: 3,
  compiler: 4,
  testing: 5,
  pitfalls: 5,
};
const ROOF = 6;

const MAX_FILES_OF_A_FOLDER = 20;
const MAX_MEDIAN_LINES = 150;

/** Folders that must not know the name of any op. */
const NAMELESS = ["core", "rewrite", "transforms", "control", "per-sample", "loss", "testing", "compiler"];

/** Names of options and arguments that ops have too. */
const NO_NAMES_OF_OPS = [
  ["src/testing/options.ts:", '"step"'],
  ["src/control/implicit.ts:", '"step"'],
  ["src/control/implicit.ts:", '"solve"'],
  // The option `reduction: "mean"`, and the product of batchGrad.
  ["src/loss/", '"mean"'],
  ["src/per-sample/", '"mean"'],
  ["src/testing/", '"mean"'],
  // Kinds of lazy arrays, in which ops say what they are.
  ["src/compiler/", '"map"'],
  ["src/compiler/", '"pad"'],
  // The transform of the name of its op.
  ["src/transforms/stop-gradient.ts", '"stopGradient"'],
] as const;

/** Casts of src that switch the checker off, and all casts of test, where types may be wrong on purpose. */
const MAX_CASTS_PER_1000_LINES = { src: 1, test: 12 };

const MAX_LINES_OF_A_FUNCTION = 60;
/** Kernels that may be longer: one loop, or one run of instructions, that would be slower or harder to follow in parts. */
const LONG_FUNCTIONS: Readonly<Record<string, string>> = {
  "numeric/convolution/kernel-js.ts make": "closures share the sizes and buffers of one convolution",
  "numeric/fourier/passes.ts pass5": "one butterfly of radix 5, written out",
  "numeric/matrix/gemm-kernel.ts multiplyTile": "instructions of one WebAssembly function, in order",
  "numeric/matrix/gemm.ts gemm": "five nested loops over blocks",
  "numeric/random/threefry.ts threefry": "twenty rounds, written out",
};

interface SourceFile {
  /** Path inside src, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly tree: ts.SourceFile;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function filesOf(folder: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const text = readFileSync(file, "utf8");
      return {
        path: relative(join(root, folder), file).replaceAll("\\", "/"),
        text,
        lines: text.replace(/\n$/, "").split("\n").length,
        tree: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true),
      };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const linesIn = (those: readonly SourceFile[]): number => those.reduce((total, file) => total + file.lines, 0);

const files = filesOf("src");
const byPath = new Map(files.map((file) => [file.path, file]));

/** Floor of a file, or undefined where its folder has none. */
function floorOf(path: string): number | undefined {
  const slash = path.indexOf("/");
  return slash < 0 ? ROOF : FLOORS[path.slice(0, slash)];
}

/** Files of src that a file imports or re-exports, types included. */
function importsOf(file: SourceFile): string[] {
  return ts
    .preProcessFile(file.text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => {
      const target = posix.join(posix.dirname(file.path), fileName);
      const found = [`${target}.ts`, `${target}/index.ts`, target].find((path) => byPath.has(path));
      if (found === undefined) throw new Error(`src/${file.path} imports "${fileName}", which is no file of src`);
      return found;
    });
}

const graph = new Map(files.map((file) => [file.path, importsOf(file)]));

/** All nodes of a file for which `test` holds, as "src/path:line  text". */
function find(file: SourceFile, test: (node: ts.Node) => boolean): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (test(node)) {
      const line = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1;
      found.push(`src/${file.path}:${line}  ${node.getText(file.tree).split("\n")[0]}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file.tree);
  return found;
}

/** The first circle of a graph, as a path that comes back to its start. */
function findCircle(edges: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, trail: readonly string[]): string[] | undefined => {
    const start = trail.indexOf(node);
    if (start >= 0) return [...trail.slice(start), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const circle = walk(next, [...trail, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const circle = walk(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

const folderOf = (path: string): string => posix.dirname(path);

/** Folders (each level a folder of its own) and the folders that their files import from. */
function folderGraph(): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const [path, imports] of graph) {
    const folder = folderOf(path);
    const others = folders.get(folder) ?? new Set();
    for (const to of imports) if (folderOf(to) !== folder) others.add(folderOf(to));
    folders.set(folder, others);
  }
  return folders;
}

const isStatic = (node: ts.ModifierLike) => node.kind === ts.SyntaxKind.StaticKeyword;
const isAny = (node: ts.Node) => node.kind === ts.SyntaxKind.AnyKeyword;
const isUnknown = (node: ts.Node) => node.kind === ts.SyntaxKind.UnknownKeyword;
const isCast = (node: ts.Node): node is ts.AsExpression | ts.TypeAssertion =>
  ts.isAsExpression(node) || ts.isTypeAssertionExpression(node);

/** Casts that switch the checker off: `as any`, `as unknown as`, and comments that silence it. */
function uncheckedCasts(file: SourceFile): string[] {
  const casts = find(
    file,
    (node) => isCast(node) && (isAny(node.type) || (isCast(node.expression) && isUnknown(node.expression.type))),
  );
  const comments = file.text
    .split("\n")
    .flatMap((line, i) =>
      /@ts-(ignore|nocheck|expect-error)/.test(line) ? [`src/${file.path}:${i + 1}  ${line.trim()}`] : [],
    );
  return [...casts, ...comments];
}

describe("imports", () => {
  test("src has files, and every folder has a floor", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(({ path }) => floorOf(path) === undefined).map(({ path }) => path)).toEqual([]);
  });

  test("a file imports from its own floor or below", () => {
    const upward = [...graph].flatMap(([path, imports]) =>
      imports.filter((to) => (floorOf(to) ?? 0) > (floorOf(path) ?? 0)).map((to) => `src/${path} -> src/${to}`),
    );
    expect(upward).toEqual([]);
  });

  test("files do not import each other in circles", () => {
    expect(findCircle(graph)).toBeUndefined();
  });

  test("folders do not import each other in circles", () => {
    expect(findCircle(folderGraph())).toBeUndefined();
  });

  test("src imports nothing from outside src", () => {
    const outside = files.flatMap((file) =>
      ts
        .preProcessFile(file.text)
        .importedFiles.filter(({ fileName }) => !fileName.startsWith("."))
        .map(({ fileName }) => `src/${file.path} -> ${fileName}`),
    );
    expect(outside).toEqual([]);
  });
});

describe("sizes", () => {
  test(`no folder holds more than ${MAX_FILES_OF_A_FOLDER} files`, () => {
    const counts = new Map<string, number>();
    for (const { path } of files) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
    const crowded = [...counts].filter(([, count]) => count > MAX_FILES_OF_A_FOLDER);
    expect(crowded.map(([folder, count]) => `src/${folder}: ${count} files`)).toEqual([]);
  });

  test(`the median file has at most ${MAX_MEDIAN_LINES} lines`, () => {
    const sorted = files.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
  });

  test(`no function has more than ${MAX_LINES_OF_A_FUNCTION} lines, kernels by name aside`, () => {
    const long = files.flatMap(functionsOf).filter(({ lines }) => lines > MAX_LINES_OF_A_FUNCTION);
    expect(long.map(({ name }) => name).sort()).toEqual(Object.keys(LONG_FUNCTIONS).sort());
  });
});

/** Functions of a file by the name that LONG_FUNCTIONS calls them, with their lines. */
function functionsOf({ path, tree }: SourceFile): { readonly name: string; readonly lines: number }[] {
  const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line;
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      const lines = lineOf(node.end) - lineOf(node.getStart(tree)) + 1;
      found.push({ name: `${path} ${named?.getText(tree) ?? "(no name)"}`, lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** Calls that run when a module is loaded and are not marked as free of effects: who imports one thing gets them all. */
function unmarkedCalls(file: SourceFile): string[] {
  const runsLater = (node: ts.Node) =>
    ts.isFunctionLike(node) || (ts.isPropertyDeclaration(node) && !ts.getModifiers(node)?.some(isStatic));
  const isLoaded = (node: ts.Node): boolean => {
    for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) if (runsLater(at)) return false;
    return true;
  };
  const isCall = (node: ts.Node) => ts.isCallExpression(node) || ts.isNewExpression(node);
  const isMarked = (node: ts.Node) => file.text.slice(0, node.getStart(file.tree)).endsWith("/* @__PURE__ */ ");
  return find(file, (node) => isCall(node) && !isMarked(node) && isLoaded(node));
}

/** Whether a property is among the facts of an error: the name of an argument then. */
const isFactOfError = (node: ts.PropertyAssignment): boolean =>
  ts.isCallExpression(node.parent.parent) && node.parent.parent.expression.getText() === "fail";

/** Strings that stand as `name: "..."` in object literals: the names of ops. */
function namesGiven({ tree }: (typeof files)[number]): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAssignment(node) &&
      node.name.getText(tree) === "name" &&
      ts.isStringLiteralLike(node.initializer) &&
      !isFactOfError(node)
    ) {
      names.push(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return names;
}

describe("code", () => {
  test("src builds no code from text", () => {
    const builders = files.flatMap((file) =>
      find(
        file,
        (node) =>
          (ts.isCallExpression(node) || ts.isNewExpression(node)) &&
          ["eval", "Function", "globalThis.eval", "globalThis.Function"].includes(node.expression.getText(file.tree)),
      ),
    );
    expect(builders).toEqual([]);
  });

  test(`${NAMELESS.join(", ")} name no op`, () => {
    const names = new Set(files.filter(({ path }) => path.startsWith("ops/")).flatMap(namesGiven));
    expect(names.size).toBeGreaterThan(0);
    const named = files
      .filter(({ path }) => NAMELESS.some((folder) => path.startsWith(`${folder}/`)))
      .flatMap((file) => find(file, (node) => ts.isStringLiteralLike(node) && names.has(node.text)))
      .filter((found) => !NO_NAMES_OF_OPS.some(([path, text]) => found.startsWith(path) && found.endsWith(text)));
    expect(named).toEqual([]);
  });

  test("what runs when a module is loaded is marked as free of effects", () => {
    // index.ts gives tensors their methods: package.json says so.
    expect(files.filter(({ path }) => path !== "index.ts").flatMap(unmarkedCalls)).toEqual([]);
  });

  test("casts that switch the checker off are rare, and index.ts has none", () => {
    const casts = files.flatMap(uncheckedCasts);
    expect(casts.filter((cast) => cast.startsWith("src/index.ts:"))).toEqual([]);
    if (casts.length > (linesIn(files) / 1000) * MAX_CASTS_PER_1000_LINES.src) {
      expect.fail(`too many casts:\n${casts.join("\n")}`);
    }
  });

  test("tests have few casts of any kind", () => {
    const tests = filesOf("test");
    const casts = tests.flatMap((file) =>
      find(file, (node) => isCast(node) && node.type.getText(file.tree) !== "const"),
    );
    expect((1000 * casts.length) / linesIn(tests)).toBeLessThanOrEqual(MAX_CASTS_PER_1000_LINES.test);
  });
});

describe("spelling", () => {
  test("American in identifiers, comments and file names", () => {
    const british =
      /[a-z]*(?:factor|normal|optim|initial|linear|regular|diagonal|material|summar|minim|maxim|general|triangular)is(?:e|ed|er|ing|ation)|colour|centre[^d]|neighbour|behaviour/i;
    const found = [...filesOf("src"), ...filesOf("test")].flatMap(({ path, text }) =>
      path === "house.test.ts"
        ? []
        : [path, ...text.split("\n")].filter((line) => british.test(line)).map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});

describe("bundles", () => {
  test("no class but Handle, which every program has, names a member by an expression: bundlers keep such classes", () => {
    const computed = files
      .filter(({ path }) => path !== "core/tensor/handle.ts")
      .flatMap((file) =>
        find(
          file,
          (node) => ts.isClassElement(node) && node.name !== undefined && ts.isComputedPropertyName(node.name),
        ),
      );
    expect(computed).toEqual([]);
  });
});

describe("entry points", () => {
  const sources = entries.map(({ source }) => source);

  test("the paths of tsconfig.json are those of package.json's exports", () => {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const expected = Object.fromEntries(entries.map(({ specifier, source }) => [specifier, [`./${source}`]]));
    expect(config.compilerOptions.paths).toEqual(expected);
  });

  test("the pages of docs/typedoc.json are those of package.json's exports", () => {
    const { entryPoints } = JSON.parse(readFileSync(join(root, "docs", "typedoc.json"), "utf8"));
    expect(entryPoints).toEqual(sources.map((source) => `../${source}`));
  });

  test("package.json gives every entry point its own files of dist, and marks index alone as having side effects", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const { "./package.json": _, ...exported } = manifest.exports;
    expect(Object.values(exported)).toEqual(
      entries.map(({ name }) => ({
        import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
        require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      })),
    );
    expect(manifest.sideEffects).toEqual(["./dist/index.js", "./dist/index.cjs", "./src/index.ts"]);
  });

  test("README shows every entry point", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect(entries.filter(({ specifier }) => !readme.includes(`from "${specifier}"`))).toEqual([]);
  });
});
