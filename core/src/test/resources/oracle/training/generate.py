"""Writes the reference results that stand beside this script: optimizers and losses that are in neither shared/oracle nor breadth.

Same format (shared/oracle's README describes it). Run with torch 2.13 and numpy.
"""
import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402
from reference import case  # noqa: E402

reference.into(pathlib.Path(__file__).parent)
torch.manual_seed(25)

reference.optimizers([
    ("SGD", dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.1, maximize=True)), ("SGD", dict(lr=0.05, maximize=True)),
    ("SGD", dict(lr=0.05, momentum=0.8, dampening=0.3, maximize=True)),
    ("Adam", dict(amsgrad=True)), ("Adam", dict(lr=0.05, betas=[0.7, 0.9], eps=1e-4, weight_decay=0.3, amsgrad=True)),
    ("Adam", dict(lr=0.02, weight_decay=0.1, maximize=True)),
    ("AdamW", dict(amsgrad=True)), ("AdamW", dict(lr=0.05, betas=[0.7, 0.9], eps=1e-4, weight_decay=0.3, amsgrad=True, maximize=True)),
    ("NAdam", dict()), ("NAdam", dict(lr=0.05, betas=[0.7, 0.95], eps=1e-4, weight_decay=0.2, momentum_decay=0.05)),
    ("NAdam", dict(lr=0.05, weight_decay=0.2, decoupled_weight_decay=True, maximize=True)),
    ("RAdam", dict()), ("RAdam", dict(lr=0.05, betas=[0.7, 0.95], eps=1e-4, weight_decay=0.2)),
    ("RAdam", dict(lr=0.05, betas=[0.8, 0.5], weight_decay=0.2)),
    ("RAdam", dict(lr=0.05, weight_decay=0.2, decoupled_weight_decay=True, maximize=True)),
    ("RMSprop", dict(centered=True)), ("RMSprop", dict(lr=0.02, alpha=0.8, eps=1e-4, weight_decay=0.1, momentum=0.6, centered=True)),
    ("RMSprop", dict(lr=0.02, momentum=0.6, maximize=True)),
    ("Rprop", dict()), ("Rprop", dict(lr=0.1, etas=[0.4, 1.5], step_sizes=[0.06, 0.3], maximize=True)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.3)), ("Adagrad", dict(lr=0.1, weight_decay=0.1, maximize=True)),
    ("ASGD", dict()), ("ASGD", dict(lr=0.1, lambd=0.3, alpha=0.6, t0=4, weight_decay=0.1, maximize=True)),
    ("Adadelta", dict(lr=0.5, rho=0.7, eps=1e-3, maximize=True)), ("Adamax", dict(lr=0.05, betas=[0.7, 0.9], weight_decay=0.3, maximize=True)),
])


def randn(*shape):
    return torch.randn(*shape)


def index(bound, *shape):
    return torch.randint(0, bound, shape)


def weights(n):
    return torch.rand(n) + 0.2


