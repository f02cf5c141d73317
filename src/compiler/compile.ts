import { fail, GradtapeError } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkChoice, checkFlag, checkFunction, checkOptions } from "../base/options";
import { checkInteger } from "../base/shape";
import { userLine } from "../base/user-line";
import { asLeaf } from "../core/op/leaves";
import { monitor } from "../core/op/monitor";
import { closeProgram } from "../core/program/capture";
import { type Explanation, makeExplanation } from "../core/program/explanation";
import { replay, traceProgram } from "../core/program/program";
import { type Handle, isSymbolic, isWeak } from "../core/tensor/handle";
import { applyCompiled, CompiledProgram } from "./compiled-op";
import { explainUnit } from "./explain-unit";
import { Parts, type Signature } from "./signature";
import type { Settings } from "./unit";

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * "fresh", the default: every call gives results of their own. "reused": results lie in two blocks of memory that are used in
   * turn, so that a result is good until the call after next; a later read throws `compile/overwritten`.
   */
  readonly results?: "fresh" | "reused" | undefined;
  /** "fast", the default: products of float32 are computed in float32. "wide": in float64, and rounded once. */
  readonly precision?: "fast" | "wide" | undefined;
  /** Whether results must not depend on the machine, nor on whether WebAssembly is allowed; false by default. */
  readonly deterministic?: boolean | undefined;
  /** How many signatures are kept; 32 by default. */
  readonly cacheSize?: number | undefined;
}

/** What a compiled function has besides its call. */
export interface CompiledParts {
  /** The signatures that are compiled, the one that was used last at the end. */
  readonly signatures: readonly string[];
  /** Forgets all that is compiled. */
  clear(): void;
  /** What was compiled: for the arguments of a call, or last. See {@link explain}. */
  explain(...args: readonly unknown[]): Explanation;
}

/** What one signature compiles to. */
interface Entry {
  /** Whether it takes and gives numbers of JavaScript alone. */
  readonly plain: boolean;
  readonly signature: Signature;
  readonly compiled: CompiledProgram;
  readonly results: Parts;
}

const DEFAULT_CACHE_SIZE = 32;

/**
 * The same function, compiled: all of it becomes one WebAssembly program, when it is first called with arguments of some shapes
 * and dtypes.
 *
 * Shape: `(...A) -> Y` becomes `(...A) -> Y`.
 *
 * The function is traced, so inside numbers are tensors and have no values: choose with `where` and `cond`. Numbers and tensors
 * are arguments; everything else (strings, booleans, functions, null) counts by its value. Gradients, batches and per-sample
 * products compile as any function does: `compile(valueAndGrad(f))`. The compiled function can be differentiated and mapped in
 * turn. float32 is computed in float32, with the error bounds of the guide Compile.
 * @param f - a function of trees of numbers and tensors
 * @param options - results, precision, deterministic, cacheSize: see {@link CompileOptions}
 * @returns the function, with `signatures`, `explain()` and `clear()`: see {@link CompiledParts}
 * @throws GradtapeError `argument/function`, `option/unknown`, `option/choice`; when called `trace/value` where f reads a value,
 * `trace/condition` where it branches on one, `compile/captured` where it uses a variable or a value under differentiation from
 * outside, `compile/memory`, `tree/leaf`
 * @example
 * ```ts
 * import { compile, grad, mul, sum, tanh, type Tensor, tensor } from "gradtape";
 * const slope = compile(grad((x: Tensor) => sum(mul(x, tanh(x)))));
 * slope(tensor([0, 1])); // => [0, 1.1815684976]
 * slope.signatures.length; // => 1
 * ```
 */
