/**
 * Small programs, one for each thing people do with derivatives, and the numbers that show that they work.
 *
 *   npm run demo:recipes              all of them, half a minute
 *   npm run demo:recipes -- lstm pca  those that are named
 */
import { linesOf, recipes } from "./all";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in recipes));
if (unknown.length > 0) {
  console.error(`No recipe is called ${unknown.join(" or ")}; there are ${Object.keys(recipes).join(", ")}.`);
  process.exitCode = 1;
} else {
  for (const [name, run] of Object.entries(recipes)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const begun = performance.now();
    const result = await run();
    console.log(`${name}, ${((performance.now() - begun) / 1000).toFixed(1)} s\n${linesOf(result).join("\n")}\n`);
  }
}
