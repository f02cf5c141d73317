"""PyTorch on the CPU, one thread, beside the others: started and asked by pytorch.ts.

Reads requests, a JSON object a line, and answers each with one: {"load": name, "params": [...], "inputs": [...], "results":
folder} computes once and writes the numbers; {"time": runs} runs so many times and says how many milliseconds it took.
"""

import ctypes
import json
import math
import os
import sys
import time

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def predict(params, x, activation):
    for k in range(0, len(params), 2):
        x = torch.addmm(params[k + 1], x, params[k])
        if k + 2 < len(params):
            x = activation(x)
    return x


def cross_entropy(z, y):
    return -(F.log_softmax(z, -1) * y).sum(-1).mean()


def attention(params, x):
    gain1, shift1, q, k, v, o, gain2, shift2, u, c, d, e = params
    batch, tokens, width = x.shape
    heads = 4

    def split(z):
        return z.reshape(batch, tokens, heads, width // heads).transpose(1, 2)

    h = F.layer_norm(x, (width,), gain1, shift1)
    qs, ks, vs = (split(h @ w) for w in (q, k, v))
    weights = F.softmax(qs @ ks.transpose(-1, -2) / math.sqrt(width // heads), -1)
    z = x + (weights @ vs).transpose(1, 2).reshape(batch, tokens, width) @ o
    inner = F.relu(F.linear(F.layer_norm(z, (width,), gain2, shift2), u.t(), c))
    return (z + F.linear(inner, d.t(), e)).square().mean()


def rosenbrock(x):
    head, tail = x[:-1], x[1:]
    return (100 * (tail - head.square()).square() + (1 - head).square()).sum()


LOSSES = {
    "classifier_tanh": lambda params, x, y: cross_entropy(predict(params, x, torch.tanh), y),
    "classifier_relu": lambda params, x, y: cross_entropy(predict(params, x, F.relu), y),
    "regression": lambda params, x, y: (predict(params, x, torch.tanh) - y).square().mean(),
    "attention": attention,
    "rosenbrock": lambda params: rosenbrock(params[0]),
    "long_vectors": lambda params: (params[0] * params[1] + torch.tanh(params[0])).square().sum(),
}


def read(array, tracked):
    x = numpy.fromfile(array["file"], dtype=array["dtype"]).reshape(array["shape"])
    return torch.from_numpy(x).requires_grad_(tracked)


def program(name, params, inputs):
    """The value and its gradients by all parameters; a product is its own value and has no gradient."""
    if name == "matmul":
        return lambda: [params[0] @ params[1]]
    loss = LOSSES[name]

    def run():
        value = loss(params, *inputs)
        return [value, *torch.autograd.grad(value, params)]

    return run


def blas():
    """The libraries of matrix products that were loaded, and the kernel that OpenBLAS chose."""
    with open("/proc/self/maps", encoding="utf8") as maps:
        files = {line.split()[-1] for line in maps if "/" in line}
    found = sorted({os.path.realpath(f) for f in files if "blas" in os.path.basename(f) or "mkl_rt" in f})
    names = []
    for file in found:
        name = os.path.basename(file)
        try:
            corename = ctypes.CDLL(file).openblas_get_corename
            corename.restype = ctypes.c_char_p
            name += f" ({corename().decode()})"
        except (AttributeError, OSError):
            pass
        names.append(name)
    return ", ".join(names) or "its own"


def about():
    capability = [line.split(":")[-1].strip() for line in torch.__config__.show().splitlines() if "capability" in line]
    return {
        "version": torch.__version__,
        "capability": " ".join(capability),
        "threads": torch.get_num_threads(),
        "blas": blas(),
    }


def main():
    run = None
    print(json.dumps(about()), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            tracked = request["load"] != "matmul"
            params = [read(x, tracked) for x in request["params"]]
            run = program(request["load"], params, [read(x, False) for x in request["inputs"]])
            files = []
            for k, x in enumerate(run()):
                files.append(os.path.join(request["results"], f"result{k}"))
                x.detach().numpy().tofile(files[-1])
            print(json.dumps({"results": files}), flush=True)
        else:
            start = time.perf_counter()
            for _ in range(request["time"]):
                run()
            print(json.dumps({"ms": (time.perf_counter() - start) * 1e3}), flush=True)


main()
