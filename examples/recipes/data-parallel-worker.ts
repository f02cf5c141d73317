/** A thread of data-parallel.ts: it keeps a shard, and answers parameters with the sums of its chunks. */
import { parentPort, workerData } from "node:worker_threads";
import { tree } from "gradtape";
import type { Digits, Params } from "../digits/model.js";
import { gradientSum } from "./data-parallel.js";

const shard = tree.fromTransferable<Digits[]>(workerData);

parentPort?.on("message", (message: unknown) => {
  const params = tree.fromTransferable<Params>(message);
  const { data, transfer } = tree.toTransferable(shard.map((chunk) => gradientSum(params, chunk)));
  parentPort?.postMessage(data, transfer);
});
