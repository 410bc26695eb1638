"""Writes extremes.txt.gz beside it: PyTorch's float32 values and gradients over a grid of extreme inputs, and its float64 ones.

    python generate.py          # torch 2.13.0+cpu

A line is `case inputs ; float32 results ; float64 results rounded to float32`, each number the bits of a float32 in
hexadecimal; the third part is left out where it is the second. Results are the value or values, then the gradients of
the inputs. The inputs of a case whose name begins with `dy:` are x and dy; elsewhere the gradient of the first value is
1, that of others 0. Where PyTorch's formula cancels in float64 too, the third part is from another one.
"""
import gzip
import pathlib
import struct

import torch
import torch.nn.functional as F

LINES = []
INF, NAN = float("inf"), float("nan")
MAGNITUDES = [
    0.0, 1e-45, 1e-40, 1.2e-38, 1e-38, 1e-30, 1e-19, 1e-8, 3e-4, 0.3, 0.5, 1.0, 3.0, 5.5, 9.0, 10.0, 13.0, 15.0, 16.7, 19.99,
    20.01, 25.0, 41.0, 86.0, 87.4, 88.0, 88.6, 88.8, 90.0, 103.9, 104.1, 150.0, 1e4, 3e9, 1e19, 1e30, 1e38, 3.4e38, INF,
]
ALONE = [s * m for m in MAGNITUDES for s in (1.0, -1.0)] + [NAN]
PAIRED = [
    0.0, -0.0, 1e-45, -1e-40, 1e-38, 1e-30, -1e-8, 0.3, 1.0, -1.0, 15.0, -15.0, 41.0, -88.0, 104.0, -104.0, 1e19, -1e30, 1e38,
    -3.4e38, INF, -INF, NAN,
]
LOGITS = [0.0, -0.0, 1e-40, 1e-8, -0.3, 1.0, 5.0, -5.0, 15.0, -15.0, 19.5, 25.0, -25.0, -80.0, 88.0, -88.0, 104.0, -104.0, 1e4,
          -1e19, 1e38, -3.4e38, INF, -INF, NAN]
TARGETS = [0.0, 1.0, 0.5, 1e-8, 0.9999999]
NUMBERS = [41.0, 3.0, -1.7, 1.0, -0.0, 1e-40, 1e-38, 1e38, 3e38, INF]


def f32(v):
    return torch.tensor(v, dtype=torch.float32)


def bits(t):
    values = t.detach().to(torch.float32).reshape(-1).tolist()
    return [struct.pack(">f", v).hex() for v in values]


def results(f, rows, dtype, given_dy):
    """Values and gradients of every row, in columns."""
    x = rows.to(dtype)
    columns = [x[:, i].clone().requires_grad_(True) for i in range(x.shape[1] - given_dy)]
    y = f(*columns)
    outputs = list(y) if isinstance(y, tuple) else [y]
    dy = x[:, -1] if given_dy else torch.ones_like(x[:, 0])
    gradients = torch.autograd.grad(outputs[0], columns, dy, allow_unused=True)
    return outputs + [g for g in gradients if g is not None]


def case(name, rows, f, given_dy=False, exact=None):
    rows = f32(rows)
    single = [bits(c) for c in results(f, rows, torch.float32, given_dy)]
    double = [bits(c) for c in results(exact or f, rows, torch.float64, given_dy)]
    for i, row in enumerate(rows):
        a = [c[i] for c in single]
        b = [c[i] for c in double]
        name_of = f"dy:{name}" if given_dy else name
        LINES.append(" ".join([name_of, *bits(row), ";", *a, *([] if a == b else [";"] + b)]))


def alone(name, f, exact=None):
    case(name, [[x, dy] for x in ALONE for dy in (1.0, 1e-30, -1e30)], f, True, exact)


def paired(name, f, xs=PAIRED, ys=PAIRED, exact=None):
    case(name, [[x, y] for x in xs for y in ys], f, exact=exact)


def gelu(x):
    """Without the cancellation of 1 + erf, which spoils float64 too."""
    return x * 0.5 * torch.special.erfc(-x * 0.5**0.5)


