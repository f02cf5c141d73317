// What README says of other libraries, by trying it: npm run bench:peers, then npm run bench:facts.
import { type Foreign, loadJax, loadTensorFlow, numbersOf } from "./peer";

/** The answer, or the first line of the error. */
function attempt(f: () => unknown): string {
  try {
    return String(f());
  } catch (error) {
    return `no: ${error instanceof Error ? error.message.split("\n")[0].slice(0, 100) : error}`;
  }
}
const report = (label: string, question: string, f: () => unknown): void =>
  console.log(`${label.padEnd(14)} ${question.padEnd(32)} ${attempt(f)}`);

const tensorFlow = await loadTensorFlow();
if (tensorFlow !== null) {
  const { label, lib } = tensorFlow;
  report(label, "dtype of plain numbers", () => lib.tensor([1, 2]).dtype);
  report(label, "float64", () => lib.tensor([1, 2], undefined, "float64").dtype);
  const image = lib.ones([1, 4, 4, 1]);
  const twice = (f: (x: Foreign) => Foreign, x: Foreign) =>
    numbersOf(lib.grad((y: Foreign) => lib.sum(lib.square(lib.grad(f)(y))))(x)).length > 0 ? "yes" : "no";
  for (const name of ["sin", "exp", "tanh", "sigmoid"]) {
    report(label, `second derivative of ${name}`, () => twice((x) => lib.sum(lib[name](x)), lib.tensor([0.5])));
  }
  report(label, "second derivative of maxPool", () =>
    twice((x) => lib.sum(lib.square(lib.maxPool(x, 2, 2, "valid"))), image),
  );
  report(label, "vmap, jvp, customGrad", () => [typeof lib.vmap, typeof lib.jvp, typeof lib.customGrad].join(", "));
  report(label, "tensors alive after all this", () => lib.memory().numTensors);
}

const jax = await loadJax();
if (jax !== null) {
  const { label, lib } = jax;
  const { numpy: np } = lib;
  report(label, "dtype of plain numbers", () => np.array([1, 2]).dtype);
  report(label, "float64 (needs Float16Array)", () => np.array([1, 2], { dtype: np.float64 }).dtype);
  report(label, "third derivative of tanh", () =>
    lib
      .grad(lib.grad(lib.grad(np.tanh)))(np.array(0.5))
      .js(),
  );
  report(label, "vmap(grad(f))", () =>
    JSON.stringify(
      lib
        .vmap(
          lib.grad((w: Foreign, x: Foreign) => w.mul(x).sum()),
          [null, 0],
        )(np.array([1, 1]), np.array([[1, 2], [3, 4]])) // biome-ignore format: a matrix
        .js(),
    ),
  );
  report(label, "an array used twice", () => {
    const x = np.array([1, 2]);
    return [x.mul(2).js(), x.js()];
  });
  report(label, "custom rules", () => ["customVjp", "custom_vjp", "customJvp", "Primitive"].map((x) => typeof lib[x]));
}
if (tensorFlow === null && jax === null) console.log("Nothing is installed: npm run bench:peers");
