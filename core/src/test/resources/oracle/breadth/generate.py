"""Writes the reference results that stand beside this script: what shared/oracle has not, operation by operation.

Same format (shared/oracle's README describes it). An op that begins with "nn." is a module: its inputs have the names of
its parameters, or are what it is called with, and y has all results one after the other. Run with torch 2.13 and numpy.
"""
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402
from reference import case  # noqa: E402

reference.into(pathlib.Path(__file__).parent)
torch.manual_seed(18)


def randn(*shape):
    return torch.randn(*shape)


def index(bound, *shape):
    return torch.randint(0, bound, shape)


def module(name, op, net, inputs, grads=None, **attrs):
    weights = dict(net.named_parameters())
    for p in weights.values():
        nn.init.normal_(p, 0, 0.5)
    names = list(inputs) + list(weights)

    def run(*values):
        given = dict(zip(names, values))
        y = torch.func.functional_call(net, {k: given[k] for k in weights}, tuple(given[k] for k in inputs))
        return flat(y)

    case(name, op, run, dict(inputs) | {k: p.detach() for k, p in weights.items()}, grads, **attrs)


def flat(y):
    if torch.is_tensor(y):
        return y
    parts = []
    for part in y:
        parts += list(part) if isinstance(part, tuple) else [part]
    return torch.cat([p.flatten() for p in parts])


# Lines by number
for i, (shape, dim, n) in enumerate([((5, 3), 0, 7), ((2, 4, 3), 1, 1), ((3, 2, 33), -1, 40), ((4, 2), 0, 0)]):
    case(f"index_select_{i}", "index_select", lambda x, k: x.index_select(dim, k), {"x": randn(*shape), "index": index(shape[dim], n)}, dim=dim)
case("index_select_of_one", "index_select", lambda x, k: x.index_select(0, k),
     {"x": randn(1, 4), "index": torch.zeros(6, dtype=torch.long)}, dim=0)
for i, shape in enumerate([(6,), (2, 5), (3, 1, 2), ()]):
    case(f"embedding_{i}", "embedding", F.embedding, {"index": index(7, *shape), "weight": randn(7, 4)})
case("embedding_padding", "embedding", lambda k, w: F.embedding(k, w, padding_idx=2), {"index": index(4, 3, 9), "weight": randn(4, 5)},
     padding_idx=2)
module("embedding_module", "nn.Embedding", nn.Embedding(9, 3, padding_idx=0), {"index": index(9, 2, 7)}, grads=["weight"],
       num_embeddings=9, embedding_dim=3, padding_idx=0)

# Parts
case("narrow_overlapping", "narrow_sum", lambda x: x.narrow(1, 0, 3) * 2 + x.narrow(1, 1, 3) + x.narrow(1, 2, 3) * 3, {"x": randn(2, 5, 3)},
     dim=1, length=3)
case("narrow_overlapping_rows", "narrow_sum", lambda x: x.narrow(0, 0, 2) * 2 + x.narrow(0, 1, 2) + x.narrow(0, 2, 2) * 3, {"x": randn(4, 3)},
     dim=0, length=2)

# Attention
for i, (q, k, v) in enumerate([((2, 3, 4), (2, 3, 4), (2, 3, 4)), ((2, 2, 5, 8), (2, 2, 7, 8), (2, 2, 7, 3)), ((1, 17), (33, 17), (33, 2))]):
    case(f"attention_{i}", "scaled_dot_product_attention", F.scaled_dot_product_attention, {"q": randn(*q), "k": randn(*k), "v": randn(*v)})
for t, s in [(5, 5), (3, 6), (6, 3), (1, 1)]:
    case(f"attention_causal_{t}_{s}", "scaled_dot_product_attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
         {"q": randn(2, t, 4), "k": randn(2, s, 4), "v": randn(2, s, 4)}, is_causal=True)
mask = randn(5, 7)
mask[1] = float("-inf")
mask[2, 3:] = float("-inf")
case("attention_mask", "scaled_dot_product_attention", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m),
     {"q": randn(2, 3, 5, 4), "k": randn(2, 3, 7, 4), "v": randn(2, 3, 7, 4), "mask": mask}, grads=["q", "k", "v"])
