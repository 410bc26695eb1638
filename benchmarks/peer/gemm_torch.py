"""The speed of a product of two square float32 matrices in PyTorch, as one JSON line: what
io.github.cortado.benchmarks.GemmThroughput is compared with.
"""
import argparse
import json
import statistics
import time

import torch

parser = argparse.ArgumentParser(description="PyTorch's matrix product")
parser.add_argument("--threads", type=int, default=torch.get_num_threads())
parser.add_argument("--size", type=int, default=1024)
parser.add_argument("--reps", type=int, default=30)
parser.add_argument("--warmup", type=int, default=10, help="products before the first that is timed")
o = parser.parse_args()

torch.manual_seed(0)
torch.set_num_threads(o.threads)
a, b = torch.rand(2, o.size, o.size).mul_(2).sub_(1)
rates = []
for i in range(o.warmup + o.reps):
    start = time.perf_counter()
    torch.mm(a, b)
    seconds = time.perf_counter() - start
    if i >= o.warmup:
        rates.append(2e-9 * o.size**3 / seconds)
print(json.dumps({"torch": torch.__version__, **vars(o), "gflops": rates, "median": statistics.median(rates)}))
