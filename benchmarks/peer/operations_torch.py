"""The speed of single operations in PyTorch, as one JSON line: what io.github.cortado.benchmarks.OperationThroughput is
compared with.

Every operation has the name that Operations gives it, and the same shapes: milliseconds of a call forward, without
recording, and of the gradients by all inputs, each the median of batches of calls.
"""
import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser(description="PyTorch's operations, forward and gradients by all inputs")
parser.add_argument("--threads", type=int, default=torch.get_num_threads())
parser.add_argument("--sizes", default="small,large")
parser.add_argument("--only", default="", help="part of a name")
parser.add_argument("--warmup", type=int, default=200, help="milliseconds of each direction before it is timed")
parser.add_argument("--millis", type=int, default=200, help="milliseconds for which each is timed")
o = parser.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)
BATCH = 5  # milliseconds that a batch of calls takes at least
LEAST_BATCHES = 3
C = 1024


class Input:
    def __init__(self, *shape, low=-2, high=2, leaf=True, dtype=torch.float32):
        self.shape, self.low, self.high, self.dtype = shape, low, high, dtype
        self.leaf = leaf and dtype.is_floating_point

    def random(self):
        x = torch.empty(*self.shape).uniform_(self.low, self.high).to(self.dtype)
        return x.requires_grad_(self.leaf)


