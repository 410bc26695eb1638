"""Writes the reference results that stand beside this script: layers that breadth has not. Same format; run with torch 2.13 and numpy."""
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402
from reference import case  # noqa: E402

reference.into(pathlib.Path(__file__).parent)
torch.manual_seed(25)


def randn(*shape):
    return torch.randn(*shape)


def index(bound, *shape):
    return torch.randint(0, bound, shape)


def flat(y):
    if torch.is_tensor(y):
        return y
    parts = []
    for part in y:
        parts += list(part) if isinstance(part, tuple) else [part]
    return torch.cat([p.flatten() for p in parts])


def module(name, op, net, inputs, grads=None, forward=None, **attrs):
    """Of a module with random weights; forward(net, *inputs) is how it is called, if not as a function."""
    weights = dict(net.named_parameters())
    for p in weights.values():
        nn.init.normal_(p, 0, 0.5)
    names = list(inputs) + list(weights)

    class Called(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, *x):
            return forward(self.net, *x) if forward else self.net(*x)

    def run(*values):
        given = dict(zip(names, values))
        return flat(torch.func.functional_call(Called(), {"net." + k: given[k] for k in weights}, tuple(given[k] for k in inputs)))

    case(name, op, run, dict(inputs) | {k: p.detach() for k, p in weights.items()}, grads, **attrs)


# Convolutions
for i, (x, channels, args) in enumerate([
        ((2, 3, 9), (3, 4), dict(kernel_size=3, padding="same")), ((1, 2, 7), (2, 3), dict(kernel_size=4, padding="same", dilation=3)),
        ((2, 4, 8), (4, 6), dict(kernel_size=2, padding="same", groups=2, bias=False)), ((1, 2, 7), (2, 2), dict(kernel_size=3, padding="valid", stride=2)),
        ((2, 2, 6), (2, 3), dict(kernel_size=4, padding="same", padding_mode="reflect")),
        ((1, 2, 6), (2, 3), dict(kernel_size=3, padding=2, padding_mode="circular", stride=2)),
        ((1, 2, 5), (2, 3), dict(kernel_size=3, padding=4, padding_mode="replicate", dilation=2))]):
    module(f"conv1d_{i}", "nn.Conv1d", nn.Conv1d(*channels, **args), {"x": randn(*x)}, in_channels=channels[0], out_channels=channels[1], **args)
for i, (x, channels, args) in enumerate([
        ((1, 3, 6, 5), (3, 4), dict(kernel_size=(3, 2), padding="same")), ((2, 2, 5, 7), (2, 2), dict(kernel_size=(2, 4), padding="same", dilation=(2, 1))),
        ((1, 4, 6, 6), (4, 6), dict(kernel_size=(2, 2), padding="same", padding_mode="circular", groups=2)),
        ((2, 2, 5, 4), (2, 3), dict(kernel_size=(3, 3), padding=(2, 1), padding_mode="reflect", stride=(2, 1), bias=False)),
        ((1, 2, 3, 3), (2, 3), dict(kernel_size=(3, 2), padding=(1, 4), padding_mode="replicate")),
        ((1, 1, 8, 9), (1, 2), dict(kernel_size=(3, 3), padding=(2, 3), dilation=(2, 3), stride=(1, 2)))]):
    module(f"conv2d_{i}", "nn.Conv2d", nn.Conv2d(*channels, **args), {"x": randn(*x)}, in_channels=channels[0], out_channels=channels[1], **args)
for i, (x, channels, args) in enumerate([
        ((2, 3, 5), (3, 4), dict(kernel_size=3)), ((1, 4, 6), (4, 6), dict(kernel_size=4, stride=3, padding=2, output_padding=2, groups=2)),
        ((2, 2, 4), (2, 3), dict(kernel_size=3, stride=2, dilation=3, padding=1, output_padding=2, bias=False)), ((1, 1, 1), (1, 1), dict(kernel_size=2))]):
    module(f"conv_transpose1d_{i}", "nn.ConvTranspose1d", nn.ConvTranspose1d(*channels, **args), {"x": randn(*x)},
           in_channels=channels[0], out_channels=channels[1], **args)
module("conv_transpose2d", "nn.ConvTranspose2d", nn.ConvTranspose2d(4, 6, (2, 3), stride=2, padding=1, output_padding=1, groups=2, dilation=2), {"x": randn(1, 4, 4, 5)},
       in_channels=4, out_channels=6, kernel_size=(2, 3), stride=2, padding=1, output_padding=1, groups=2, dilation=2)

