// Stands for src/per-sample/batch-grad in the suite that runs compiled: each product of per-sample gradients is a program.
import * as plain from "../../src/per-sample/batch-grad.ts";
import { type Call, calledBy, givesMethods } from "./outermost";

/** The products that need no number of the gradients. */
const PRODUCTS =
  "losses sum mean weightedSum squaredNorms norms clippedMean clippedSum variance secondMoment gram project materialize".split(
    " ",
  );

/** Whether samples are dropped, or an error is thrown, for numbers that are not finite: known once they are there. */
const readsNumbers = (options: unknown): boolean =>
  ["drop", "throw"].includes(String(Reflect.get(Object(options), "nonFinite")));

function perSample<F extends Call>(batchGrad: F): F {
  const compiled = givesMethods(batchGrad, PRODUCTS);
  return calledBy(batchGrad, (args) => Reflect.apply(readsNumbers(args[1]) ? batchGrad : compiled, undefined, args));
}

export const batchGrad = perSample(plain.batchGrad);
export const batchGradBy = calledBy(plain.batchGradBy, (args) =>
  perSample(Reflect.apply(plain.batchGradBy, undefined, args)),
);
