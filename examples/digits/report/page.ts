/** The report: one HTML file that needs nothing else. */
import type { Tape } from "gradtape";
import type { Check } from "../checks";
import type { DataSet } from "../data";
import type { Measurement } from "../measure";
import { HIDDEN, type Params } from "../model";
import { normTable, outcomeTable, parameterTable, percent, type Runs, type Stages } from "../tables";
import { confusionMatrix, hardest, readings, rightExamples, worstMistakes } from "./digit-pictures";
import { escapeHtml, figure, htmlTable } from "./html";
import { accuracyCurves, lossCurves, normHistogram } from "./plots";
import { STYLE } from "./style";
import { tapePicture } from "./tape-picture";

export interface Findings {
  readonly small: boolean;
  readonly runs: Runs;
  readonly measured: Stages<Measurement>;
  readonly measuredOn: number;
  readonly norms: Stages<readonly number[]>;
  readonly checks: readonly Check[];
  readonly tape: Tape<never, unknown>;
  /** Names of the tape's inputs, in order. */
  readonly tapeInputs: readonly string[];
  readonly train: DataSet;
  readonly test: DataSet;
}

export async function reportPage(findings: Findings): Promise<string> {
  const { runs, test } = findings;
  const sections = [
    introduction(findings),
    await training(runs),
    means(findings),
    await spread(findings),
    await tape(findings),
    digits(runs.right.params, test),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gradtape: handwritten digits</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${sections.join("\n\n")}
</main>
</body>
</html>
`;
}

function introduction({ runs, test, checks, small }: Findings): string {
  const reduced = small ? " This is the reduced run: less data, fewer epochs." : "";
  return `<h1>Handwritten digits, and the mean of gradients</h1>
<p>A network of ${HIDDEN} tanh units learned to read digits of 8 × 8 pixels, with nothing but gradtape. It was trained on
digits written by 30 people and reads <strong>${percent(runs.right.final.test.accuracy)}</strong> of
${test.count} digits by 13 other people correctly.${reduced} On the way it was measured which average one may take: for a
cost averaged over a batch, the mean of the per-sample gradients <em>is</em> the gradient of the mean. Averaging first and
differentiating after is another thing.</p>
<ul class="checks">
${checks.map(({ claim, holds }) => `<li class="${holds ? "holds" : "fails"}">${escapeHtml(claim)}</li>`).join("\n")}
</ul>`;
}

async function training(runs: Runs): Promise<string> {
  return `<h2>Two ways to train</h2>
<p>Both runs start from the same parameters, see the same minibatches and take the same steps. They differ in the gradient:
one follows the gradient of the mean cost; the other averages the error at the output over the minibatch and sends that one
average back through the layers, as if the minibatch were a single sample.</p>
<div class="pair">
${figure(await lossCurves(runs), "Cross-entropy on the training set. The targets are smoothed, so it cannot fall to 0.")}
${figure(await accuracyCurves(runs), "Share of the test set that is read correctly.")}
</div>
${htmlTable(outcomeTable(runs))}`;
}

function means({ measured, measuredOn }: Findings): string {
  return `<h2>The mean of gradients and the gradient of means</h2>
<p>One batch of ${measuredOn} training digits. The gradient of every sample was spelled out, and their mean compared with
the gradient of the mean cost: equal to the last digits of a float64. The shortcut is far off, in length (its relative error)
and in direction (its angle to the right gradient), for every parameter but the last bias, whose gradient is the mean error
itself. A gradient of weights is a sum of products, error times input, and the mean of products is not the product of
means; and tanh has its slope at each sample, not at the average one.</p>
${htmlTable(parameterTable(measured))}`;
}

async function spread({ norms, runs, train }: Findings): Promise<string> {
  const caption = `Each of ${norms.trained.length} training digits has a gradient of its own; this is how long they are.`;
  return `<h2>How much the samples disagree</h2>
<p>At the start every digit pulls about equally hard. Once trained, most are satisfied and a few, the hard ones, still pull:
what gradient clipping, importance sampling and private training work with. All ${norms.trained.length} norms come from one pass
forward and back, as products of what the pass leaves: no gradient of a single digit was written down.</p>
${figure(await normHistogram(norms), caption)}
${htmlTable(normTable(norms))}
<p>The training digits whose gradients are longest, once trained: badly written, or badly labeled.</p>
${hardest(runs.right.params, train, norms.trained, 20)}`;
}

async function tape({ tape, tapeInputs }: Findings): Promise<string> {
  const title = `The tape of one digit's cost: ${tape.equations.length} operations from parameters and pixels to one number`;
  return `<h2>The model's tape</h2>
<p>What gradtape remembers while the cost of one digit is computed, drawn from <code>trace(cost)(params, digit).toDot()</code>.
Gradients come from walking it backwards.</p>
<div class="tape">
${figure(await tapePicture(tape, tapeInputs, title), `${title}.`)}
<div><p>The same as text, where <code>%0</code> to <code>%${tapeInputs.length - 1}</code> are ${tapeInputs.join(", ")}:</p>
<pre>${escapeHtml(tape.toString())}</pre></div>
</div>`;
}

function digits(params: Params, test: DataSet): string {
  const all = readings(params, test);
  const wrong = all.filter(({ label, read }) => label !== read).length;
  return `<h2>What it reads</h2>
<p>From the test set: the first of each digit that it reads correctly.</p>
${rightExamples(all)}
<p>It misreads ${wrong} of ${test.count}. These are the mistakes it was surest of.</p>
${worstMistakes(all, 20)}
${confusionMatrix(all)}
<p><small>Data: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
CC BY 4.0.</small></p>`;
}
