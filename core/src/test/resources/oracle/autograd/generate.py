"""Writes penalty.txt beside this script: PyTorch's gradients through gradients. Run with torch 2.13.

A line is a name, a colon and numbers. The network is small, its weights are waves, everything is float64.
"""
import pathlib

import torch
import torch.nn.functional as F


def waves(*shape, step):
    n = 1
    for d in shape:
        n *= d
    return torch.sin(step * torch.arange(1, n + 1, dtype=torch.float64)).reshape(shape)


def line(name, t):
    return name + ": " + " ".join(repr(v) for v in t.detach().flatten().tolist())


x = waves(4, 3, step=0.7).requires_grad_()
w1 = waves(5, 3, step=1.1).requires_grad_()
b1 = waves(5, step=0.3).requires_grad_()
w2 = waves(2, 5, step=0.9).requires_grad_()
lines = []

# A gradient penalty, as of Wasserstein networks.
for name, f in {"tanh": torch.tanh, "gelu": F.gelu, "softplus": F.softplus, "relu": F.relu, "silu": F.silu, "elu": F.elu}.items():
    y = F.softmax(F.linear(f(F.linear(x, w1, b1)), w2), 1)[:, 0]
    (dx,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    loss = ((dx.norm(dim=1) - 1) ** 2).mean()
    for parameter, d in zip(("x", "w1", "b1", "w2"), torch.autograd.grad(loss, (x, w1, b1, w2))):
        lines.append(line(f"{name} {parameter}", d))

# A product of the Hessian and a vector, and a third derivative.
v = waves(4, 3, step=0.2)
loss = torch.logsumexp((x @ w1.T).exp().log1p().reshape(2, 10), 1).sum()
(dx,) = torch.autograd.grad(loss, x, create_graph=True)
(hv,) = torch.autograd.grad(dx, x, v, create_graph=True)
(third,) = torch.autograd.grad((hv * v).sum(), x)
lines += [line("hessian first", dx), line("hessian product", hv), line("hessian third", third)]
(pathlib.Path(__file__).parent / "penalty.txt").write_text("\n".join(lines) + "\n")
