// The entry points of the package. `exports` of package.json is their only list: add one there, and its source as
// src/NAME.ts or src/NAME/index.ts. The build and the tests read this; test/house.test.ts holds what cannot.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Entry {
  /** What users import, as "gradtape/optim". */
  readonly specifier: string;
  /** Name of its files in dist, as "optim". */
  readonly name: string;
  /** Its source, from the root of the repository, as "src/optim/index.ts". */
  readonly source: string;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const manifest: { name: string; exports: object } = JSON.parse(readFileSync(path("./package.json"), "utf8"));

export const entries: readonly Entry[] = Object.keys(manifest.exports)
  .filter((key) => key !== "./package.json")
  .map((key) => {
    const name = key === "." ? "index" : key.slice("./".length);
    const source = [`src/${name}.ts`, `src/${name}/index.ts`].find((file) => existsSync(path(`./${file}`)));
    if (source === undefined)
      throw new Error(`package.json exports "${key}", but src has no ${name}.ts and no ${name}/`);
    return { specifier: manifest.name + key.slice(".".length), name, source };
  });