case("attention_bias", "scaled_dot_product_attention", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m),
     {"q": randn(2, 3, 5, 4), "k": randn(2, 3, 7, 4), "v": randn(2, 3, 7, 4), "mask": randn(2, 1, 1, 7)})
for first in [False, True]:
    shape = (2, 5, 6) if first else (5, 2, 6)
    memory = (2, 4, 6) if first else (4, 2, 6)
    attrs = dict(embed_dim=6, num_heads=3, batch_first=first)
    net = nn.MultiheadAttention(6, 3, batch_first=first)
    net.eval()
    own = type("Own", (nn.MultiheadAttention,), {"forward": lambda self, x: nn.MultiheadAttention.forward(self, x, x, x, need_weights=False)[0]})
    module(f"multihead_self_{first}", "nn.MultiheadAttention", own(6, 3, batch_first=first), {"x": randn(*shape)}, **attrs)
    cross = type("Cross", (nn.MultiheadAttention,), {"forward": lambda self, q, k, v: nn.MultiheadAttention.forward(self, q, k, v, need_weights=False)[0]})
    module(f"multihead_cross_{first}", "nn.MultiheadAttention", cross(6, 3, batch_first=first),
           {"query": randn(*shape), "key": randn(*memory), "value": randn(*memory)}, **attrs)
masked = type("Masked", (nn.MultiheadAttention,),
              {"forward": lambda self, x, m: nn.MultiheadAttention.forward(self, x, x, x, need_weights=False, attn_mask=m)[0]})
module("multihead_mask", "nn.MultiheadAttention", masked(4, 2, batch_first=True),
       {"x": randn(2, 3, 4), "mask": torch.triu(torch.full((3, 3), float("-inf")), 1)}, grads=["x", "in_proj_weight", "out_proj.bias"],
       embed_dim=4, num_heads=2, batch_first=True)
for first, norm_first, activation in [(True, False, "relu"), (False, True, "gelu"), (True, True, "relu")]:
    attrs = dict(d_model=6, nhead=2, dim_feedforward=10, batch_first=first, norm_first=norm_first, activation=activation)
    args = dict(dropout=0.0, batch_first=first, norm_first=norm_first, activation=activation)
    shape, memory = ((3, 4, 6), (3, 5, 6)) if first else ((4, 3, 6), (5, 3, 6))
    module(f"encoder_layer_{first}_{norm_first}", "nn.TransformerEncoderLayer", nn.TransformerEncoderLayer(6, 2, 10, **args), {"x": randn(*shape)}, **attrs)
    module(f"decoder_layer_{first}_{norm_first}", "nn.TransformerDecoderLayer", nn.TransformerDecoderLayer(6, 2, 10, **args),
           {"x": randn(*shape), "memory": randn(*memory)}, **attrs)
    causal = type("Causal", (nn.TransformerDecoderLayer,), {"forward": lambda self, x, m, k: nn.TransformerDecoderLayer.forward(self, x, m, tgt_mask=k)})
    module(f"decoder_layer_causal_{first}_{norm_first}", "nn.TransformerDecoderLayer", causal(6, 2, 10, **args),
           {"x": randn(*shape), "memory": randn(*memory), "mask": torch.triu(torch.full((4, 4), float("-inf")), 1)}, grads=["x", "memory"], **attrs)
layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
module("encoder", "nn.TransformerEncoder", nn.TransformerEncoder(layer, 2, nn.LayerNorm(4)), {"x": randn(2, 3, 4)},
       d_model=4, nhead=2, dim_feedforward=8, num_layers=2)