def gelu_tanh(x):
    """Without the cancellation of 1 + tanh, and infinities where it is flat."""
    near = torch.where(x < -30, x * 0 - 30, torch.where(x > 30, x * 0 + 30, x))
    near = torch.where(x.abs() == INF, torch.sign(x) * 30, near)
    return x * torch.sigmoid(2 * (2 / torch.pi) ** 0.5 * (near + 0.044715 * near**3))


def softsign(x):
    """Whose gradient is no difference of what is nearly equal."""
    near = x.clamp(-1, 1)
    return torch.where(x.abs() > 1, torch.sign(x) * (1 - 1 / (1 + x.abs())), near / (1 + near.abs()))


def mish(x):
    """Without the cancellation of 1 - tanh^2: tanh(ln(1 + e^x)) = n / (n + 2), n = e^2x + 2 e^x."""
    e = torch.exp(x.clamp(max=300))
    n = e * (e + 2)
    return x * (n / (n + 2))


def binary_cross_entropy(x, t):
    """As PyTorch's, of terms that are all positive."""
    distance = torch.where(x > 0, 1 - t, t)
    return torch.where(x > 0, x, -x) * distance + torch.log1p(torch.exp(-torch.where(x > 0, x, -x)))


def tanhshrink(x):
    """By its series, where x - tanh x cancels."""
    z = x * x
    series = x * z * (1 / 3 - z * (2 / 15 - z * (17 / 315 - z * (62 / 2835 - z * 1382 / 155925))))
    return torch.where(x.abs() < 0.05, series, x - torch.tanh(x))


def row(f):
    def of(*columns):
        return tuple(f(torch.stack(columns, 1)).unbind(1))
    return of


alone("exp", torch.exp)
alone("log", torch.log)
alone("sqrt", torch.sqrt)
alone("rsqrt", torch.rsqrt)
alone("neg", torch.neg)
alone("relu", F.relu)
alone("leakyRelu", lambda x: F.leaky_relu(x, 0.2))
alone("elu", lambda x: F.elu(x, 1.5))
alone("sigmoid", torch.sigmoid)
alone("tanh", torch.tanh)
alone("gelu", F.gelu, gelu)
alone("silu", F.silu)
alone("softplus", F.softplus)
alone("abs", torch.abs)
alone("sign", torch.sign)
alone("square", torch.square)
alone("reciprocal", torch.reciprocal)
alone("expm1", torch.expm1)
alone("log1p", torch.log1p)
alone("clamp", lambda x: x.clamp(-0.3, 13))
alone("hardsigmoid", F.hardsigmoid)
alone("softsign", F.softsign, softsign)
alone("logSigmoid", F.logsigmoid)
alone("mish", F.mish, mish)
alone("geluTanh", lambda x: F.gelu(x, approximate="tanh"), gelu_tanh)
alone("celu", lambda x: F.celu(x, 1.5))
alone("selu", F.selu)
alone("hardshrink", lambda x: F.hardshrink(x, 0.5))
alone("softshrink", lambda x: F.softshrink(x, 0.5))
alone("tanhshrink", F.tanhshrink, tanhshrink)
alone("threshold", lambda x: F.threshold(x, 0.3, -2.0))
alone("hardtanh", lambda x: F.hardtanh(x, -0.3, 13.0))
PROBABILITIES = [0.0, 1e-45, 1e-30, 1e-13, 1e-8, 0.3, 0.5, 0.9999, 0.99999994, 1.0]
for name in ["sin", "cos", "floor", "ceil", "round", "trunc"]:
    alone(name, getattr(torch, name))
paired("pow", torch.pow)
paired("prelu", lambda x, w: F.prelu(x.unsqueeze(0), w).squeeze(0))
paired("binaryCrossEntropy", lambda p, t: F.binary_cross_entropy(p, t, reduction="none"), PROBABILITIES, PROBABILITIES)
paired("klDivLoss", lambda x, t: F.kl_div(x, t, reduction="none"), [-1e30, -104.0, -15.0, -1.0, -1e-8, 0.0, -INF], PROBABILITIES)
case("norm", [[a, b, c] for a in PAIRED for b in (0.0, 1.0, -1e-30, 1e-45, 1e19) for c in (0.0, 3.0)],
     lambda *columns: torch.linalg.vector_norm(torch.stack(columns, 1), dim=1))