export function compile<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options?: CompileOptions,
): ((...args: A) => Y) & CompiledParts {
  refuseExtra("compile", "f, options", 2, arguments);
  checkFunction("compile", f);
  checkOptions("compile", options, ["results", "precision", "deterministic", "cacheSize"]);
  const settings: Settings = {
    reused: checkChoice("compile", "results", options?.results ?? "fresh", ["fresh", "reused"]) === "reused",
    wide: checkChoice("compile", "precision", options?.precision ?? "fast", ["fast", "wide"]) === "wide",
    deterministic: checkFlag("compile", "deterministic", options?.deterministic),
  };
  const size = checkInteger("compile", "cacheSize", options?.cacheSize ?? DEFAULT_CACHE_SIZE, 1);
  const cache = new Cache(size);
  const entryOf = (args: Parts): Entry => cache.get(args.key, () => compileFor(f, args, settings));
  /** What the arguments compile to, and their numbers and tensors: most calls have the signature of the one before. */
  const readCall = (args: A): readonly [Entry, readonly Handle[]] => {
    const { last } = cache;
    const handles = last?.signature.match(args) ?? null;
    if (last !== null && handles !== null) return [last, handles];
    const parts = new Parts(args, "arguments");
    return [entryOf(parts), parts.handles];
  };
  const call = (...args: A): Y => {
    // Under checkNumerics every op is watched.
    if (monitor !== null) return f(...args);
    const numbers = cache.last?.plain === true ? cache.last.signature.matchNumbers(args) : null;
    const values = numbers && (cache.last?.compiled.unit.runNumbers(numbers) ?? null);
    if (values !== null && cache.last !== null) return cache.last.results.build<Y>(values);
    const [{ compiled, results }, handles] = readCall(args);
    const outputs = handles.some(isSymbolic)
      ? replay(compiled.program, handles)
      : handles.some(({ strand }) => strand !== null)
        ? applyCompiled(compiled, handles)
        : compiled.unit.run(handles);
    return results.build<Y>(outputs.map((y, k) => asLeaf(results.leaves[k], y)));
  };
  const parts: CompiledParts = {
    get signatures() {
      return cache.signatures;
    },
    clear: () => cache.clear(),
    explain: (...args) => {
      const entry = args.length > 0 ? entryOf(new Parts(args, "arguments")) : cache.last;
      return entry === null
        ? makeExplanation("nothing compiled yet: call it first", [])
        : explainUnit(entry.compiled.unit);
    },
  };
  Object.defineProperty(call, "name", { value: f.name });
  return Object.defineProperties(call, Object.getOwnPropertyDescriptors(parts)) as typeof call & CompiledParts;
}

/** Traces and compiles a function for arguments like these. */
function compileFor<A extends readonly unknown[], Y>(f: (...args: A) => Y, args: Parts, settings: Settings): Entry {
  const [program, results] = traced(() =>
    traceProgram(args.handles, (symbols) => {
      const tree = new Parts(f(...args.build<A>(symbols)), "the result");
      return [tree.handles, tree];
    }),
  );
  const captured = closeProgram(program)[1];
  if (captured.length > 0) {
    fail(
      "compile/captured",
      `compile: f uses a tensor of shape [${captured[0].shape.join(", ")}] from outside that is on the tape: a variable, or a value under differentiation.`,
      { shape: captured[0].shape, dtype: captured[0].dtype },
      "Pass it as an argument: a compiled program would keep its value of now.",
    );
  }
  const { signature } = args;
  const plain = signature.isPlain && results.handles.every((y) => isWeak(y) && y.dtype === "float64");
  return { plain, signature, compiled: new CompiledProgram(program, settings), results };
}

/** What says that a function depends on values: one that was read, a condition that an `if` took for true. */
const OF_VALUES = ["trace/value", "trace/condition"];

/** Runs a trace; an error of a value that is needed says so, and where. */
function traced<T>(trace: () => T): T {
  try {
    return trace();
  } catch (error) {
    if (!(error instanceof GradtapeError) || !OF_VALUES.includes(error.code)) throw error;
    const { code, message, facts, hint = "" } = error;
    const known = "line" in facts;
    const line = known ? facts.line : userLine(error.stack);
    const said = hint === "" ? message : message.slice(0, -hint.length - 1);
    const at = known || line === undefined ? "" : ` at ${line}`;
    return fail(code, `compile: f depends on values${at}: ${said}`, { ...facts, line }, hint);
  }
}

/** Entries by their signatures; the one that was not used for the longest time leaves first. */
class Cache {
  private readonly entries = new Map<string, Entry>();
  private lastKey = "";
  private warned = false;
  last: Entry | null = null;

  constructor(private readonly size: number) {}

  get signatures(): readonly string[] {
    return [...this.entries.keys()];
  }

  clear(): void {
    this.entries.clear();
    this.last = null;
  }

  get(key: string, make: () => Entry): Entry {
    if (this.last !== null && key === this.lastKey) return this.last;
    const entry = this.entries.get(key) ?? make();
    this.entries.delete(key);
    this.entries.set(key, entry);
    [this.last, this.lastKey] = [entry, key];
    if (this.entries.size > this.size) this.leave();
    return entry;
  }

  private leave(): void {
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest);
      break;
    }
    if (this.warned) return;
    this.warned = true;
    const { console } = globalThis as { console?: { warn(text: string): void } };
    console?.warn(
      `gradtape: a compiled function was called with more than ${this.size} signatures, so the oldest are compiled again. Give arguments of fewer shapes, or raise cacheSize.`,
    );
  }
}
