import { batchGrad } from "gradtape";

/** Ways to get the products: each is held to what a loop gives, in values and derivatives. */
export const builders: Readonly<Record<string, typeof batchGrad>> = { batchGrad };
