/** The plots, described in Vega-Lite and drawn by Vega as SVG; it needs no browser. */
import { parse, View } from "vega";
import { type Config, compile, type TopLevelSpec } from "vega-lite";
import { LOWEST_COST } from "../data";
import type { Runs, Stages } from "../tables";
import type { Epoch } from "../train";
import { entitled } from "./html";

/** Colors are left to the page, which has one set for light and one for dark. */
const INK = "currentColor";
const FIRST = "var(--first)";
const SECOND = "var(--second)";

const config: Config = {
  background: "transparent",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: { labelColor: INK, titleColor: INK, domainColor: INK, tickColor: INK, gridColor: INK, gridOpacity: 0.15 },
  legend: { labelColor: INK, titleColor: INK, orient: "top", title: null, labelLimit: 400 },
};

const WIDTH = 400;
const HEIGHT = 240;

async function draw(title: string, spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ width: WIDTH, height: HEIGHT, config, ...spec } as TopLevelSpec).spec), {
    renderer: "none",
  });
  const svg = await view.toSVG();
  view.finalize();
  return entitled(svg, title);
}

export function lossCurves(runs: Runs): Promise<string> {
  const lowest = { data: { values: [{ lowest: LOWEST_COST }] }, encoding: { y: { datum: LOWEST_COST } } } as const;
  return draw("Training loss by epoch: the gradient of the mean falls faster and lower than the shortcut", {
    layer: [
      curves(runs, "training loss", ({ train }) => train.cost),
      { ...lowest, mark: { type: "rule", color: INK, opacity: 0.6 } },
      {
        ...lowest,
        mark: { type: "text", color: INK, text: "lowest possible", align: "right", dy: 10, x: WIDTH, opacity: 0.8 },
      },
    ],
  });
}

export function accuracyCurves(runs: Runs): Promise<string> {
  return draw(
    "Test accuracy by epoch: the gradient of the mean reaches more, and sooner, than the shortcut",
    curves(runs, "test accuracy, percent", ({ test }) => 100 * test.accuracy),
  );
}

function curves(runs: Runs, title: string, valueOf: (epoch: Epoch) => number) {
  const names = ["gradient of the mean", "averaged error sent back once"];
  const values = [runs.right, runs.shortcut].flatMap(({ curve }, i) =>
    curve.map((epoch) => ({ epoch: epoch.epoch, value: valueOf(epoch), by: names[i] })),
  );
  return {
    data: { values },
    mark: { type: "line", strokeWidth: 2 },
    encoding: {
      x: { field: "epoch", type: "quantitative", axis: { tickMinStep: 1, title: "epoch" } },
      y: { field: "value", type: "quantitative", axis: { title } },
      color: { field: "by", type: "nominal", scale: { domain: names, range: [FIRST, SECOND] } },
      strokeDash: { field: "by", type: "nominal", scale: { domain: names, range: [[], [6, 3]] } },
    },
  } as const;
}

export function normHistogram(norms: Stages<readonly number[]>): Promise<string> {
  const names = ["trained", "at the start"];
  const values = [norms.trained, norms.start].flatMap((each, i) =>
    each.map((norm) => ({ exponent: Math.log10(norm), network: names[i] })),
  );
  const powerOfTen = "format(pow(10, datum.value), '~g')";
  return draw("Histogram of the norms of per-sample gradients, before and after training", {
    width: 2 * WIDTH,
    data: { values },
    mark: { type: "bar", opacity: 0.65 },
    encoding: {
      x: {
        field: "exponent",
        type: "quantitative",
        bin: { step: 0.1 },
        axis: {
          title: "norm of the gradient of one sample (logarithmic)",
          values: [-3, -2, -1, 0, 1],
          labelExpr: powerOfTen,
        },
      },
      y: { aggregate: "count", type: "quantitative", stack: null, axis: { title: "samples" } },
      color: { field: "network", type: "nominal", scale: { domain: names, range: [FIRST, SECOND] } },
    },
  });
}
