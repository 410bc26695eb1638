"""Writes the reference results that stand beside this script: attention of sizes that are no whole tiles. Same format; run with torch 2.13
and numpy."""
import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402
from reference import case  # noqa: E402

reference.into(pathlib.Path(__file__).parent)
torch.manual_seed(31)


def randn(*shape):
    return torch.randn(*shape)


def three(lines, t, s, width, value_width):
    return {"q": randn(*lines, t, width), "k": randn(*lines, s, width), "v": randn(*lines, s, value_width)}


OP = "scaled_dot_product_attention"
sizes = [((2,), 17, 35, 6, 5), ((), 67, 67, 2, 2), ((1, 1), 1, 40, 9, 2)]
for i, size in enumerate(sizes):
    for causal in [False, True]:
        case(f"sizes_{i}_{'causal' if causal else 'plain'}", OP,
             lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=causal), three(*size), is_causal=causal)

hidden = float("-inf")
mask = randn(9, 17)
mask[torch.rand(9, 17) < 0.4] = hidden
mask[3] = hidden
mask[5, :16] = hidden
lengths = torch.zeros(2, 1, 1, 17)
lengths[0, ..., 5:] = hidden
for name, m in [("hiding", mask), ("lengths", lengths), ("of_each", 3 * randn(2, 2, 9, 17)), ("of_keys", randn(1, 17)), ("of_queries", randn(9, 1))]:
    case(f"mask_{name}", OP, lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m), three((2, 2), 9, 17, 3, 2) | {"mask": m},
         grads=["q", "k", "v"])


def self_attention(heads, causal):
    def f(qkv):
        n, t, width = qkv.shape
        q, k, v = (x.transpose(1, 2) for x in qkv.view(n, t, 3, heads, width // (3 * heads)).unbind(2))
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).reshape(n, t, width // 3)

    return f


for heads, shape in [(1, (1, 1, 3)), (2, (2, 5, 12)), (3, (2, 20, 18))]:
    for causal in [False, True]:
        case(f"self_attention_{heads}_{'causal' if causal else 'plain'}", "self_attention", self_attention(heads, causal),
             {"qkv": randn(*shape)}, heads=heads, is_causal=causal)

reference.write()