# Recurrent networks
for kind in ["RNN", "GRU", "LSTM"]:
    for i, (t, n, inputs, hidden, extra) in enumerate([
            (4, 2, 3, 5, {}), (3, 2, 3, 4, dict(num_layers=2, bidirectional=True)), (5, 3, 2, 17, dict(batch_first=True, bias=False)),
            (1, 1, 1, 1, {}), (6, 1, 2, 3, dict(bidirectional=True, batch_first=True))] + ([(4, 2, 3, 5, dict(nonlinearity="relu"))] if kind == "RNN" else [])):
        net = getattr(nn, kind)(inputs, hidden, **extra)
        x = randn(n, t, inputs) if extra.get("batch_first") else randn(t, n, inputs)
        attrs = dict(input_size=inputs, hidden_size=hidden) | extra
        module(f"{kind.lower()}_{i}", f"nn.{kind}", net, {"x": x}, **attrs)
        states = {"h": randn(extra.get("num_layers", 1) * (2 if extra.get("bidirectional") else 1), n, hidden)}
        if kind == "LSTM":
            states["c"] = randn(*states["h"].shape)
            given = type("Given", (nn.LSTM,), {"forward": lambda self, x, h, c: nn.LSTM.forward(self, x, (h, c))})
            net = given(inputs, hidden, **extra)
        module(f"{kind.lower()}_{i}_states", f"nn.{kind}", net, {"x": x} | states, **attrs)
    module(f"{kind.lower()}_single", f"nn.{kind}", getattr(nn, kind)(3, 4), {"x": randn(5, 3)}, input_size=3, hidden_size=4)

# Convolutions and pooling
for i, (x, w, bias, args) in enumerate([
        ((2, 3, 4, 5), (3, 4, 3, 3), True, dict()), ((1, 4, 3, 3), (4, 2, 2, 2), False, dict(stride=2)),
        ((2, 4, 3, 4), (4, 3, 3, 2), True, dict(stride=2, padding=1, output_padding=1, groups=2)),
        ((1, 2, 1, 1), (2, 5, 4, 4), True, dict(padding=1, dilation=2)), ((2, 33, 5, 5), (33, 17, 2, 2), True, dict(stride=2)),
        ((1, 2, 3, 4), (2, 3, 3, 2), True, dict(stride=2, dilation=4, output_padding=3))]):
    inputs = {"x": randn(*x), "weight": randn(*w)}
    if bias:
        inputs["bias"] = randn(w[1] * args.get("groups", 1))
    case(f"conv_transpose2d_{i}", "conv_transpose2d", lambda x, w, b=None: F.conv_transpose2d(x, w, b, **args), inputs, **args)
for i, (x, w, args) in enumerate([((2, 3, 9), (4, 3, 3), dict()), ((1, 4, 8), (6, 2, 2), dict(stride=2, padding=1, groups=2)),
                                  ((2, 1, 10), (2, 1, 3), dict(dilation=3))]):
    case(f"conv1d_{i}", "conv1d", lambda x, w, b: F.conv1d(x, w, b, **args), {"x": randn(*x), "weight": randn(*w), "bias": randn(w[0])}, **args)
module("conv1d_module", "nn.Conv1d", nn.Conv1d(3, 5, 3, stride=2, padding=1), {"x": randn(2, 3, 8)},
       in_channels=3, out_channels=5, kernel_size=3, stride=2, padding=1)
module("conv_transpose2d_module", "nn.ConvTranspose2d", nn.ConvTranspose2d(3, 5, 3, stride=2, padding=1, output_padding=1), {"x": randn(2, 3, 4, 4)},
       in_channels=3, out_channels=5, kernel_size=3, stride=2, padding=1, output_padding=1)