# Pooling. Ties are in it: of whole numbers the first in a window has the gradient.
few = lambda *shape: torch.randint(-3, 4, shape).double()
ties = lambda x: "_ties" if bool((x == x.round()).all()) else ""
for i, (x, args) in enumerate([
        (randn(2, 3, 7, 8), dict(kernel_size=3, stride=2, ceil_mode=True)), (few(1, 2, 6, 7), dict(kernel_size=2, stride=3, padding=1, ceil_mode=True)),
        (randn(1, 1, 4, 4), dict(kernel_size=2, stride=4, padding=1, ceil_mode=True)), (few(2, 2, 9, 8), dict(kernel_size=3, stride=2, padding=1, dilation=2)),
        (randn(1, 3, 7, 10), dict(kernel_size=2, stride=1, padding=1, dilation=4)), (few(1, 2, 8, 7), dict(kernel_size=3, stride=3, padding=1, dilation=2, ceil_mode=True)),
        (-randn(1, 1, 5, 5).abs(), dict(kernel_size=2, stride=2, padding=1, dilation=3, ceil_mode=True))]):
    module(f"max_pool2d_{i}{ties(x)}", "nn.MaxPool2d", nn.MaxPool2d(**args), {"x": x}, **args)
for i, (x, args) in enumerate([
        (randn(2, 3, 8), dict(kernel_size=3, stride=2, ceil_mode=True)), (few(1, 2, 9), dict(kernel_size=3, stride=2, padding=1, dilation=2)),
        (few(2, 2, 10), dict(kernel_size=2, stride=3, padding=1, dilation=2, ceil_mode=True)), (randn(1, 1, 6), dict(kernel_size=2, stride=2))]):
    module(f"max_pool1d_{i}{ties(x)}", "nn.MaxPool1d", nn.MaxPool1d(**args), {"x": x}, **args)
for i, (x, args) in enumerate([
        (randn(2, 3, 7, 8), dict(kernel_size=3, stride=2, ceil_mode=True)), (randn(1, 2, 6, 7), dict(kernel_size=3, stride=2, padding=1, ceil_mode=True)),
        (randn(1, 2, 6, 7), dict(kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)),
        (randn(1, 2, 7, 7), dict(kernel_size=2, stride=3, padding=1, ceil_mode=True, divisor_override=7)),
        (randn(1, 2, 6, 6), dict(kernel_size=2, stride=2, divisor_override=-3)), (randn(1, 2, 5, 6), dict(kernel_size=4, stride=4, padding=2, ceil_mode=True)),
        (randn(1, 2, 5, 6), dict(kernel_size=3, stride=1, padding=1, count_include_pad=False))]):
    module(f"avg_pool2d_{i}", "nn.AvgPool2d", nn.AvgPool2d(**args), {"x": x}, **args)
for i, (x, args) in enumerate([
        (randn(2, 3, 8), dict(kernel_size=3, stride=2, ceil_mode=True)), (randn(1, 2, 8), dict(kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)),
        (randn(1, 2, 8), dict(kernel_size=2, stride=2))]):
    module(f"avg_pool1d_{i}", "nn.AvgPool1d", nn.AvgPool1d(**args), {"x": x}, **args)
for i, (x, size) in enumerate([(randn(2, 3, 7, 5), [3, 2]), (few(1, 2, 8, 6), [4, 3]), (few(2, 2, 9, 10), [4, 7]), (randn(1, 1, 2, 3), [5, 3])]):
    module(f"adaptive_max_pool2d_{i}{ties(x)}", "nn.AdaptiveMaxPool2d", nn.AdaptiveMaxPool2d(size), {"x": x}, output_size=size)
for kind in ["Max", "Avg"]:
    module(f"adaptive_{kind.lower()}_pool1d", f"nn.Adaptive{kind}Pool1d", getattr(nn, f"Adaptive{kind}Pool1d")(4), {"x": randn(2, 3, 11)}, output_size=4)