case("softmin", [[a, b, c] for a in LOGITS for b in (0.0, 5.0, -88.0) for c in (0.0, INF, 1e4)], row(lambda x: F.softmin(x, 1)))
for c in NUMBERS:
    for name, f in (("add", torch.add), ("sub", torch.sub), ("mul", torch.mul), ("div", torch.div)):
        case(f"{name}:{c}", [[x, 1.0] for x in PAIRED + [41.0, 123.0, 3e38, 7e-39]], lambda x: f(x, c), True)
paired("add", torch.add)
paired("sub", torch.sub)
paired("mul", torch.mul)
paired("div", torch.div)
paired("maximum", torch.maximum)
paired("minimum", torch.minimum)
paired("l1Loss", lambda x, t: F.l1_loss(x, t, reduction="none"))
paired("smoothL1Loss", lambda x, t: F.smooth_l1_loss(x, t, reduction="none", beta=0.4))
paired("huberLoss", lambda x, t: F.huber_loss(x, t, reduction="none", delta=0.4))
paired("mseLoss", lambda x, t: F.mse_loss(x, t, reduction="none"))
paired("binaryCrossEntropyWithLogits", lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"), LOGITS, TARGETS,
       binary_cross_entropy)
paired("softmax", row(lambda x: x.softmax(1)), LOGITS, LOGITS[::2])
paired("logSoftmax", row(lambda x: x.log_softmax(1)), LOGITS, LOGITS[::2])
paired("logSumExp", lambda a, b: torch.stack([a, b], 1).logsumexp(1), LOGITS, LOGITS)
paired("glu", lambda a, b: F.glu(torch.stack([a, b], 1), 1)[:, 0])
case("std", [[a, b, 1.0, -2.0] for a in (0.0, 0.3, -15.0, 1e4, 3e9, -1e-30) for b in (0.3, 15.0, 1e4)],
     lambda *a: torch.stack(a, 1).std(1))
zeros = lambda x: torch.zeros(len(x), dtype=torch.int64)
paired("crossEntropy", lambda a, b: F.cross_entropy(torch.stack([a, b], 1), zeros(a), reduction="none"), LOGITS, LOGITS)
paired("crossEntropy:0.1", lambda a, b: F.cross_entropy(torch.stack([a, b], 1), zeros(a), reduction="none", label_smoothing=0.1),
       LOGITS, LOGITS)
paired("sum", lambda a, b: torch.stack([a, b], 1).sum(1))
paired("mean", lambda a, b: torch.stack([a, b], 1).mean(1))
case("meanOfSeven", [[43.5, x, x, 3.0, x, 1.0, 7e-39] for x in PAIRED], lambda *a: torch.stack(a, 1).mean(1))
paired("avgPool2d", lambda a, b: F.avg_pool2d(torch.stack([a, b], 1)[:, None, None], (1, 2))[:, 0, 0, 0])
case("avgPool2dOfFive", [[41.0, x, 3.0, 1e-38, x] for x in PAIRED],
     lambda *a: F.avg_pool2d(torch.stack(a, 1)[:, None, None], (1, 5))[:, 0, 0, 0])
case("layerNorm", [[a, b, 1.0, -2.0] for a in PAIRED for b in (0.3, 15.0, 1e19)], row(lambda x: F.layer_norm(x, [4])))
case("rmsNorm", [[a, b, 1.0, -2.0] for a in PAIRED for b in (0.3, 15.0, 1e19)], row(lambda x: F.rms_norm(x, [4], eps=1e-5)))
pathlib.Path(__file__).with_name("extremes.txt.gz").write_bytes(gzip.compress(("\n".join(LINES) + "\n").encode(), 9, mtime=0))
print(len(LINES), "lines")
