import type { Dtype } from "gradtape";
import { type Case, type Figure, numbers, ratios } from "../figure";
import { measure } from "../measure";
import { type Network, network, predict } from "../network";

const WIDTH = 256;

export const wideNetwork: Case = {
  name: "wide-network",
  title: "3 tanh layers 256 wide, batch 256: gradient beside the untracked value",
  run(library) {
    const { grad, mean, square, tensor } = library;
    const dtypes: readonly Dtype[] = ["float64", "float32"];
    return dtypes.flatMap((dtype): Figure[] => {
      const layers = network(library, [WIDTH, WIDTH, WIDTH, WIDTH], dtype);
      const x = tensor(numbers(WIDTH * WIDTH), { shape: [WIDTH, WIDTH], dtype });
      const cost = (params: Network) => mean(square(predict(library, params, x)));
      const gradient = grad(cost);
      const [gradients, values] = measure([{ run: () => gradient(layers) }, { run: () => cost(layers) }], {
        total: 2000,
      });
      return [
        { label: `${dtype}: gradient`, unit: "ms", samples: gradients },
        { label: `${dtype}: value`, unit: "ms", samples: values },
        { label: `${dtype}: gradient / value`, unit: "x", samples: ratios(gradients, values), target: 5 },
      ];
    });
  },
};