# Recurrent networks
for kind in ["RNN", "GRU", "LSTM"]:
    cell = getattr(nn, kind + "Cell")
    for i, (shape, sizes, args) in enumerate([((3, 4), (4, 5), {}), ((4,), (4, 3), {}), ((2, 1), (1, 17), dict(bias=False))]
                                             + ([((3, 4), (4, 5), dict(nonlinearity="relu"))] if kind == "RNN" else [])):
        attrs = dict(input_size=sizes[0], hidden_size=sizes[1]) | args
        module(f"{kind.lower()}_cell_{i}", f"nn.{kind}Cell", cell(*sizes, **args), {"x": randn(*shape)}, **attrs)
        states = {"h": randn(*shape[:-1], sizes[1])}
        if kind == "LSTM":
            states["c"] = randn(*shape[:-1], sizes[1])
        module(f"{kind.lower()}_cell_{i}_states", f"nn.{kind}Cell", cell(*sizes, **args), {"x": randn(*shape)} | states,
               forward=(lambda net, x, h, c: net(x, (h, c))) if kind == "LSTM" else None, **attrs)

    def padded(net, x, lengths, *states):
        packed = pack_padded_sequence(x, lengths, batch_first=net.batch_first, enforce_sorted=False)
        y, last = net(packed, None if not states else states if len(states) == 2 else states[0])
        y, _ = pad_packed_sequence(y, batch_first=net.batch_first, total_length=x.shape[1 if net.batch_first else 0])
        return (y, *last) if isinstance(last, tuple) else (y, last)

    for i, (lengths, inputs, hidden, args) in enumerate([
            ([5, 3, 1], 3, 4, {}), ([2, 5, 4], 3, 4, dict(bidirectional=True)), ([1, 3, 5, 5], 2, 3, dict(num_layers=2, bidirectional=True, batch_first=True)),
            ([4, 2], 2, 5, dict(num_layers=2, bias=False)), ([3], 2, 2, {})] + ([([2, 4], 2, 3, dict(nonlinearity="relu", bidirectional=True))] if kind == "RNN" else [])):
        t, n = 5, len(lengths)
        attrs = dict(input_size=inputs, hidden_size=hidden, padded=True) | args
        x = randn(n, t, inputs) if args.get("batch_first") else randn(t, n, inputs)
        module(f"{kind.lower()}_padded_{i}", f"nn.{kind}", getattr(nn, kind)(inputs, hidden, **args), {"x": x, "lengths": torch.tensor(lengths)}, forward=padded,
               grads=None, **attrs)
        count = args.get("num_layers", 1) * (2 if args.get("bidirectional") else 1)
        states = {k: randn(count, n, hidden) for k in (["h", "c"] if kind == "LSTM" else ["h"])}
        module(f"{kind.lower()}_padded_{i}_states", f"nn.{kind}", getattr(nn, kind)(inputs, hidden, **args),
               {"x": x, "lengths": torch.tensor(lengths)} | states, forward=padded, **attrs)

# Bags
for mode in ["sum", "mean", "max"]:
    for padding in [None, 2]:
        attrs = dict(num_embeddings=5, embedding_dim=3, mode=mode) | ({} if padding is None else dict(padding_idx=padding))
        rows = index(5, 4, 6)
        rows[1] = 2
        module(f"bag_{mode}_{padding}", "nn.EmbeddingBag", nn.EmbeddingBag(5, 3, mode=mode, padding_idx=padding), {"index": rows}, grads=["weight"], **attrs)
        line = index(5, 11)
        line[4:6] = 2
        for name, offsets in [("ends", [0, 4, 6, 6, 9, 11]), ("one", [0]), ("empty_first", [0, 0, 3])]:
            module(f"bag_{mode}_{padding}_{name}", "nn.EmbeddingBag", nn.EmbeddingBag(5, 3, mode=mode, padding_idx=padding),
                   {"index": line, "offsets": torch.tensor(offsets)}, grads=["weight"], **attrs)

# Transformers. Masks stretch to [n, heads, t, s] here; PyTorch has one of places for the batch, and one of keys for each sequence.
NEVER = float("-inf")
causal = lambda t: torch.triu(torch.full((t, t), NEVER), 1)
missing = lambda n, t, lengths: torch.where(torch.arange(t)[None] < torch.tensor(lengths)[:, None], 0.0, NEVER)
decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 10, dropout=0.0, batch_first=True), 2, nn.LayerNorm(6))
sizes = dict(d_model=6, nhead=2, dim_feedforward=10, batch_first=True)
two = {"x": randn(3, 4, 6), "memory": randn(3, 5, 6)}
module("decoder", "nn.TransformerDecoder", decoder, two, num_layers=2, norm=True, **sizes)
module("decoder_causal", "nn.TransformerDecoder", nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 10, dropout=0.0), 2),
       {"x": randn(4, 3, 6), "memory": randn(5, 3, 6), "mask": causal(4)}, grads=["x", "memory"],
       forward=lambda net, x, m, k: net(x, m, tgt_mask=k), num_layers=2, norm=False, d_model=6, nhead=2, dim_feedforward=10)
module("decoder_masks", "nn.TransformerDecoder", decoder, two | {"mask": causal(4), "memory_mask": missing(3, 5, [5, 2, 3])[:, None, None]},
       grads=["x", "memory", "layers.1.multihead_attn.in_proj_weight"],
       forward=lambda net, x, m, k, p: net(x, m, tgt_mask=k, memory_key_padding_mask=p[:, 0, 0]), num_layers=2, norm=True, **sizes)
