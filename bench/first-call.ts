// The first value and gradient of 784-128-10 in a process that has computed nothing yet, in milliseconds, as it is or
// compiled: tsx bench/first-call.ts LIBRARY eager|compiled. Loading the library and making the arrays is no part of it.
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { valueAndGradient } from "./columns";
import type { Library } from "./figure";
import { programs } from "./programs";

const [file, how] = process.argv.slice(2);
const library: Library = await import(pathToFileURL(file).href);
const { f, args, read } = valueAndGradient(library, programs.digits());

const start = performance.now();
const run = how === "compiled" ? library.compile(f) : f;
read(run(...args));
console.log(performance.now() - start);