case("max_pool1d", "max_pool1d", lambda x: F.max_pool1d(x, 3, 2, 1), {"x": randn(2, 3, 11)}, kernel_size=3, stride=2, padding=1)
case("avg_pool1d", "avg_pool1d", lambda x: F.avg_pool1d(x, 3, 2, 1), {"x": randn(2, 3, 11)}, kernel_size=3, stride=2, padding=1)
for i, (x, size) in enumerate([((2, 3, 7, 5), [3, 2]), ((1, 2, 8, 6), [4, 3]), ((2, 2, 3, 3), [1, 1]), ((1, 1, 2, 3), [5, 3])]):
    case(f"adaptive_avg_pool2d_{i}", "adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, size), {"x": randn(*x)}, output_size=size)
for mode in ["nearest", "bilinear"]:
    for i, (x, size) in enumerate([((1, 2, 3, 4), [6, 8]), ((2, 1, 5, 7), [3, 11]), ((1, 1, 1, 1), [3, 2]), ((1, 3, 4, 4), [4, 4]), ((1, 1, 9, 10), [1, 1])]):
        case(f"interpolate_{mode}_{i}", "interpolate", lambda x: F.interpolate(x, size, mode=mode), {"x": randn(*x)}, size=size, mode=mode)
        if mode == "bilinear":
            case(f"interpolate_corners_{i}", "interpolate", lambda x: F.interpolate(x, size, mode=mode, align_corners=True), {"x": randn(*x)},
                 size=size, mode=mode, align_corners=True)
case("pixel_shuffle", "pixel_shuffle", lambda x: F.pixel_shuffle(x, 3), {"x": randn(2, 18, 2, 5)}, upscale_factor=3)

# Normalisation
for i, (x, groups) in enumerate([((2, 6, 3, 4), 3), ((3, 4, 5), 1), ((2, 3, 2, 2), 3), ((4, 8), 2)]):
    case(f"group_norm_{i}", "group_norm", lambda x, w, b: F.group_norm(x, groups, w, b), {"x": randn(*x), "weight": randn(x[1]), "bias": randn(x[1])},
         num_groups=groups)
case("group_norm_bare", "group_norm", lambda x: F.group_norm(x, 2, eps=1e-2), {"x": randn(2, 4, 3)}, num_groups=2, eps=1e-2)
case("instance_norm", "instance_norm", F.instance_norm, {"x": randn(2, 3, 4, 5)})
for i, (x, shape) in enumerate([((2, 3, 8), [8]), ((2, 3, 5), [3, 5]), ((4, 33), [33])]):
    case(f"rms_norm_{i}", "rms_norm", lambda x, w: F.rms_norm(x, shape, w, 1e-5), {"x": randn(*x), "weight": randn(*shape)}, normalized_shape=shape, eps=1e-5)
module("group_norm_module", "nn.GroupNorm", nn.GroupNorm(2, 4), {"x": randn(2, 4, 3, 3)}, num_groups=2, num_channels=4)
module("rms_norm_module", "nn.RMSNorm", nn.RMSNorm(6), {"x": randn(3, 6)}, normalized_shape=6)
module("batch_norm1d_table", "nn.BatchNorm1d", nn.BatchNorm1d(3), {"x": randn(7, 3)}, num_features=3)
module("batch_norm1d_lines", "nn.BatchNorm1d", nn.BatchNorm1d(3), {"x": randn(2, 3, 5)}, num_features=3)

# Functions of elements
case("prelu_one", "prelu", F.prelu, {"x": randn(4, 3, 2), "weight": randn(1)})
case("prelu_channels", "prelu", F.prelu, {"x": randn(4, 3, 2), "weight": randn(3)})
case("hardtanh", "hardtanh", lambda x: F.hardtanh(x, -0.5, 0.7), {"x": randn(40)}, min_val=-0.5, max_val=0.7)
case("normalize", "normalize", lambda x: F.normalize(x, dim=1), {"x": torch.cat([randn(3, 4), torch.zeros(1, 4)])}, grads=[], dim=1)
case("normalize_grad", "normalize", lambda x: F.normalize(x, dim=-1), {"x": randn(3, 4, 5)}, dim=-1)
case("cosine_similarity", "cosine_similarity", lambda a, b: F.cosine_similarity(a, b, dim=1), {"a": randn(3, 7), "b": randn(3, 7)}, dim=1)
case("where", "where", lambda c, a, b: torch.where(c > 0, a, b), {"condition": randn(3, 4), "a": randn(3, 1), "b": randn(4)}, grads=["a", "b"])

# Reductions
for dims in [[0], [1, -1], [0, 1, 2]]:
    case(f"norm_{len(dims)}", "norm", lambda x: torch.linalg.vector_norm(x, dim=dims, keepdim=len(dims) == 2), {"x": randn(3, 4, 5)},
         dim=dims, keepdim=len(dims) == 2)
case("norm_of_zeros", "norm", lambda x: torch.linalg.vector_norm(x, dim=1), {"x": torch.cat([randn(2, 4), torch.zeros(2, 4)])}, dim=[1])
for dim, keep in [(0, True), (-1, False)]:
    case(f"min_{dim}", "min", lambda x: torch.min(x, dim=dim, keepdim=keep)[0], {"x": randn(3, 4, 5)}, dim=dim, keepdim=keep)
    case(f"argmin_{dim}", "argmin", lambda x: torch.argmin(x, dim=dim).double(), {"x": randn(3, 4, 5)}, grads=[], dim=dim)

# Arrangement
for dims in [[0], [1, -1]]:
    case(f"flip_{len(dims)}", "flip", lambda x: x.flip(dims), {"x": randn(3, 4, 2)}, dims=dims)
for shift, dim in [(1, 0), (-5, 1), (7, -1)]:
    case(f"roll_{shift}", "roll", lambda x: x.roll(shift, dim), {"x": randn(3, 4, 2)}, shifts=shift, dims=dim)
for i, times in enumerate([[2, 3], [1, 1], [2, 1, 2], [3, 1, 1, 2]]):
    case(f"repeat_{i}", "repeat", lambda x: x.repeat(times), {"x": randn(2, 3)}, repeats=times)
for diagonal in [0, 1, -2, 9]:
    case(f"tril_{diagonal}", "tril", lambda x: x.tril(diagonal), {"x": randn(2, 4, 3)}, diagonal=diagonal)
    case(f"triu_{diagonal}", "triu", lambda x: x.triu(diagonal), {"x": randn(3, 5)}, diagonal=diagonal)
for i, (x, padding, mode) in enumerate([((2, 3), [1, 2], "constant"), ((2, 3, 4), [0, 1, 2, 0, 1, 1], "constant"), ((1, 2, 3, 4), [2, 3, 1, 2], "reflect"),
                                        ((1, 2, 3, 4), [2, 5, 4, 0], "replicate"), ((1, 1, 1, 2), [3, 3, 2, 2], "replicate"), ((2, 3, 5), [4, 4], "reflect")]):
    value = 0.75 if mode == "constant" else 0.0
    case(f"pad_{i}", "pad", lambda x: F.pad(x, padding, mode, value), {"x": randn(*x)}, pad=padding, mode=mode, value=value)

# Losses
for r in ["mean", "sum", "none"]:
    case(f"binary_cross_entropy_{r}", "binary_cross_entropy", lambda p, t: F.binary_cross_entropy(p, t, reduction=r),
         {"x": torch.rand(3, 5) * 0.98 + 0.01, "target": torch.rand(3, 5)}, reduction=r)
    case(f"kl_div_{r}", "kl_div", lambda x, t: F.kl_div(x, t, reduction=r),
         {"x": F.log_softmax(randn(3, 5), 1), "target": F.softmax(randn(3, 5), 1)}, reduction=r)
case("kl_div_zero", "kl_div", lambda x, t: F.kl_div(x, t, reduction="sum"),
     {"x": F.log_softmax(randn(2, 3), 1), "target": torch.tensor([[0, 0.5, 0.5], [1, 0, 0]], dtype=torch.float64)}, grads=["x"], reduction="sum")
case("binary_cross_entropy_ends", "binary_cross_entropy", lambda p, t: F.binary_cross_entropy(p, t, reduction="none"),
     {"x": torch.tensor([0.0, 0, 1, 1, 0.5]), "target": torch.tensor([0.0, 1, 0, 1, 0.5])}, grads=[], reduction="none")
sign = torch.tensor([1.0, -1, 1, -1])
case("margin_ranking", "margin_ranking_loss", lambda a, b, y: F.margin_ranking_loss(a, b, y, margin=0.3),
     {"a": randn(4), "b": randn(4), "sign": sign}, grads=["a", "b"], margin=0.3)
case("cosine_embedding", "cosine_embedding_loss", lambda a, b, y: F.cosine_embedding_loss(a, b, y, margin=0.1),
     {"a": randn(4, 5), "b": randn(4, 5), "sign": sign}, grads=["a", "b"], margin=0.1)
case("triplet_margin", "triplet_margin_loss", lambda a, p, n: F.triplet_margin_loss(a, p, n, margin=0.8),
     {"a": randn(6, 5), "p": randn(6, 5), "n": randn(6, 5)}, margin=0.8)
for r in ["mean", "none"]:
    case(f"l1_{r}", "l1_loss", lambda x, t: F.l1_loss(x, t, reduction=r), {"x": randn(3, 4), "target": randn(3, 4)}, reduction=r)
    case(f"smooth_l1_{r}", "smooth_l1_loss", lambda x, t: F.smooth_l1_loss(x, t, reduction=r, beta=0.4), {"x": randn(3, 4), "target": randn(3, 4)},
         reduction=r, beta=0.4)
    case(f"huber_{r}", "huber_loss", lambda x, t: F.huber_loss(x, t, reduction=r, delta=0.6), {"x": randn(3, 4), "target": randn(3, 4)},
         reduction=r, delta=0.6)
case("glu", "glu", lambda x: F.glu(x, 1), {"x": randn(2, 6, 3)}, dim=1)
for op in ["mish", "softsign", "logsigmoid", "hardsigmoid", "hardswish"]:
    case(op, op, getattr(F, op), {"x": 3 * randn(2, 33)})
case("logsumexp", "logsumexp", lambda x: torch.logsumexp(x, 1), {"x": 5 * randn(3, 4, 2)}, dim=1)
for correction in [0, 1]:
    case(f"var_{correction}", "var", lambda x: torch.var(x, dim=[0, 2], correction=correction), {"x": randn(3, 4, 5)}, dim=[0, 2], correction=correction)
    case(f"std_{correction}", "std", lambda x: torch.std(x, dim=1, correction=correction), {"x": randn(3, 4, 5)}, dim=[1], correction=correction)

for op, args in [("celu", dict(alpha=0.7)), ("selu", dict()), ("hardshrink", dict(lambd=0.4)), ("softshrink", dict(lambd=0.4)), ("tanhshrink", dict()),
                 ("threshold", dict(threshold=0.3, value=-2.0)), ("softmin", dict(dim=1))]:
    case(op, op, lambda x: getattr(F, op)(x, **args), {"x": 2 * randn(3, 33)}, **args)
for i, (a, b) in enumerate([((3, 5), (3, 5)), ((7,), (7,))]):
    case(f"pairwise_distance_{i}", "pairwise_distance", F.pairwise_distance, {"a": randn(*a), "b": randn(*b)})
for r in ["mean", "none"]:
    case(f"poisson_nll_{r}", "poisson_nll_loss", lambda x, t: F.poisson_nll_loss(x, t, reduction=r), {"x": randn(3, 4), "target": torch.rand(3, 4)}, reduction=r)
    case(f"gaussian_nll_{r}", "gaussian_nll_loss", lambda x, t, v: F.gaussian_nll_loss(x, t, v, reduction=r),
         {"x": randn(3, 4), "target": randn(3, 4), "var": torch.rand(3, 4) + 0.1}, reduction=r)
    case(f"hinge_embedding_{r}", "hinge_embedding_loss", lambda x, y: F.hinge_embedding_loss(x, y, margin=0.7, reduction=r),
         {"x": randn(4), "sign": sign}, grads=["x"], margin=0.7, reduction=r)
    case(f"soft_margin_{r}", "soft_margin_loss", lambda x, y: F.soft_margin_loss(x, y, reduction=r), {"x": randn(4), "sign": sign}, grads=["x"], reduction=r)

reference.write()
reference.optimizers([
    ("Adagrad", dict()), ("Adagrad", dict(lr=0.1, eps=1e-4, weight_decay=0.2)),
    ("Adadelta", dict()), ("Adadelta", dict(lr=0.5, rho=0.7, eps=1e-3, weight_decay=0.1)),
    ("Adamax", dict()), ("Adamax", dict(lr=0.05, betas=[0.7, 0.9], eps=1e-4, weight_decay=0.3)),
])
