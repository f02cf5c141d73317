// Stands for "gradtape/testing" in the suite that runs compiled: laws hold for ops that are compiled.
import { isTensor } from "../../src/index.ts";
import * as testing from "../../src/testing/index.ts";
import { asItIs, type Call, calledBy, inside, isCall, outermost, run } from "./outermost";

export * from "../../src/testing/index.ts";

const isAttributes = (x: unknown): x is object =>
  typeof x === "object" && x !== null && !isTensor(x) && !Array.isArray(x);

/** An op compiled, for each of its attributes alone: numbers among them are no arguments. */
function compiledOp(op: Call): Call {
  const plain = outermost(op);
  const known = new WeakMap<object, Call>();
  return calledBy(op, (args) => {
    const attrs = args.at(-1);
    if (!isAttributes(attrs)) return run(plain, args);
    const withAttrs = known.get(attrs) ?? outermost((...xs: unknown[]) => run(op, [...xs, attrs]));
    known.set(attrs, withAttrs);
    return run(withAttrs, args.slice(0, -1));
  });
}

/** The law that compares bits of a trace with those of a call: compiled, the two are rounded in other ways. */
const OF_BITS = "trace";

/** Laws of an op, which is compiled; the checker's own derivatives and batches are of what is compiled. */
export const checkOp = calledBy(testing.checkOp, ([op, cases, options, ...more]) => {
  const given: unknown = Reflect.get(Object(options), "laws") ?? testing.laws;
  const known = Array.isArray(given) && given.length > 0 && given.every((law) => testing.laws.includes(law));
  if (!isCall(op) || !known) return run(testing.checkOp, [op, cases, options, ...more]);
  const check = (own: Call, laws: readonly unknown[]): unknown =>
    laws.length === 0 ? undefined : run(testing.checkOp, [own, cases, { ...Object(options), laws }, ...more]);
  inside(() =>
    check(
      op,
      given.filter((law) => law === OF_BITS),
    ),
  );
  return check(
    compiledOp(op),
    given.filter((law) => law !== OF_BITS),
  );
});
/** Checks of functions in ways of their own. */
export const checkBatchGrad = asItIs(testing.checkBatchGrad);
export const gradcheck = asItIs(testing.gradcheck);
