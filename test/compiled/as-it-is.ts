// What does not run compiled, and why: whole files, and tests of others by how their full names begin.

interface Exception {
  readonly because: string;
  /** Files that are left out. */
  readonly files?: readonly string[];
  /** Tests whose calls run as they are. */
  readonly tests?: Readonly<Record<string, readonly string[]>>;
}

export const AS_IT_IS: readonly Exception[] = [
  {
    because:
      "no transform is called there, but inside of traces: kernels, formats, checkers, and ops that are only called",
    files: [
      "base/*",
      "compiler/{lower,products,random-programs,refused,unit,compile,nested,results}",
      "core/tensor/{odd-size,tree}",
      "docs/{compile,errors,pages,worker}",
      "errors/hints",
      "house",
      "kernel/*",
      "laws/{accuracy,declares,ends,inner-ops,own-memory,second-order,special}",
      "numeric/**/*",
      "numeric/*",
      "ops/create/creation",
      "ops/define/array-kernels",
      "ops/indexing/{diagonal,take}",
      "ops/linalg/{cross,kron,trace}",
      "ops/movement/{concat-stack,reshape-transpose,slicing,squeeze-expand}",
      "optim/{clipping,line-search,schedule,trust-region}",
      "optim/nist/*",
      "rewrite/*",
      "testing/*",
      "types/*",
    ],
  },
  {
    because: "they are about functions that read values or branch on them",
    files: ["transforms/unconnected", "faults/silent", "control/while-loop"],
    tests: {
      "control/cond": ["cond a known condition runs one branch, on values"],
      "core/tensor/memory": ["inside a gradient, a read of a parameter"],
      "docs/examples": [
        "examples in the documentation docs/guides/getting-started.md:27",
        "examples in the documentation docs/guides/loops.md:95",
        "examples in the documentation docs/guides/sharp-bits.md:29",
        "examples in the documentation docs/guides/sharp-bits.md:50",
        "examples in the documentation docs/guides/sharp-bits.md:109",
      ],
      "formats/npy": ["arguments watched tensors are written"],
      "transforms/backward": ["createGraph false cuts inside a transform"],
      "transforms/conditions": [
        "a branch on a condition takes the right side",
        "a condition that nothing uses is none where the body never runs",
      ],
      "transforms/grad": ["real control flow on values"],
      "transforms/jacobian": ["jacobian the function may branch on values"],
      "transforms/settled": ["a tensor that escapes from a function is a constant later"],
      "transforms/stop-gradient": ["stopGradient is a constant to grad", "detach is a constant to grad"],
      "transforms/vjp-jvp": ["control flow on values"],
      "control/implicit": ["fixedPoint per sample equals the unrolled iteration"],
    },
  },
  {
    because: "they are about variables, and values under differentiation that a function captures",
    tests: {
      "control/checkpoint": ["checkpoint captured tracked tensors"],
      "control/scan": ["scan is the unrolled loop watched by variables and backward"],
      "core/sweep/linear-time": [
        "the count itself what was recorded before",
        "linear, not quadratic a gradient in a loop that captures",
        "linear, not quadratic two graphs that grow by turns",
      ],
      "golden/models-higher-order": ["8: logsumexp_quadratic gradient by backward"],
      "transforms/backward": ["a result that does not come from what is asked about stays watched"],
      "transforms/custom-gradient": ["customGradient what f captures keeps its own derivative"],
      "transforms/grad": ["captured constants are constants; tracked", "valueAndGrad keeps the value tracked"],
      "transforms/settled": ["what is watched from outside stays so"],
      "transforms/trace": ["replay keeps what was captured"],
      "transforms/vjp-jvp": [
        "trees results are not tracked, unless",
        "the pullback works for as long as it is kept; what an outer gradient has swept",
      ],
      "transforms/vmap": ["outAxes by default spread", "captured tracked tensors are shared"],
    },
  },
  {
    because:
      "they are about errors that compile has, in its own words, before the transform, and of arguments that it refuses",
    files: ["errors/what-was-meant", "faults/hostile"],
    tests: {
      "errors/bad-input": ["one clear error each"],
      "errors/tensors": ["two copies of the package"],
      "faults/refused": ["FAULTS 22: errors that name another function valueOf in vmap"],
      "transforms/conditions": ["a condition that nothing uses"],
      "transforms/grad": ["trees further arguments may be anything", "valueAndGrad aux is any value"],
      "transforms/transferable": [
        "what a clone leaves of a tensor as a parameter",
        "what a clone leaves of a tensor as a mapped argument",
        "a tensor as plain data, used as it is",
      ],
      "transforms/vjp-jvp": ["errors name the argument and the place"],
      "transforms/vmap-errors": ["values are not there reading one"],
    },
  },
  {
    because:
      "they compare bits of functions and sums with those of other calls, which compiled are rounded in another way",
    files: ["transforms/observing"],
    tests: {
      "examples/per-sample-recipes": ["data-parallel training", "the guide prints what data-parallel gives"],
      "optim/minimize": ["minimize arrives on convex functions"],
      "transforms/check-numerics": ["forward what is finite passes, with the same bits"],
      "transforms/conditions": ["dtypes are the same inside a trace exp"],
    },
  },
  {
    because: "they count ops, reads of rules or bytes of what runs eagerly",
    files: ["per-sample/counts"],
    tests: {
      "core/sweep/linear-time": ["linear, not quadratic a million ops back"],
      "core/tensor/memory": ["a reshape of many elements allocates nothing"],
      "docs/examples": ["examples in the documentation docs/how-it-works.md:150"],
      "errors/own-ops": ["pullbacks that read what they said they would not"],
      "transforms/conditions": ["a boolean is a value in trees"],
    },
  },
];
