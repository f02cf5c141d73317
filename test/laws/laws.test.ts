import fc from "fast-check";
import * as gradtape from "gradtape";
import { checkOp, type Law, laws } from "gradtape/testing";
import { afterAll, describe, expect, test } from "vitest";
import { Draw, type FloatDtype } from "./draw";
import { families, linesOf, noOps } from "./table";
