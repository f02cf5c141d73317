import type { Scalar } from "gradtape";
import { agree, type Case, type Figure, type Library } from "../figure";
import { measure } from "../measure";

const TARGET = 100;

/** x = add(mul(x, a), b), again and again; `keep` sees every result. */
function chain({ add, grad, mul }: Library, steps: number, keep?: (x: Scalar) => void) {
  return grad(({ x, a, b }: { x: Scalar; a: Scalar; b: Scalar }) => {
    let y = x;
    for (let i = 0; i < steps; i++) {
      const z = mul(y, a);
      y = add(z, b);
      keep?.(z);
      keep?.(y);
    }
    return y;
  });
}

/** The same, a and b being plain numbers. */
function chainOfNumbers({ add, grad, mul }: Library, steps: number, a: number, b: number) {
  return grad((x: Scalar) => {
    let y = x;
    for (let i = 0; i < steps; i++) y = add(mul(y, a), b);
    return y;
  });
}

const START = { x: 1, a: 0.999, b: 0.001 };

function check(library: Library): void {
  const { valueOf } = library;
  const steps = 1000;
  const { x, a, b } = chain(library, steps)(START);
  const got = [x, a, b].map((g) => valueOf(g));
  const power = START.a ** steps;
  // From x = 1, a x + b stays 1 up to rounding: so the derivative by a is the derivative by b, a sum of powers of a.
  const sum = (1 - power) / (1 - START.a);
  agree("chain", got, [power, sum, sum], 1e-9);
}

export const scalars: Case = {
  name: "scalars",
  title: "Scalar chain x = add(mul(x, a), b), recorded and swept, garbage collection included",
  run(library) {
    check(library);
    const figures: Figure[] = [];
    const add = (label: string, ops: number, run: () => unknown, target?: number): void => {
      const [samples] = measure([{ run }], { sample: 40, warmUp: 600, total: 1500 });
      figures.push({ label, unit: "ns/op", samples: samples.map((ms) => (ms * 1e6) / ops), target });
    };
    const sizes = [1_000, 100_000, 1_000_000];
    const name = (ops: number): string => ops.toLocaleString("en-US");
    for (const ops of sizes) {
      const gradient = chain(library, ops / 2);
      add(`${name(ops)} ops, handles dying young`, ops, () => gradient(START), TARGET);
    }
    for (const ops of sizes) {
      const gradient = chainOfNumbers(library, ops / 2, START.a, START.b);
      add(`${name(ops)} ops, a and b plain numbers`, ops, () => gradient(START.x));
    }
    for (const ops of sizes) {
      let kept: Scalar[] = [];
      const gradient = chain(library, ops / 2, (x) => kept.push(x));
      add(`${name(ops)} ops, every handle kept`, ops, () => {
        kept = [];
        return gradient(START);
      });
    }
    return figures;
  },
};