for i, (first, norm_first, activation) in enumerate([(False, False, "relu"), (True, True, "gelu")]):
    args = dict(d_model=4, nhead=2, num_encoder_layers=2, num_decoder_layers=1, dim_feedforward=7, batch_first=first, norm_first=norm_first, activation=activation)
    net = nn.Transformer(**args, dropout=0.0)
    pair = {"source": randn(3, 5, 4) if first else randn(5, 3, 4), "target": randn(3, 4, 4) if first else randn(4, 3, 4)}
    module(f"transformer_{i}", "nn.Transformer", net, pair, **args)
    module(f"transformer_{i}_causal", "nn.Transformer", net, pair | {"target_mask": causal(4)}, grads=["source", "target"],
           forward=lambda net, s, t, k: net(s, t, tgt_mask=k), **args)
    keys = missing(3, 5, [2, 5, 3])
    module(f"transformer_{i}_masks", "nn.Transformer", net,
           pair | {"source_mask": keys[:, None, None], "target_mask": causal(4), "memory_mask": keys[:, None, None]}, grads=["source", "target"],
           forward=lambda net, s, t, k, c, m: net(s, t, tgt_mask=c, src_key_padding_mask=k[:, 0, 0], memory_key_padding_mask=m[:, 0, 0]), **args)

# What is a few lines
for kind in ["Zero", "Reflection", "Replication", "Circular", "Constant"]:
    value = (2.5,) if kind == "Constant" else ()
    attrs = dict(value=2.5) if kind == "Constant" else {}
    module(f"{kind.lower()}_pad1d", f"nn.{kind}Pad1d", getattr(nn, f"{kind}Pad1d")((2, 1), *value), {"x": randn(2, 3, 4)}, padding=[2, 1], **attrs)
    module(f"{kind.lower()}_pad2d", f"nn.{kind}Pad2d", getattr(nn, f"{kind}Pad2d")((1, 3, 2, 0), *value), {"x": randn(2, 2, 4, 4)}, padding=[1, 3, 2, 0], **attrs)
module("upsampling_nearest2d", "nn.UpsamplingNearest2d", nn.UpsamplingNearest2d(scale_factor=3), {"x": randn(1, 2, 2, 3)}, scale_factor=3)
module("upsampling_bilinear2d", "nn.UpsamplingBilinear2d", nn.UpsamplingBilinear2d(scale_factor=2), {"x": randn(1, 2, 3, 4)}, scale_factor=2)
module("pixel_unshuffle", "nn.PixelUnshuffle", nn.PixelUnshuffle(3), {"x": randn(2, 2, 6, 9)}, downscale_factor=3)
module("channel_shuffle", "nn.ChannelShuffle", nn.ChannelShuffle(3), {"x": randn(2, 6, 2, 3)}, groups=3)
for i, (x, args) in enumerate([((2, 5, 3, 2), dict(size=3, alpha=0.5, beta=0.75, k=1.5)), ((1, 4, 6), dict(size=4, alpha=2.0, beta=1.25, k=2.0)),
                               ((2, 3, 2, 2), dict(size=7, alpha=0.1, beta=0.5, k=1.0))]):
    module(f"local_response_norm_{i}", "nn.LocalResponseNorm", nn.LocalResponseNorm(**args), {"x": randn(*x)}, **args)
module("softmin", "nn.Softmin", nn.Softmin(1), {"x": randn(2, 3, 4)}, dim=1)
module("softmax2d", "nn.Softmax2d", nn.Softmax2d(), {"x": randn(2, 3, 2, 2)})
module("cosine_similarity", "nn.CosineSimilarity", nn.CosineSimilarity(), {"a": randn(3, 4, 2), "b": randn(3, 4, 2)})
module("pairwise_distance", "nn.PairwiseDistance", nn.PairwiseDistance(), {"a": randn(3, 4), "b": randn(3, 4)})
for i, (x, args) in enumerate([((2, 3, 5, 6), dict(kernel_size=2)), ((1, 2, 6, 7), dict(kernel_size=3, dilation=2, padding=2, stride=3)), ((2, 1, 4, 4), dict(kernel_size=2, stride=2))]):
    module(f"unfold_{i}", "nn.Unfold", nn.Unfold(**args), {"x": randn(*x)}, **args)
    columns = F.unfold(randn(*x), **args)
    module(f"fold_{i}", "nn.Fold", nn.Fold(x[2:], **args), {"x": randn(*columns.shape)}, output_size=list(x[2:]), **args)
module("bilinear", "nn.Bilinear", nn.Bilinear(3, 4, 5), {"a": randn(2, 6, 3), "b": randn(2, 6, 4)}, in1_features=3, in2_features=4, out_features=5)
module("bilinear_single", "nn.Bilinear", nn.Bilinear(3, 4, 1), {"a": randn(3), "b": randn(4)}, in1_features=3, in2_features=4, out_features=1)
module("instance_norm1d", "nn.InstanceNorm1d", nn.InstanceNorm1d(3), {"x": randn(2, 3, 6)}, num_features=3)
reference.write()