def operations(n):
    """Name, inputs, call, and whether there are gradients; a call takes its inputs."""
    ops = []

    def add(name, f, *inputs):
        ops.append((name, inputs, lambda t: lambda: f(*t), True))

    def forward(name, f, *inputs):
        ops.append((name, inputs, lambda t: lambda: f(*t), False))

    def in_place(name, f, x):
        def prepare(t):
            y = t[0].detach().clone()
            source = t[0].detach()
            return lambda: f(y, source)
        ops.append((name, [x], prepare, False))

    def update(name, maker):
        def prepare(t):
            w = t[0].detach().clone().requires_grad_(True)
            optimizer = maker([w])
            w.grad = t[1]
            return lambda: optimizer.step()
        ops.append((name, [Input(C, C), Input(C, C, leaf=False)], prepare, False))

    x = Input(n, C)
    positive = Input(n, C, low=0.5)
    maps = Input(n // 16, 16, 32, 32)
    for name, f in [
        ("add", lambda a, b: a + b),
        ("sub", lambda a, b: a - b),
        ("mul", lambda a, b: a * b),
        ("div", lambda a, b: a / b),
    ]:
        add(name + " same", f, x, positive)
        add(name + " row", f, x, Input(C, low=0.5))
        add(name + " column", f, x, Input(n, 1, low=0.5))
        add(name + " number", lambda a, f=f: f(a, 1.5), x)
    add("maximum", torch.maximum, x, positive)
    add("minimum", torch.minimum, x, positive)
    add("neg", torch.neg, x)
    add("abs", torch.abs, x)
    add("sign", torch.sign, x)
    add("square", torch.square, x)
    add("reciprocal", torch.reciprocal, positive)
    add("clamp", lambda a: a.clamp(-1, 1), x)
    add("expm1", torch.expm1, x)
    add("log1p", torch.log1p, positive)
    add("exp", torch.exp, x)
    add("log", torch.log, positive)
    add("sqrt", torch.sqrt, positive)
    add("rsqrt", torch.rsqrt, positive)

    add("relu", F.relu, x)
    add("leakyRelu", lambda a: F.leaky_relu(a, 0.01), x)
    add("elu", F.elu, x)
    add("sigmoid", torch.sigmoid, x)
    add("tanh", torch.tanh, x)
    add("gelu", F.gelu, x)
    add("silu", F.silu, x)
    add("relu6", F.relu6, x)
    add("hardswish", F.hardswish, x)
    add("softplus", F.softplus, x)
    add("geluTanh", lambda a: F.gelu(a, approximate="tanh"), x)
    add("hardsigmoid", F.hardsigmoid, x)
    add("softsign", F.softsign, x)
    add("logSigmoid", F.logsigmoid, x)
    add("mish", F.mish, x)
    add("softmax of rows", lambda a: F.softmax(a, 1), x)
    add("softmax of columns", lambda a: F.softmax(a, 0), x)
    add("logSoftmax of rows", lambda a: F.log_softmax(a, 1), x)
    add("logSoftmax of columns", lambda a: F.log_softmax(a, 0), x)
    add("logSumExp of rows", lambda a: a.logsumexp(1), x)
    add("glu", lambda a: F.glu(a, 1), x)
    add("dropout", lambda a: F.dropout(a, 0.5, True), x)

    add("sum", torch.sum, x)
    add("sum of rows", lambda a: a.sum(1), x)
    add("sum of columns", lambda a: a.sum(0), x)
    add("mean", torch.mean, x)
    add("mean of rows", lambda a: a.mean(1), x)
    add("mean of columns", lambda a: a.mean(0), x)
    add("var of rows", lambda a: a.var(1), x)
    add("std of columns", lambda a: a.std(0), x)
    add("max of rows", lambda a: a.max(1).values, x)
    add("max of columns", lambda a: a.max(0).values, x)
    forward("argmax of rows", lambda a: a.argmax(1), x)
    forward("argmax of columns", lambda a: a.argmax(0), x)

    # Cortado's are copies, so PyTorch's are made such.
    add("transpose", lambda a: a.transpose(0, 1).contiguous(), x)
    add("permute heads", lambda a: a.permute(0, 2, 1, 3).contiguous(), Input(n // 32, 32, 16, 64))
    add("narrow rows", lambda a: a.narrow(0, n // 4, n // 2), x)
    add("narrow columns", lambda a: a.narrow(1, C // 4, C // 2).contiguous(), x)
    add("expand row", lambda a: a.expand(n, C).contiguous(), Input(C))
    add("expand column", lambda a: a.expand(n, C).contiguous(), Input(n, 1))
    add("cat rows", lambda a, b: torch.cat([a, b], 0), Input(n // 2, C), Input(n // 2, C))
    add("cat columns", lambda a, b: torch.cat([a, b], 1), Input(n, C // 2), Input(n, C // 2))
    add("stack", lambda a, b: torch.stack([a, b], 1), Input(n, C // 2), Input(n, C // 2))
    # All parts are there for themselves, as ours are.
    add("split columns", lambda a: [part.contiguous() for part in a.split(C // 2, 1)][1], x)
    add("chunk columns", lambda a: [part.contiguous() for part in a.chunk(4, 1)][1], x)
    forward("copy", lambda a: a.clone(), x)
    in_place("copyFrom", lambda y, a: y.copy_(a), x)
    in_place("fill", lambda y, a: y.fill_(0.5), x)
    in_place("increment", lambda y, a: y.add_(1), Input(n, C, dtype=torch.int64))

    forward("float32 to int64", lambda a: a.to(torch.int64), x)
    forward("float32 to uint8", lambda a: a.to(torch.uint8), Input(n, C, low=0, high=256))
    forward("int64 to float32", lambda a: a.to(torch.float32), Input(n, C, dtype=torch.int64))
    forward("uint8 to float32", lambda a: a.to(torch.float32), Input(n, C, low=0, high=256, dtype=torch.uint8))

    outputs = C if n == 128 else 256
    heads = 32 if n == 128 else 256
    add("matmul", torch.matmul, x, Input(C, outputs))
    add("matmul batched", torch.matmul, Input(heads, 256, 64), Input(heads, 64, 256))
    add("linear", F.linear, x, Input(outputs, C), Input(outputs))
    add("linearRelu", lambda a, w, b: F.relu(F.linear(a, w, b)), x, Input(outputs, C), Input(outputs))

    w = Input(16, 16, 3, 3)
    b = Input(16)
    add("conv2d", lambda a, w, b: F.conv2d(a, w, b, padding=1), maps, w, b)
    add("conv2dRelu", lambda a, w, b: F.relu(F.conv2d(a, w, b, padding=1)), maps, w, b)
    add("conv2dReluMaxPool2d", lambda a, w, b: F.max_pool2d(F.relu(F.conv2d(a, w, b, padding=1)), 2), maps, w, b)
    add("reluMaxPool2d", lambda a: F.max_pool2d(F.relu(a), 2), maps)
    add("maxPool2d", lambda a: F.max_pool2d(a, 2), maps)
    add("maxPool2d overlapping", lambda a: F.max_pool2d(a, 3, 2, 1), maps)
    add("avgPool2d", lambda a: F.avg_pool2d(a, 2), maps)
    add("avgPool2d overlapping", lambda a: F.avg_pool2d(a, 3, 2, 1), maps)
    add("avgPool2d global", lambda a: F.avg_pool2d(a, 32), maps)

    statistics_of_16 = (Input(16, leaf=False), Input(16, low=0.5, leaf=False))
    for name, training in [("batchNorm training", True), ("batchNorm evaluation", False)]:
        add(name, lambda a, w, b, mean, var, training=training:
            F.batch_norm(a, mean, var, w, b, training, 0.1, 1e-5), maps, b, b, *statistics_of_16)
    add("layerNorm", lambda a, w, b: F.layer_norm(a, (C,), w, b, 1e-5), x, Input(C), Input(C))

    classes = Input(n, low=0, high=C, dtype=torch.int64)
    pixels = Input(n // 16, 32, 32, low=0, high=16, dtype=torch.int64)
    totals = torch.zeros(3, dtype=torch.float64)

    def tallied(a, target):
        loss = F.cross_entropy(a, target)
        with torch.no_grad():
            totals[0] += loss.detach() * n
            totals[1] += (a.argmax(1) == target).sum()
            totals[2] += n
        return loss

    add("crossEntropy", F.cross_entropy, x, classes)
    add("crossEntropy smoothed", lambda a, t: F.cross_entropy(a, t, label_smoothing=0.1), x, classes)
    add("crossEntropy tallied", tallied, x, classes)
    add("crossEntropy of pixels", F.cross_entropy, maps, pixels)
    add("l1Loss", F.l1_loss, x, Input(n, C, leaf=False))
    add("smoothL1Loss", F.smooth_l1_loss, x, Input(n, C, leaf=False))
    add("huberLoss", F.huber_loss, x, Input(n, C, leaf=False))
    add("mseLoss", F.mse_loss, x, Input(n, C, leaf=False))
    add("binaryCrossEntropyWithLogits", F.binary_cross_entropy_with_logits, x, Input(n, C, low=0, high=1, leaf=False))

    maps_of_16 = Input(n // 16, 16, 16, 16)
    lines = Input(n // 16, 16, C)
    add("prelu", F.prelu, x, Input(1))
    add("hardtanh", F.hardtanh, x)
    add("celu", F.celu, x)
    add("selu", F.selu, x)
    add("hardshrink", F.hardshrink, x)
    add("softshrink", F.softshrink, x)
    add("tanhshrink", F.tanhshrink, x)
    add("threshold", lambda a: F.threshold(a, 0.1, 0.5), x)
    add("softmin of rows", lambda a: F.softmin(a, 1), x)
    add("pairwiseDistance", F.pairwise_distance, x, x)
    add("normalize", lambda a: F.normalize(a, dim=1), x)
    add("cosineSimilarity", F.cosine_similarity, x, x)
    add("norm", torch.linalg.vector_norm, x)
    add("norm of rows", lambda a: torch.linalg.vector_norm(a, dim=1), x)
    add("min of rows", lambda a: a.min(1).values, x)
    forward("argmin of rows", lambda a: a.argmin(1), x)
    add("rmsNorm", lambda a, w: F.rms_norm(a, (C,), w, 1e-5), x, Input(C))
    add("groupNorm", lambda a, w, b: F.group_norm(a, 4, w, b), maps, Input(16), Input(16))
    add("instanceNorm", F.instance_norm, maps)

    rows = Input(n, low=0, high=n, dtype=torch.int64)
    words = Input(n // 4, 4, low=0, high=1024, dtype=torch.int64)
    add("indexSelect", lambda a, k: a.index_select(0, k), x, rows)
    add("indexSelect of columns", lambda a, k: a.index_select(1, k), x, Input(C, low=0, high=C, dtype=torch.int64))
    add("embedding", F.embedding, words, Input(1024, C))
    add("embedding with padding", lambda k, w: F.embedding(k, w, padding_idx=0), words, Input(1024, C))
    head = Input(n // 32, 4, 128, 64)
    add("attention", F.scaled_dot_product_attention, head, head, head)
    add("attention, causal", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), head, head, head)
    add("attention with a mask", F.scaled_dot_product_attention, head, head, head, Input(128, 128, leaf=False))

    def self_attention(qkv):
        q, k, v = (x.transpose(1, 2) for x in qkv.view(n // 32, 128, 3, 4, 64).unbind(2))
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n // 32, 128, 256)

    add("self-attention", self_attention, Input(n // 32, 128, 3 * 4 * 64))
    add("flip columns", lambda a: a.flip(1), x)
    add("roll rows", lambda a: a.roll(3, 0), x)
    add("repeat", lambda a: a.repeat(2, 2), Input(n // 2, C // 2))
    add("tril", torch.tril, Input(n // 128, 128, C))
    add("triu", lambda a: a.triu(1), Input(n // 128, 128, C))
    add("pad", lambda a: F.pad(a, (2, 2, 2, 2)), maps)
    add("pad reflected", lambda a: F.pad(a, (2, 2, 2, 2), "reflect"), maps)

    add("convTranspose2d", lambda a, w, b: F.conv_transpose2d(a, w, b, 2), maps_of_16, Input(16, 16, 2, 2), Input(16))
    add("convTranspose2d 3x3", lambda a, w: F.conv_transpose2d(a, w, None, 2, 1, 1), maps_of_16, Input(16, 16, 3, 3))
    add("conv1d", lambda a, w, b: F.conv1d(a, w, b, padding=1), lines, Input(16, 16, 3), Input(16))
    add("maxPool1d", lambda a: F.max_pool1d(a, 2), lines)
    add("avgPool1d", lambda a: F.avg_pool1d(a, 2), lines)
    add("adaptiveAvgPool2d", lambda a: F.adaptive_avg_pool2d(a, 8), maps)
    add("adaptiveAvgPool2d uneven", lambda a: F.adaptive_avg_pool2d(a, 7), maps)
    add("adaptiveAvgPool1d", lambda a: F.adaptive_avg_pool1d(a, 64), lines)
    add("interpolate nearest", lambda a: F.interpolate(a, (64, 64), mode="nearest"), maps)
    add("interpolate bilinear", lambda a: F.interpolate(a, (64, 64), mode="bilinear"), maps)
    add("pixelShuffle", lambda a: F.pixel_shuffle(a, 2), maps)

    add("maxPool1d with holes", lambda a: F.max_pool1d(a, 3, 2, 1, 2, True), lines)
    add("avgPool1d to the end", lambda a: F.avg_pool1d(a, 3, 2, 0, True), lines)
    add("avgPool2d by a divisor", lambda a: F.avg_pool2d(a, 2, divisor_override=3), maps)
    add("adaptiveMaxPool2d", lambda a: F.adaptive_max_pool2d(a, 8), maps)
    add("adaptiveMaxPool2d uneven", lambda a: F.adaptive_max_pool2d(a, 7), maps)
    add("adaptiveMaxPool1d", lambda a: F.adaptive_max_pool1d(a, 64), lines)
    add("convTranspose1d", lambda a, w, b: F.conv_transpose1d(a, w, b, 2), lines, Input(16, 16, 2), Input(16))
    add("embeddingBag", F.embedding_bag, words, Input(1024, C))
    add("embeddingBag with offsets", F.embedding_bag, Input(n, low=0, high=1024, dtype=torch.int64), Input(1024, C),
        Input(n // 4, low=0, high=1, dtype=torch.int64))
    add("bilinear", F.bilinear, Input(n, 64), Input(n, 64), Input(64, 64, 64), Input(64))
    pictures = n // (16 if n == 128 else 128)
    add("unfold", lambda a: F.unfold(a, 3, padding=1), Input(pictures, 16, 32, 32))
    add("fold", lambda a: F.fold(a, 16, 3, padding=1), Input(pictures, 16 * 9, 256))
    add("pixelUnshuffle", lambda a: F.pixel_unshuffle(a, 2), maps)
    add("channelShuffle", lambda a: F.channel_shuffle(a, 4), maps)
    add("localResponseNorm", lambda a: F.local_response_norm(a, 5), maps)

    probabilities, targets = Input(n, C, low=0.01, high=0.99), Input(n, C, low=0.01, high=0.99, leaf=False)
    add("binaryCrossEntropy", F.binary_cross_entropy, probabilities, targets)
    add("klDivLoss", F.kl_div, x, targets)
    add("marginRankingLoss", lambda a, b, y: F.margin_ranking_loss(a, b, y, 0.5), x, x, Input(n, C, leaf=False))
    add("poissonNllLoss", F.poisson_nll_loss, x, targets)
    add("gaussianNllLoss", F.gaussian_nll_loss, x, Input(n, C, leaf=False), probabilities)
    # Signs must be 1 or -1 there.
    add("hingeEmbeddingLoss", lambda a, y: F.hinge_embedding_loss(a, y.sign()), x, Input(n, C, leaf=False))
    add("softMarginLoss", F.soft_margin_loss, x, Input(n, C, leaf=False))
    add("cosineEmbeddingLoss", lambda a, b, y: F.cosine_embedding_loss(a, b, y.sign(), 0.1), x, x, Input(n, leaf=False))
    add("tripletMarginLoss", F.triplet_margin_loss, x, x, x)

    add("sin", torch.sin, x)
    add("cos", torch.cos, x)
    add("floor", torch.floor, x)
    add("ceil", torch.ceil, x)
    add("round", torch.round, x)
    add("trunc", torch.trunc, x)
    add("pow 3", lambda a: a.pow(3), x)
    add("pow 1.7", lambda a: a.pow(1.7), positive)
    add("pow of tensors", torch.pow, positive, x)
    scores = "bqd,bkd->bqk"
    add("einsum", lambda a, b: torch.einsum(scores, a, b), Input(n // 32, 128, 64), Input(n // 32, 128, 64))
    for name, f in [("gt", torch.gt), ("ge", torch.ge), ("lt", torch.lt), ("le", torch.le), ("eq", torch.eq), ("ne", torch.ne)]:
        forward(name, f, x, x)
    for name, f in [("gt 0.5", torch.gt), ("ge 0.5", torch.ge), ("lt 0.5", torch.lt), ("le 0.5", torch.le), ("eq 0.5", torch.eq), ("ne 0.5", torch.ne)]:
        forward(name, lambda a, f=f: f(a, 0.5), x)
    for name, f in [("isNan", torch.isnan), ("isInf", torch.isinf), ("isFinite", torch.isfinite), ("logicalNot", torch.logical_not)]:
        forward(name, f, x)
    forward("any of rows", lambda a: a.any(1), x)
    forward("all of rows", lambda a: a.all(1), x)
    whole = Input(n, C, low=0, high=10, dtype=torch.int64)
    mask = Input(n, C, low=0, high=2, dtype=torch.uint8)
    forward("eq of int64", torch.eq, whole, whole)
    forward("logicalAnd", lambda a, b: torch.logical_and(a.view(torch.bool), b.view(torch.bool)), mask, mask)
    forward("logicalOr", lambda a, b: torch.logical_or(a.view(torch.bool), b.view(torch.bool)), mask, mask)
    forward("logicalXor", lambda a, b: torch.logical_xor(a.view(torch.bool), b.view(torch.bool)), mask, mask)
    add("where", lambda a, b, m: torch.where(m.view(torch.bool), a, b), x, x, mask)
    add("maskedFill", lambda a, m: a.masked_fill(m.view(torch.bool), 0), x, mask)
    add("maskedSelect", lambda a, m: a.masked_select(m.view(torch.bool)), x, mask)
    forward("nonzero", lambda m: m.view(torch.bool).nonzero(), mask)
    picks = Input(n, 64, low=0, high=C, dtype=torch.int64)
    add("gather", lambda a, k: a.gather(1, k), x, picks)
    add("scatterAdd", lambda a, k, s: a.scatter_add(1, k, s), x, picks, Input(n, 64))
    add("scatter", lambda a, k, s: a.scatter(1, k, s), x, picks, Input(n, 64))
    add("sliceScatter", lambda a, s: torch.slice_scatter(a, s, 1, 5, 69), x, Input(n, 64))
    add("ranges", lambda a: a[1:, 5::2].contiguous(), x)
    forward("oneHot", lambda k: F.one_hot(k, C), Input(n, low=0, high=C, dtype=torch.int64))
    add("select column", lambda a: a.select(1, 5).contiguous(), x)
    add("slice columns", lambda a: a[:, ::2].contiguous(), x)
    add("cumsum of rows", lambda a: a.cumsum(1), x)
    add("cumsum of columns", lambda a: a.cumsum(0), x)
    add("sort of rows", lambda a: a.sort(1).values, x)
    forward("argsort of rows", lambda a: a.argsort(1), x)
    add("topk of rows", lambda a: a.topk(10, 1).values, x)
    add("prod of rows", lambda a: a.prod(1), x)
    weights = Input(C, low=0.5, high=2, leaf=False)
    add("nllLoss", F.nll_loss, x, classes, weights)
    add("crossEntropy with weights", F.cross_entropy, x, classes, weights)
    add("multiMarginLoss", F.multi_margin_loss, x, classes)
    add("multilabelMarginLoss", F.multilabel_margin_loss, Input(n, 16), Input(n, 16, low=0, high=16, dtype=torch.int64))
    add("multilabelSoftMarginLoss", F.multilabel_soft_margin_loss, x, targets, weights)
    add("binaryCrossEntropyWithLogits with weights", lambda a, t, w: F.binary_cross_entropy_with_logits(a, t, pos_weight=w), x, targets, weights)
    add("tripletMarginWithDistanceLoss", F.triplet_margin_with_distance_loss, x, x, x)
    add("ctcLoss", lambda a, labels, frames, lengths: F.ctc_loss(a, labels, frames, lengths, zero_infinity=True), Input(50, n // 32, 64),
        Input(n // 32, 10, low=1, high=64, dtype=torch.int64), Input(n // 32, low=40, high=51, dtype=torch.int64),
        Input(n // 32, low=5, high=11, dtype=torch.int64))

    if n == 128:
        update("SGD", lambda p: torch.optim.SGD(p, 1e-6))
        update("SGD with momentum", lambda p: torch.optim.SGD(p, 1e-6, momentum=0.9))
        update("Adam", lambda p: torch.optim.Adam(p, 1e-6))
        update("AdamW", lambda p: torch.optim.AdamW(p, 1e-6))
        update("RMSprop", lambda p: torch.optim.RMSprop(p, 1e-6))
        update("Adagrad", lambda p: torch.optim.Adagrad(p, 1e-6))
        update("Adadelta", lambda p: torch.optim.Adadelta(p, 1e-6))
        update("Adamax", lambda p: torch.optim.Adamax(p, 1e-6))
    return ops


def timed(once):
    """The median and the best milliseconds of a call; a call says itself how long it took."""
    end = time.perf_counter() + o.warmup / 1e3
    calls = 0
    while calls < 3 or time.perf_counter() < end:
        once()
        calls += 1
    batches, fastest = [], math.inf
    end = time.perf_counter() + o.millis / 1e3
    while len(batches) < LEAST_BATCHES or time.perf_counter() < end:
        spent = calls = 0
        while spent < BATCH:
            ms = once()
            fastest = min(fastest, ms)
            spent += ms
            calls += 1
        batches.append(spent / calls)
    return statistics.median(batches), fastest


def forward_time(call):
    start = time.perf_counter()
    with torch.no_grad():
        call()
    return (time.perf_counter() - start) * 1e3


def gradient_time(call, operands, dy):
    y = call()
    start = time.perf_counter()
    y.backward(dy)
    spent = (time.perf_counter() - start) * 1e3
    for t in operands:
        t.grad = None
    return spent


milliseconds, best = {}, {}
for size in o.sizes.split(","):
    named = [(f"{size}: {op[0]}", *op[1:]) for op in operations(128 if size == "small" else 16384)]
    whole = any(op[0] == o.only for op in named)
    for name, inputs, prepare, has_gradient in named:
        if name != o.only if whole else o.only not in name:
            continue
        operands = [i.random() for i in inputs]
        call = prepare(operands)
        key = f"{name}, forward"
        milliseconds[key], best[key] = timed(lambda: forward_time(call))
        if has_gradient:
            dy = torch.empty_like(call(), requires_grad=False).uniform_(-2, 2)
            key = f"{name}, gradients"
            milliseconds[key], best[key] = timed(lambda: gradient_time(call, operands, dy))
print(json.dumps({"torch": torch.__version__, **vars(o), "milliseconds": milliseconds, "best": best}))
