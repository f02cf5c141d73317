// The installed package from CommonJS.
const assert = require("node:assert/strict");
const { batchGrad, GradtapeError, grad, isTensor, mul, square, sub, sum, tensor } = require("gradtape");
const { minimize } = require("gradtape/optim");
const { averagedInputGrad } = require("gradtape/pitfalls");
const pure = require("gradtape/pure");
const { gradcheck } = require("gradtape/testing");

const x = tensor([1, 2, 3]);
assert.deepEqual(grad((w) => sum(mul(w, w)))(x).toArray(), [2, 4, 6]);

const cost = (w, sample) => square(sub(mul(w, sample.x), sample.y));
const batch = { x: tensor([1, 2]), y: tensor([1, 0]) };
const perSample = batchGrad(cost)(2, batch);
assert.equal(perSample.mean(), 9);
assert.deepEqual(perSample.materialize().toArray(), [2, 16]);

// One core: tensors, functions and errors of one entry are at home in the others.
assert.equal(pure.isTensor(x), true);
assert.equal(isTensor(pure.tensor([1])), true);
assert.equal(pure.GradtapeError, GradtapeError);
assert.deepEqual(
  pure
    .grad((w) => sum(pure.mul(w, w)))(x)
    .toArray(),
  [2, 4, 6],
);
gradcheck((w) => sum(mul(w, w)), [x]);
assert.throws(() => gradcheck((w) => tensor(w.toArray().map(Math.fround)), [x]), GradtapeError);
assert.notEqual(averagedInputGrad(cost)(2, batch), perSample.mean());

const { params, converged } = minimize((w) => sum(square(sub(w, 3))), x);
assert.equal(converged, true);
assert.ok(isTensor(params));

console.log(`CommonJS on Node ${process.versions.node}: ok`);
