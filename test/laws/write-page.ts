// Writes docs/ops.md from what the tests of test/laws wrote down: run them first (npm run docs:ops does).
import { writeFileSync } from "node:fs";
import { PAGE, pageOf } from "./record";

writeFileSync(PAGE, pageOf());
