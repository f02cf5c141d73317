/** A filter that removes noise, learned in the frequency domain: rfft, a gain for each frequency, irfft. */

import type { Tensor } from "gradtape";
import { abs, add, cumsum, div, irfft, loss, max, mul, ones, random, rfft, square, sub, sum, take } from "gradtape";
import { minimize } from "gradtape/optim";

const LENGTH = 128;

/** A signal, or many, with every frequency made as much softer as its gain says: [..., N], [N / 2 + 1] -> [..., N]. */
export function filter(gains: Tensor, signal: Tensor): Tensor {
  const { re, im } = rfft(signal);
  return irfft({ re: mul(gains, re), im: mul(gains, im) }, { length: LENGTH });
}

export interface Signals {
  readonly clean: Tensor;
  readonly noisy: Tensor;
}

/** Random walks, whose low frequencies are loud; and the same with white noise, in which all are equally loud. */
export function draw(key: random.Key, count: number): Signals {
  const [walk, noise] = random.split(key);
  const clean = cumsum(random.normal(walk, [count, LENGTH], { std: 0.3 }));
  return { clean, noisy: add(clean, random.normal(noise, [count, LENGTH])) };
}

export function cost(gains: Tensor, { clean, noisy }: Signals): Tensor<readonly []> {
  return loss.mse(filter(gains, noisy), clean);
}

/** What theory has to say: the best gain is the share of the signal in the power, frequency by frequency (Wiener). */
export function wiener({ clean, noisy }: Signals): Tensor {
  const [s, x] = [rfft(clean), rfft(noisy)];
  const shared = sum(add(mul(s.re, x.re), mul(s.im, x.im)), { axis: 0 });
  const power = sum(add(square(x.re), square(x.im)), { axis: 0 });
  return div(shared, power);
}

export function spectralFilter() {
  const [trainKey, testKey] = random.split(random.key(1));
  const [train, test] = [draw(trainKey, 200), draw(testKey, 200)];
  const open = ones([LENGTH / 2 + 1]);
  const fit = minimize((gains: Tensor) => cost(gains, train), open);
  return {
    /** Mean square error of signals that were not seen: as they came, and filtered. */
    noisy: cost(open, test).item(),
    filtered: cost(fit.params, test).item(),
    /** The gains of some frequencies, from the lowest to the highest, and how far any is from Wiener's. */
    gains: take(fit.params, [0, 1, 2, 4, 8, 16, 32, 64]),
    fromWiener: max(abs(sub(fit.params, wiener(train)))).item(),
  };
}
