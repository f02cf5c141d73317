import { test } from "vitest";
import { checkOp } from "gradtape/testing";
import { Draw } from "../draw";
import { families, linesOf } from "../table";
const all = Object.assign({}, ...Object.values(families));
for (const [name, law, seed, dtype] of [["clip","",9,"float32"],["layerNorm","second order",1335805506,"float64"],["loss.cosineSimilarity","second order",390483886,"float64"],["loss.cosineSimilarity","",-1536816376,"float32"]] as any)
test(name+law, () => { for (const {op, draw} of linesOf(all[name])) checkOp(op, (r) => draw(new Draw(r, dtype)), { seed, runs: 1, order: law ? 2 : 1, ...(law ? {laws:[law]} : {})}); });
