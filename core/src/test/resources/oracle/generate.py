"""Writes the small directory of reference results that stands beside this script.

Same format as the large one (shared/oracle, described in its README), other shapes and attributes: PyTorch in
float64 arithmetic, rounded to float32. Run with torch 2.13 and numpy; needs nothing else.
"""
import pathlib

import torch
import torch.nn.functional as F

import reference
from reference import case, rounded, save

HERE = pathlib.Path(__file__).parent
reference.into(HERE)
torch.manual_seed(20)


def conv(name, x, w, bias=True, stride=1, padding=0, dilation=1, groups=1, grads=None):
    inputs = {"x": torch.randn(*x), "weight": torch.randn(*w)} | ({"bias": torch.randn(w[0])} if bias else {})
    case(name, "conv2d", lambda x, weight, bias=None: F.conv2d(x, weight, bias, stride, padding, dilation, groups),
         inputs, grads, stride=stride, padding=padding, dilation=dilation, groups=groups)


conv("conv2d_tuples", (2, 3, 7, 9), (4, 3, 3, 2), stride=[2, 1], padding=[0, 2], dilation=[1, 3])
conv("conv2d_no_bias", (1, 4, 5, 5), (6, 2, 1, 1), bias=False, groups=2)
conv("conv2d_weight_only", (2, 1, 6, 6), (3, 1, 5, 5), stride=3, padding=2, grads=["weight"])
conv("conv2d_forward", (2, 2, 4, 4), (1, 2, 4, 4), grads=[])
for i, (kernel, stride, padding) in enumerate([([3, 2], [1, 2], [1, 0]), (2, 1, 1), (3, 3, 0)]):
    x = {"x": torch.randn(2, 3, 7, 8)}
    case(f"max_pool2d_{i}", "max_pool2d", lambda x: F.max_pool2d(x, kernel, stride, padding), x,
         kernel=kernel, stride=stride, padding=padding)
    case(f"avg_pool2d_{i}", "avg_pool2d", lambda x: F.avg_pool2d(x, kernel, stride, padding, count_include_pad=i == 1),
         x, kernel=kernel, stride=stride, padding=padding, count_include_pad=i == 1)
case("linear_vector", "linear", F.linear, {"x": torch.randn(5), "weight": torch.randn(3, 5), "bias": torch.randn(3)})
case("linear_no_bias", "linear", F.linear, {"x": torch.randn(2, 3, 4, 5), "weight": torch.randn(7, 5)})
for i, (a, b) in enumerate([((5,), (5,)), ((5,), (5, 3)), ((2, 4, 5), (5,)), ((2, 1, 3, 4), (5, 4, 2)), ((3, 4), (2, 4, 1))]):
    case(f"matmul_{i}", "matmul", torch.matmul, {"a": torch.randn(*a), "b": torch.randn(*b)})
case("leaky_relu_slope", "leaky_relu", lambda x: F.leaky_relu(x, 0.3), {"x": torch.randn(4, 5)}, negative_slope=0.3)
case("elu_alpha", "elu", lambda x: F.elu(x, 1.7), {"x": torch.randn(4, 5)}, alpha=1.7)
case("softplus_beta", "softplus", lambda x: F.softplus(x, 2.0), {"x": 3 * torch.randn(40)}, beta=2.0, threshold=20.0)
for op in ["relu", "sigmoid", "tanh", "gelu", "silu", "softplus", "exp"]:
    f = getattr(F, op, None) or getattr(torch, op)
    case(f"{op}_scalar", op, f, {"x": torch.randn(())})
    case(f"{op}_wide", op, f, {"x": (10 if op != "exp" else 3) * torch.randn(2, 1, 33)})
for op in ["log", "sqrt", "rsqrt"]:
    case(f"{op}_wide", op, getattr(torch, op), {"x": 10 * torch.rand(207) + 0.01})
for op in ["add", "sub", "mul", "div"]:
    f = getattr(torch, op)
    case(f"{op}_stretched", op, f, {"a": torch.randn(2, 1, 3, 1), "b": torch.rand(5, 1, 4) + 0.5})
    case(f"{op}_scalar", op, f, {"a": torch.randn(()), "b": torch.rand(2, 3) + 0.5})
for op in ["sum", "mean"]:
    case(f"{op}_int", op, lambda x: getattr(torch, op)(x, dim=2, keepdim=True), {"x": torch.randn(2, 3, 4)}, dim=2, keepdim=True)
    case(f"{op}_apart", op, lambda x: getattr(torch, op)(x, dim=[0, -2]), {"x": torch.randn(2, 3, 4, 5)}, dim=[0, -2], keepdim=False)
for dim, keep in [(0, True), (-1, False), (2, True)]:
    case(f"max_{dim}_{keep}", "max", lambda x: torch.max(x, dim=dim, keepdim=keep)[0], {"x": torch.randn(3, 4, 5)}, dim=dim, keepdim=keep)
for op in ["softmax", "log_softmax"]:
    for dim in [0, 2, -3]:
        case(f"{op}_{dim}", op, lambda x: getattr(F, op)(x, dim=dim), {"x": 4 * torch.randn(3, 4, 5, 2)}, dim=dim)
table = {"logits": 3 * torch.randn(6, 5), "target": torch.tensor([0, 4, 2, 3, 3, 1])}
case("cross_entropy_smooth_sum", "cross_entropy", lambda logits, target: F.cross_entropy(logits, target, reduction="sum", label_smoothing=0.3),
     table, reduction="sum", label_smoothing=0.3)
case("cross_entropy_ignore_3", "cross_entropy",
     lambda logits, target: F.cross_entropy(logits, target, reduction="mean", ignore_index=3, label_smoothing=0.2),
     table, reduction="mean", ignore_index=3, label_smoothing=0.2)
