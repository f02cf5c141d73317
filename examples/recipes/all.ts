/** The recipes by name, and how their results are shown. */
import { isTensor } from "gradtape";
import { attention } from "./attention";
import { cnn } from "./cnn";
import { dataParallel } from "./data-parallel";
import { gaussianProcess } from "./gaussian-process";
import { gradientVariance } from "./gradient-variance";
import { influence } from "./influence";
import { lstm } from "./lstm";
import { mislabeled } from "./mislabeled";
import { noiseScale } from "./noise-scale";
import { pca } from "./pca";
import { privateTraining } from "./private-training";
import { spectralFilter } from "./spectral-filter";
import { splineFit } from "./spline-fit";
import { taskConflict } from "./task-conflict";

type Recipes = Readonly<Record<string, () => object | Promise<object>>>;

/** Each is about something that only the gradients of single samples tell. */
export const perSample: Recipes = {
  "private-training": privateTraining,
  "noise-scale": noiseScale,
  influence,
  mislabeled,
  "gradient-variance": gradientVariance,
  "task-conflict": taskConflict,
  "data-parallel": dataParallel,
};

export const recipes: Recipes = {
  attention,
  lstm,
  cnn,
  pca,
  "gaussian-process": gaussianProcess,
  "spectral-filter": spectralFilter,
  "spline-fit": splineFit,
  ...perSample,
};

/** A line for each number or tensor of a result: its path, and what it is to four digits. */
export function linesOf(result: object, path = ""): string[] {
  return Object.entries(result).flatMap(([name, value]) => {
    const here = path === "" ? name : `${path}.${name}`;
    if (typeof value === "object" && !isTensor(value)) return linesOf(value, here);
    const shown = isTensor(value) ? Array.from(value.data, short).join(", ") : short(value);
    return [`  ${here.padEnd(16)} ${shown}`];
  });
}

const short = (value: unknown): string => String(typeof value === "number" ? Number(value.toPrecision(4)) : value);
