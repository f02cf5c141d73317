/** Gaussian process regression by linalg.cholesky: hyperparameters by minimize, and how sure they are by hessian. */
import {
  abs,
  add,
  diagonal,
  div,
  exp,
  expandDims,
  eye,
  hessian,
  less,
  linalg,
  log,
  matmul,
  mean,
  mul,
  random,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  unstack,
  valueOf,
  where,
} from "gradtape";
import { minimize } from "gradtape/optim";

/** The logarithms of amplitude, length and noise: so all three are positive, whatever stands here. */
export type Theta = Tensor<readonly [3]>;

/** How alike the function is at a and at b: [A], [B] -> [A, B]. */
export function kernel(theta: Theta, a: Tensor, b: Tensor): Tensor {
  const [amplitude, length] = unstack(exp(theta));
  const distance = div(sub(expandDims(a, { axis: 1 }), b), length);
  return mul(square(amplitude), exp(mul(-0.5, square(distance))));
}

/** The lower triangle L of L Lᵀ, the covariance of what is measured at x. */
export function factor(theta: Theta, x: Tensor): Tensor {
  const noise = exp(theta.at(2));
  return linalg.cholesky(add(kernel(theta, x, x), mul(square(noise), eye(x.size))));
}

/** -log p(y | x, theta): half of |L⁻¹ y|², the logarithm of det L, and a constant. */
export function cost(theta: Theta, x: Tensor, y: Tensor): Tensor<readonly []> {
  const l = factor(theta, x);
  const white = linalg.triangularSolve(l, y);
  return add(sum(add(mul(0.5, square(white)), log(diagonal(l)))), 0.5 * x.size * Math.log(2 * Math.PI));
}

/** Mean and standard deviation of the function at other places, after y was measured at x. */
export function posterior(theta: Theta, x: Tensor, y: Tensor, places: Tensor) {
  const l = factor(theta, x);
  const across = linalg.triangularSolve(l, kernel(theta, x, places));
  const known = sum(square(across), { axis: 0 });
  return {
    mean: matmul(linalg.triangularSolve(l, y), across),
    std: sqrt(sub(square(exp(theta.at(0))), known)),
  };
}

export function gaussianProcess() {
  const [placeKey, functionKey, noiseKey] = random.split(random.key(2), 3);
  // A function drawn from the process itself, at 150 places. It is measured at 100, and guessed at the other 50.
  const truth: Theta = log(tensor([1.5, 0.8, 0.2]));
  const places = random.uniform(placeKey, [150], { max: 12 });
  const almostExact: Theta = where(tensor([true, true, false]), truth, Math.log(1e-5));
  const drawn = matmul(factor(almostExact, places), random.normal(functionKey, [150]));
  const [x, f] = [slice(places, [{ stop: 100 }]), slice(drawn, [{ stop: 100 }])];
  const y = add(f, random.normal(noiseKey, [100], { std: 0.2 }));

  const start: Theta = tensor([0, 0, 0]);
  const fit = minimize((theta: Theta) => cost(theta, x, y), start);
  const standardErrors = sqrt(diagonal(linalg.inv(hessian(cost)(fit.params, x, y))));
  const guess = posterior(fit.params, x, y, slice(places, [{ start: 100 }]));
  const error = sub(guess.mean, slice(drawn, [{ start: 100 }]));
  return {
    cost: { start: cost(start, x, y).item(), fitted: fit.value, truth: cost(truth, x, y).item() },
    /** Amplitude, length and noise: as found, as the function was drawn, and how many standard errors apart. */
    found: exp(fit.params),
    truth: exp(truth),
    off: div(sub(fit.params, truth), standardErrors),
    /** Of the guesses: root of the mean square error, and the share within two of their standard deviations. */
    rms: sqrt(mean(square(error))).item(),
    within: valueOf(mean(less(abs(error), mul(2, guess.std)))),
  };
}
