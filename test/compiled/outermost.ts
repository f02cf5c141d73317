// Calls of transforms that run compiled: the outermost ones. What they call in turn is part of the program, and runs as it is.
import { compile } from "../../src/index.ts";

export type Call = (...args: never[]) => unknown;

/** How many calls ran compiled since the file began, and whether calls are compiled at all now. */
export const compiling = { calls: 0, on: true };

/** How many calls are open: of what runs compiled, and of what must see its function run as it is. */
let open = 0;

/** Whether a call that comes now runs compiled. */
export const compiles = (): boolean => open === 0 && compiling.on;

export function inside<T>(run: () => T): T {
  open++;
  try {
    return run();
  } finally {
    open--;
  }
}

/** Products by float64, as eager ones are: what a test says of the bits of a product holds. */
const OPTIONS = { precision: "wide" } as const;

/** A function of the same type and name, called in another way. */
export const calledBy = <F extends Call>(f: F, call: (args: unknown[]) => unknown): F =>
  new Proxy(f, { apply: (_, __, args: unknown[]) => call(args) });

export const isCall = (x: unknown): x is Call => typeof x === "function";
export const run = (f: Call, args: readonly unknown[]): unknown => Reflect.apply(f, undefined, args);

/** The function, compiled where its call is the outermost one. */
export function outermost<F extends Call>(f: F): F {
  const compiled = compile((...args: unknown[]) => run(f, args), OPTIONS);
  return calledBy(f, (args) => {
    if (!compiles()) return run(f, args);
    compiling.calls++;
    return inside(() => compiled(...args));
  });
}

/** A transform of functions to functions: those run compiled. */
export const givesCompiled = <F extends Call>(transform: F): F =>
  calledBy(transform, (args) => {
    const f = run(transform, args);
    return isCall(f) ? outermost(f) : f;
  });

/** What is called with functions and their arguments at once: a program of the arguments at some places. */
export const takesArguments = <F extends Call>(transform: F, isArgument: (place: number) => boolean): F =>
  calledBy(transform, (args) => {
    const program = (...values: unknown[]): unknown => {
      let next = 0;
      const all = args.map((x, place) => (isArgument(place) ? values[next++] : x));
      return run(transform, all);
    };
    const values = args.filter((_, place) => isArgument(place));
    return run(outermost(program), values);
  });

/** What runs functions in a way of its own, a trace, a monitor or a checker: nothing in there is compiled. */
export const asItIs = <F extends Call>(f: F): F =>
  calledBy(f, (args) => {
    const result = inside(() => run(f, args));
    return isCall(result) ? calledBy(result, (more) => inside(() => run(result, more))) : result;
  });

/** A transform whose functions give objects: methods of some names run compiled, from what the object was made from. */
export const givesMethods = <F extends Call>(transform: F, names: readonly string[]): F =>
  calledBy(transform, (args) => {
    const make = run(transform, args);
    return isCall(make) ? calledBy(make, (from) => methodsCompiled(make, from, names)) : make;
  });

function methodsCompiled(make: Call, from: readonly unknown[], names: readonly string[]): unknown {
  const callMethod = (made: unknown, name: string, args: readonly unknown[]): unknown => {
    const method: unknown = Reflect.get(Object(made), name);
    return isCall(method) ? Reflect.apply(method, made, args) : method;
  };
  const made = inside(() => run(make, from));
  return new Proxy(Object(made), {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name, target);
      if (typeof name !== "string" || !isCall(own)) return own;
      const kept = (...args: unknown[]): unknown => callMethod(made, name, args);
      if (!names.includes(name) || !compiles()) return kept;
      return (...args: unknown[]) =>
        run(
          outermost((...given: unknown[]) => callMethod(run(make, given), name, args)),
          from,
        );
    },
  });
}
