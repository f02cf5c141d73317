// Stands for "gradtape" in the suite that runs compiled: the same, but outermost calls of transforms are compiled.
import * as gt from "../../src/index.ts";
import { asItIs, calledBy, compiles, givesCompiled, outermost, takesArguments } from "./outermost";

export * from "../../src/index.ts";
export { batchGrad } from "./per-sample";

export const grad = givesCompiled(gt.grad);
export const valueAndGrad = givesCompiled(gt.valueAndGrad);
export const vmap = givesCompiled(gt.vmap);
export const jacobian = givesCompiled(gt.jacobian);
export const hessian = givesCompiled(gt.hessian);
export const hvp = givesCompiled(gt.hvp);
export const checkpoint = givesCompiled(gt.checkpoint);
export const customGradient = givesCompiled(gt.customGradient);
export const implicitRoot = givesCompiled(gt.implicitRoot);
export const fixedPoint = givesCompiled(gt.fixedPoint);

export const jvp = takesArguments(gt.jvp, (place) => place > 0);
export const scan = takesArguments(gt.scan, (place) => place === 1 || place === 2);
export const forLoop = takesArguments(gt.forLoop, (place) => place > 2);
export const whileLoop = takesArguments(gt.whileLoop, (place) => place > 1);
export const cond = takesArguments(gt.cond, (place) => place === 0 || place > 2);

/** The output is one program, and what the pullback gives another one, of the cotangent too. */
export const vjp = calledBy(gt.vjp, (args) => {
  const [f, primals] = args;
  const plain = (given: unknown): ReturnType<typeof gt.vjp> => Reflect.apply(gt.vjp, undefined, [f, given]);
  // What vjp says of bad arguments, too.
  if (!compiles() || args.length !== 2 || !Array.isArray(primals)) return Reflect.apply(gt.vjp, undefined, args);
  const output = outermost((given: unknown) => plain(given)[0]);
  const pulled = outermost((given: unknown, cotangent: unknown[]) =>
    Reflect.apply(plain(given)[1], undefined, cotangent),
  );
  return [output(primals), (...cotangent: unknown[]) => pulled(primals, cotangent)];
});

export const trace = asItIs(gt.trace);
export const checkNumerics = asItIs(gt.checkNumerics);
/** What a test compiles itself. */
export const compile = asItIs(gt.compile);