case("cross_entropy_pictures", "cross_entropy", lambda logits, target: F.cross_entropy(logits, target, reduction="none"),
     {"logits": torch.randn(2, 4, 3, 5), "target": torch.randint(0, 4, (2, 3, 5))}, reduction="none")
case("cross_entropy_one", "cross_entropy", F.cross_entropy, {"logits": torch.randn(7), "target": torch.tensor(2)})
for r in ["mean", "sum", "none"]:
    case(f"mse_{r}", "mse_loss", lambda x, target: F.mse_loss(x, target, reduction=r),
         {"x": torch.randn(3, 2, 4), "target": torch.randn(3, 2, 4)}, reduction=r)
    case(f"bce_{r}", "binary_cross_entropy_with_logits",
         lambda x, target: F.binary_cross_entropy_with_logits(x, target, reduction=r),
         {"x": 5 * torch.randn(3, 7), "target": torch.rand(3, 7)}, reduction=r)
weights = {"weight": torch.randn(4), "bias": torch.randn(4)}
case("batch_norm_table", "batch_norm", lambda x, weight, bias: F.batch_norm(x, None, None, weight, bias, True, 0.1, 1e-3),
     {"x": torch.randn(7, 4)} | weights, training=True, eps=1e-3)
case("batch_norm_bare", "batch_norm", lambda x: F.batch_norm(x, None, None, None, None, True, 0.1, 1e-5),
     {"x": torch.randn(2, 4, 3, 5)}, training=True, eps=1e-5)
mean, var = [0.5, -0.25, 0.0, 1.0], [0.5, 1.5, 2.0, 0.25]
case("batch_norm_eval_rows", "batch_norm",
     lambda x, weight, bias: F.batch_norm(x, torch.tensor(mean), torch.tensor(var), weight, bias, False, 0.3, 1e-4),
     {"x": torch.randn(2, 4, 9)} | weights, training=False, momentum=0.3, eps=1e-4, running_mean=mean, running_var=var)
case("layer_norm_two", "layer_norm", lambda x, weight, bias: F.layer_norm(x, (3, 5), weight, bias, 1e-4),
     {"x": torch.randn(2, 3, 5), "weight": torch.randn(3, 5), "bias": torch.randn(3, 5)}, normalized_shape=[3, 5], eps=1e-4)
case("layer_norm_bare", "layer_norm", lambda x: F.layer_norm(x, (17,)), {"x": torch.randn(4, 17)}, normalized_shape=[17])
case("permute_four", "permute", lambda x: x.permute(3, -4, 2, 1), {"x": torch.randn(2, 3, 4, 5)}, dims=[3, -4, 2, 1])
for dim, s in [(0, [(1, 2, 3), (4, 2, 3), (2, 2, 3)]), (-1, [(2, 3, 1), (2, 3, 5), (2, 3, 2)]), (1, [(2, 1), (2, 3), (2, 33)])]:
    case(f"cat_{dim}", "cat", lambda a, b, c: torch.cat([a, b, c], dim), dict(zip("abc", (torch.randn(*t) for t in s))), dim=dim)
for dim, start, length in [(0, 1, 3), (-1, 0, 4), (2, 3, 1)]:
    case(f"narrow_{dim}", "narrow", lambda x: x.narrow(dim, start, length), {"x": torch.randn(5, 3, 4)}, dim=dim, start=start, length=length)
reference.write()

OPTIMIZERS = [
    ("SGD", dict(lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.02)),
    ("SGD", dict(lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.1)),
    ("SGD", dict(lr=0.3, weight_decay=0.1)),
    ("Adam", dict(lr=0.1, betas=[0.5, 0.9], eps=1e-3)),
    ("Adam", dict(lr=0.01, weight_decay=0.3)),
    ("AdamW", dict(lr=0.02)),
    ("AdamW", dict(lr=0.05, betas=[0.7, 0.95], weight_decay=0.5, eps=1e-4)),
    ("RMSprop", dict(lr=0.02)),
    ("RMSprop", dict(lr=0.02, alpha=0.8, eps=1e-3, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.01, alpha=0.9, momentum=0.9)),
]
reference.optimizers(OPTIMIZERS)


class LeNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(4, 5, 3, padding=1)
        self.conv3 = torch.nn.Conv2d(5, 6, 3, padding=1)
        self.fc1 = torch.nn.Linear(6, 12)
        self.fc2 = torch.nn.Linear(12, 10)

    def forward(self, x):
        for layer in (self.conv1, self.conv2, self.conv3):
            x = F.max_pool2d(F.relu(layer(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


net = LeNet()
with torch.no_grad():
    for p in net.parameters():
        p.copy_(rounded(p))
images = torch.randint(0, 256, (200, 3, 8, 8), dtype=torch.uint8)
labels = torch.randint(0, 10, (200,))
tensors = {"init." + k: v.detach().float().clone() for k, v in net.state_dict().items()}
tensors |= {"images": images, "labels": labels}
optimizer = torch.optim.Adam(net.parameters(), 1e-3)
losses = []
for step in range(8):
    at = step * 100 % 200
    logits = net((images[at:at + 100].double() / 255 - 0.5) / 0.5)
    loss = F.cross_entropy(logits, labels[at:at + 100])
    optimizer.zero_grad()
    loss.backward()
    if step == 0:
        tensors["init_logits"] = logits.detach().float()
        tensors |= {"grad0." + k: p.grad.float().clone() for k, p in net.named_parameters()}
    optimizer.step()
    losses.append(loss.item())
tensors["losses"] = torch.tensor(losses).float()
tensors |= {"final." + k: v.detach().float() for k, v in net.state_dict().items()}
save("lenet.safetensors", tensors)