for r in ("mean", "sum", "none"):
    logs = randn(6, 5).log_softmax(1)
    case(f"nll_{r}", "nll_loss", lambda x, target: F.nll_loss(x, target, reduction=r), {"x": logs, "target": index(5, 6)}, reduction=r)
    case(f"nll_weight_{r}", "nll_loss", lambda x, target, weight: F.nll_loss(x, target, weight, reduction=r, ignore_index=2),
         {"x": logs, "target": torch.tensor([0, 2, 4, 2, 1, 1]), "weight": weights(5)}, grads=["x"], reduction=r, ignore_index=2)
    case(f"nll_pictures_{r}", "nll_loss", lambda x, target, weight: F.nll_loss(x, target, weight, reduction=r),
         {"x": randn(2, 3, 4, 5).log_softmax(1), "target": torch.where(torch.rand(2, 4, 5) < 0.2, -100, index(3, 2, 4, 5)), "weight": weights(3)},
         grads=["x"], reduction=r)
    for s in (0.0, 0.3):
        case(f"cross_entropy_weight_{r}_{s}", "cross_entropy_weight",
             lambda x, target, weight: F.cross_entropy(x, target, weight, reduction=r, label_smoothing=s),
             {"x": 3 * randn(7, 4), "target": torch.tensor([0, 1, -100, 3, 3, -100, 2]), "weight": weights(4)}, grads=["x"], reduction=r,
             label_smoothing=s)
        case(f"cross_entropy_probabilities_{r}_{s}", "cross_entropy_weight",
             lambda x, target: F.cross_entropy(x, target, reduction=r, label_smoothing=s),
             {"x": randn(3, 4, 2), "target": randn(3, 4, 2).softmax(1)}, reduction=r, label_smoothing=s)
    case(f"cross_entropy_probabilities_weight_{r}", "cross_entropy_weight",
         lambda x, target, weight: F.cross_entropy(x, target, weight, reduction=r, label_smoothing=0.1),
         {"x": randn(5, 4), "target": randn(5, 4).softmax(1), "weight": weights(4)}, grads=["x", "target"], reduction=r, label_smoothing=0.1)
    case(f"multi_margin_{r}", "multi_margin_loss", lambda x, target: F.multi_margin_loss(x, target, reduction=r),
         {"x": randn(6, 5), "target": index(5, 6)}, reduction=r)
    case(f"multi_margin_square_{r}", "multi_margin_loss",
         lambda x, target, weight: F.multi_margin_loss(x, target, p=2, margin=0.7, weight=weight, reduction=r),
         {"x": randn(6, 5), "target": index(5, 6), "weight": weights(5)}, grads=["x"], p=2, margin=0.7, reduction=r)
    case(f"multilabel_margin_{r}", "multilabel_margin_loss", lambda x, target: F.multilabel_margin_loss(x, target, reduction=r),
         {"x": randn(5, 4), "target": torch.tensor([[3, 0, -1, 1], [-1, 2, 1, 0], [0, 1, 2, 3], [2, -1, -1, -1], [1, 3, -1, 1]])}, reduction=r)
    case(f"multilabel_soft_margin_{r}", "multilabel_soft_margin_loss", lambda x, y: F.multilabel_soft_margin_loss(x, y, reduction=r),
         {"x": 4 * randn(3, 4), "labels": torch.rand(3, 4).round()}, grads=["x"], reduction=r)
    case(f"multilabel_soft_margin_weight_{r}", "multilabel_soft_margin_loss",
         lambda x, y, weight: F.multilabel_soft_margin_loss(x, y, weight, reduction=r),
         {"x": 4 * randn(3, 4), "labels": torch.rand(3, 4).round(), "weight": weights(4)}, grads=["x"], reduction=r)
    case(f"bce_logits_pos_weight_{r}", "binary_cross_entropy_with_logits_weight",
         lambda x, target, pos_weight: F.binary_cross_entropy_with_logits(x, target, pos_weight=pos_weight, reduction=r),
         {"x": 8 * randn(4, 3), "target": torch.rand(4, 3), "pos_weight": 3 * weights(3)}, grads=["x"], reduction=r)
    case(f"bce_logits_weights_{r}", "binary_cross_entropy_with_logits_weight",
         lambda x, target, weight, pos_weight: F.binary_cross_entropy_with_logits(x, target, weight, pos_weight=pos_weight, reduction=r),
         {"x": 8 * randn(4, 3), "target": torch.rand(4, 3), "weight": weights(3), "pos_weight": 3 * weights(3)}, grads=["x"], reduction=r)
    case(f"bce_logits_weight_{r}", "binary_cross_entropy_with_logits_weight",
         lambda x, target, weight: F.binary_cross_entropy_with_logits(x, target, weight, reduction=r),
         {"x": 8 * randn(4, 3), "target": torch.rand(4, 3), "weight": weights(4)[:, None]}, grads=["x"], reduction=r)
    case(f"bce_weight_{r}", "binary_cross_entropy_weight", lambda x, target, weight: F.binary_cross_entropy(x, target, weight, reduction=r),
         {"x": torch.rand(4, 3), "target": torch.rand(4, 3), "weight": weights(3)}, grads=["x"], reduction=r)
    for swap in (False, True):
        case(f"triplet_distance_{r}_{swap}", "triplet_margin_with_distance_loss",
             lambda a, p, n: F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda u, v: (u - v).abs().sum(-1), margin=0.8,
                                                                 swap=swap, reduction=r),
             {"a": randn(9, 3), "p": randn(9, 3), "n": randn(9, 3)}, swap=swap, margin=0.8, reduction=r)
    for k, (frames, n, classes, most, blank) in enumerate([(12, 4, 5, 4, 0), (7, 3, 4, 3, 2), (1, 2, 3, 1, 0), (9, 2, 30, 2, 29)]):
        length = index(most + 1, n)
        length[0] = most
        labels = index(classes - 1, n, most)
        labels += labels >= blank
        time = torch.minimum(2 * most + index(frames, n), torch.tensor(frames))
        case(f"ctc_{k}_{r}", "ctc_loss",
             lambda x, targets, frames, length: F.ctc_loss(x.log_softmax(2), targets, frames, length, blank=blank, reduction=r),
             {"x": 2 * randn(frames, n, classes), "targets": labels, "frames": time, "length": length}, grads=["x"], blank=blank, reduction=r)
    case(f"ctc_impossible_{r}", "ctc_loss",
         lambda x, targets, frames, length: F.ctc_loss(x.log_softmax(2), targets, frames, length, reduction=r, zero_infinity=True),
         {"x": randn(5, 3, 4), "targets": torch.tensor([[1, 1, 1, 2], [2, 1, 1, 1], [1, 1, 1, 1]]), "frames": torch.tensor([5, 4, 5]),
          "length": torch.tensor([4, 3, 3])}, grads=["x"], zero_infinity=True, reduction=r)
case("nll_one", "nll_loss", F.nll_loss, {"x": randn(7).log_softmax(0), "target": torch.tensor(2)})
case("cross_entropy_weight_one", "cross_entropy_weight", F.cross_entropy, {"x": randn(7), "target": torch.tensor(2), "weight": weights(7)}, grads=["x"])
case("cross_entropy_probabilities_one", "cross_entropy_weight", F.cross_entropy, {"x": randn(7), "target": randn(7).softmax(0)})
case("multi_margin_one", "multi_margin_loss", F.multi_margin_loss, {"x": randn(7), "target": torch.tensor(2)})
case("multilabel_margin_one", "multilabel_margin_loss", F.multilabel_margin_loss, {"x": randn(4), "target": torch.tensor([2, 2, -1, 0])})

reference.write()
