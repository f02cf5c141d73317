/** The recipes by name, and how their results are shown. */
import { isTensor } from "gradtape";
import { attention } from "./attention";
import { cnn } from "./cnn";
import { gaussianProcess } from "./gaussian-process";
import { lstm } from "./lstm";
import { pca } from "./pca";
import { spectralFilter } from "./spectral-filter";
import { splineFit } from "./spline-fit";

export const recipes: Readonly<Record<string, () => object>> = {
  attention,
  lstm,
  cnn,
  pca,
  "gaussian-process": gaussianProcess,
  "spectral-filter": spectralFilter,
  "spline-fit": splineFit,
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
