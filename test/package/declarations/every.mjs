// Writes two modules of a user who passes on every function of the package, the second one without importing it. Their
// declarations can be emitted only if every type in every signature has a public name.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("gradtape/package.json");
const specifiers = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith(".json"))
  .map((path) => path.replace(/^\./, "gradtape"));
const nameOf = (specifier) => specifier.replace("/", "_");

/** Generic and overloaded: a function of functions sees unknown in them. The modules beside use them. */
const overloaded = ["backward", "valueAndGrad"];

/** Paths of all functions: "gradtape.add", "gradtape.loss.mse". */
function functions(path, value) {
  if (typeof value === "function") return /^class\b/.test(String(value)) ? [] : [path];
  if (typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => functions(`${path}.${name}`, member));
}

const entries = await Promise.all(specifiers.map((specifier) => import(specifier)));
const paths = entries.flatMap((entry, i) => functions(nameOf(specifiers[i]), { ...entry }));
const names = paths.map((path) => path.replaceAll(".", "_"));
const spelled = names.filter((_, i) => !overloaded.includes(paths[i].split(".").at(-1)));

const write = (name, lines) => writeFileSync(new URL(name, import.meta.url), `${lines.join("\n")}\n`);
write("every.ts", [
  ...specifiers.map((specifier) => `import * as ${nameOf(specifier)} from "${specifier}";`),
  ...paths.map((path, i) => `export const ${names[i]} = ${path};`),
]);
write("passed-on.ts", [
  'import * as every from "./every.js";',
  "const again = <A extends readonly unknown[], R>(f: (...args: A) => R) => (...args: A): R => f(...args);",
  ...names.map((name) => `export const ${name} = { itself: every.${name} };`),
  ...spelled.map((name) => `export const again_${name} = again(every.${name});`),
]);
console.log(`${paths.length} functions of ${specifiers.join(", ")}`);
