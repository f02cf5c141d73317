import type { Scalar, Tensor } from "gradtape";
import { agree, type Case, type Figure, numbers, ratios } from "../figure";
import { measure } from "../measure";

const ELEMENTS = 10_000;
const TAKEN = 20;
const OPS = 200;
const SIDE = 1000;

type Two = readonly [Scalar, Scalar];

export const fixedPrices: Case = {
  name: "fixed-prices",
  title: "What small things cost beside what they do",
  run(library) {
    const { add, argmin, exp, grad, hypot, jacobian, jvp, min, mul, reshape, sin, sqrt, square, sub } = library;
    const { sum, takeAlongAxis, tensor, unstack } = library;
    const figures: Figure[] = [];
    const microseconds = (label: string, samples: readonly number[], per = 1): void => {
      figures.push({ label, unit: "us", samples: samples.map((ms) => (ms * 1e3) / per) });
    };

    const first = ([a, b]: Two): Scalar => add(mul(a, sin(b)), exp(mul(a, b)));
    const second = ([a, b]: Two): Scalar => sub(mul(a, b), sin(a));
    const start: Two = [1.2, 0.7];
    const [whole, apart] = measure([
      { run: () => jacobian((x: Two) => [first(x), second(x)])(start) },
      { run: () => [grad(first)(start), grad(second)(start)] },
    ]);
    microseconds("Jacobian of two numbers", whole);
    microseconds("two gradients", apart);
    figures.push({ label: "Jacobian / two gradients", unit: "x", samples: ratios(whole, apart), target: 1.5 });

    const [long, short] = [tensor(numbers(ELEMENTS)), tensor(numbers(TAKEN))];
    const byAt = (x: Tensor): Scalar => {
      let total: Scalar = 0;
      for (let i = 0; i < TAKEN; i++) total = add(total, square(x.at(i)));
      return total;
    };
    const byUnstack = (x: Tensor): Scalar => unstack(x).reduce<Scalar>((total, xi) => add(total, square(xi)), 0);
    agree("at", grad(byAt)(short).data, grad(byUnstack)(short).data, 1e-12);
    const [ats, shortAts, unstacked] = measure([
      { run: () => grad(byAt)(long) },
      { run: () => grad(byAt)(short) },
      { run: () => grad(byUnstack)(short) },
    ]);
    microseconds(`x.at(i) of ${ELEMENTS} elements, in a gradient`, ats, TAKEN);
    microseconds(`x.at(i) of ${TAKEN} elements`, shortAts, TAKEN);
    microseconds(`the same after unstack`, unstacked, TAKEN);

    const root = (a: Tensor, b: Tensor): Tensor => sqrt(add(square(a), square(b)));
    const [x, y] = [tensor(numbers(1000)), tensor(numbers(1000, 1, 3))];
    const second2 = (f: (a: Tensor, b: Tensor) => Tensor) => library.hvp((a: Tensor): Scalar => sum(f(a, y)));
    agree("hypot", second2((a, b) => hypot(a, b))(x, y).data, second2(root)(x, y).data, 1e-9);
    const [hypots, roots] = measure([
      { run: () => second2((a, b) => hypot(a, b))(x, y) },
      { run: () => second2(root)(x, y) },
    ]);
    figures.push({
      label: "hypot at second order / root of squares",
      unit: "x",
      samples: ratios(hypots, roots),
      target: 1.1,
    });

    const chain = (z: Scalar): Scalar => {
      let u = z;
      for (let i = 0; i < OPS / 2; i++) u = sin(mul(u, 1.01));
      return u;
    };
    const [once, twice] = measure([
      { run: () => jvp(chain, [0.5], [1]) },
      { run: () => jvp((z: number) => jvp(chain, [z], [1])[1], [0.5], [1]) },
    ]);
    microseconds(`jvp of ${OPS} ops on numbers, per op`, once, OPS);
    microseconds(`jvp of jvp, per op`, twice, OPS);

    const matrix = tensor(numbers(SIDE * SIDE), { shape: [SIDE, SIDE] });
    const smallest = grad((m: Tensor): Scalar => sum(min(m, { axis: 1 })));
    const taken = grad(
      (m: Tensor): Scalar => sum(takeAlongAxis(m, reshape(argmin(m, { axis: 1 }), [SIDE, 1]), { axis: 1 })),
    );
    agree("min", smallest(matrix).data, taken(matrix).data, 0);
    const [mins, takes] = measure([{ run: () => smallest(matrix) }, { run: () => taken(matrix) }], { sample: 20 });
    microseconds(`gradient of min over an axis, ${SIDE} x ${SIDE}`, mins);
    figures.push({
      label: "the same / argmin and takeAlongAxis",
      unit: "x",
      samples: ratios(mins, takes),
      target: 1.1,
    });
    return figures;
  },
};
