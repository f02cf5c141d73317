import { onFreshInputs } from "../core/op/leaf";
import { broadcastToShape, castTo, reshapeTo } from "../core/op/sweep-ops";
import { pushForward } from "../core/sweep/differentiate";
import { elementsOf, type Handle, isSymbolic, makeFilled, makeTensor, zeroLike } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { mul } from "../ops/elementwise/arithmetic";
import { select } from "../ops/elementwise/select";
import { scatterAddAlong } from "../ops/indexing/gather-scatter-op";
import { stack } from "../ops/movement/concat-stack";
import { permute } from "../ops/movement/reshape-transpose";
import type { Chunks } from "./chunks";
import type { Factors } from "./factors";
import { suspects } from "./guard";
import { OTHER } from "./plan";
import { gramOfPairs, project } from "./products";
import { ALONG, addAll, cut, joined, maskOf, placesOf, projected } from "./rows";
import { runSamples } from "./sample-program";

/*
 * Inner products of the gradients of all samples, with each other and with directions, in double precision.
 */

/** Blocks of a symmetric matrix, of which those on and below the diagonal are computed, joined. */
function symmetric(count: number, block: (a: number, b: number) => Handle): Handle {
  const rows: Handle[][] = Array.from({ length: count }, () => []);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      rows[a][b] = block(a, b);
      if (b < a) rows[b][a] = permute(rows[a][b], [1, 0]);
    }
  }
  return joined(rows.map(joinedColumns));
}

const joinedColumns = (blocks: readonly Handle[]): Handle =>
  blocks.length === 1 ? blocks[0] : permute(joined(blocks.map((block) => permute(block, [1, 0]))), [1, 0]);

/** Inner products of all gradients, [B, B]. */
export function gramOf(chunks: Chunks): Handle {
  const bad = new Set<number>();
  const { parts } = chunks;
  const factorsOf = ({ start, n }: { start: number; n: number }): Factors => chunks.factorsAt(start, n);
  let at = -1;
  let own: Factors | null = null;
  const whole = symmetric(parts.length, (a, b) => {
    if (own === null || at !== a) own = factorsOf(parts[a]);
    at = a;
    return between(chunks, own, a === b ? own : factorsOf(parts[b]), bad, parts[a].start);
  });
  if (bad.size === 0) return whole;
  const samples = [...bad].sort((p, q) => p - q);
  return mended(chunks, whole, samples);
}

/** Inner products of some gradients with others; notes which samples' own are not to be trusted. */
function between(chunks: Chunks, factors: Factors, others: Factors, bad: Set<number>, start: number): Handle {
  const parts = chunks.parameters.map((_, k) => {
    const { pairs } = chunks.plan.leaves[k];
    if (pairs === null || chunks.form(k, OTHER).way === "rows") return betweenRows(chunks, factors, others, k);
    const gram = gramOfPairs(factors, others, pairs);
    if (factors === others && !isSymbolic(gram)) {
      const squares = makeTensor([factors.n], "float64", diagonalOf(gram));
      for (const i of suspects(factors, k, squares)) bad.add(start + i);
    }
    return gram;
  });
  return parts.length === 0 ? makeFilled([factors.n, others.n], "float64", 0) : addAll(parts);
}

const betweenRows = (chunks: Chunks, factors: Factors, others: Factors, k: number): Handle =>
  joined(chunks.blocks(factors, k, (own) => joinedColumns(chunks.blocks(others, k, (other) => projected(own, other)))));

function diagonalOf(gram: Handle): Float64Array {
  const n = gram.shape[0];
  const data = elementsOf(gram);
  return Float64Array.from({ length: n }, (_, i) => data[i * n + i]);
}

/** Inner products in which those of some samples are computed from their gradients spelled out. */
function mended(chunks: Chunks, gram: Handle, bad: readonly number[]): Handle {
  const n = chunks.size;
  const beside = joinedColumns(chunks.exactly(bad, 0, (rows) => projectOn(chunks, rows)));
  const among = joined(
    chunks.exactly(bad, 0, (rows) =>
      joinedColumns(chunks.exactly(bad, 0, (others) => addAll(rows.map((own, k) => projected(own, others[k]))))),
    ),
  );
  const at = placesOf(bad);
  const mask = maskOf(n, bad);
  const both = reshapeTo(mask, [n, 1]);
  const good = asHandle(mul(both, reshapeTo(mask, [1, n])));
  const kept = asHandle(select(good, gram, 0));
  const columns = asHandle(select(broadcastToShape(both, beside.shape), beside, 0));
  const rest = scatterAddAlong(makeFilled([n, n], "float64", 0), at, permute(columns, [1, 0]), ALONG);
  const inner = scatterAddAlong(makeFilled([n, bad.length], "float64", 0), at, among, ALONG);
  const corner = scatterAddAlong(makeFilled([n, n], "float64", 0), at, permute(inner, [1, 0]), ALONG);
  return addAll([kept, rest, permute(rest, [1, 0]), corner]);
}

/** Inner products with directions, a list of [d, ...]: [B, d]. */
export function projectOn(chunks: Chunks, directions: readonly Handle[]): Handle {
  const count = directions[0]?.shape[0] ?? 1;
  if (goesForward(chunks)) return projectForward(chunks, directions, count);
  return joined(
    chunks.each((factors) => {
      const parts = directions.map((d, k) => project(factors, k, d));
      return parts.length === 0 ? makeFilled([factors.n, count], "float64", 0) : addAll(parts);
    }),
  );
}

/** Whether gradients would have to be spelled out beyond what may be kept. */
function goesForward(chunks: Chunks): boolean {
  const n = Math.min(chunks.size, chunks.limits.chunk);
  const spelled = chunks.plan.leaves.reduce((sum, { simple }, k) => (simple ? sum + chunks.bytes(k) * n : sum), 0);
  return chunks.factors === null && spelled > chunks.limits.memory;
}

/** The same by one pass forward for each direction. */
function projectForward({ parts, programs }: Chunks, directions: readonly Handle[], count: number): Handle {
  const chunks = parts.map(({ start, n }) => {
    const { parameters } = programs;
    const [xs, [losses]] = onFreshInputs(parameters, (own) => runSamples(programs, "loss", start, n, own));
    const columns = Array.from({ length: count }, (_, d) => {
      const along = directions.map((x) => rowAt(x, d));
      const [dot] = pushForward("project", [losses], xs, along);
      return castTo(dot ?? zeroLike(losses), "float64");
    });
    return asHandle(stack(columns, { axis: 1 }));
  });
  return joined(chunks);
}

/** Row d of the first axis, with its history. */
const rowAt = (x: Handle, d: number): Handle => reshapeTo(cut(x, d, 1), x.shape.slice(1));
