"""Writes schedulers.json beside this script: learning rates of two groups, and the momentum, after each of 40 steps. Run with torch 2.13."""
import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as s
from torch.optim.swa_utils import SWALR

warnings.simplefilter("ignore")


def sgd():
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    return torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.02}], lr=0.5, momentum=0.6)


def adam():
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    return torch.optim.Adam([{"params": [a]}, {"params": [b], "lr": 0.02}], lr=0.5)


def metric(t):
    """Falls, and then goes up and down."""
    return max(1.0 - 0.1 * t, 0.4) + 0.01 * ((t * 7) % 3)


RULES = {
    "StepLR": lambda o: s.StepLR(o, 7), "StepLR gamma": lambda o: s.StepLR(o, 3, 0.7),
    "MultiStepLR": lambda o: s.MultiStepLR(o, [4, 9, 9, 30], 0.3),
    "ExponentialLR": lambda o: s.ExponentialLR(o, 0.93),
    "ConstantLR": lambda o: s.ConstantLR(o), "ConstantLR factor": lambda o: s.ConstantLR(o, 0.25, 12),
    "LinearLR": lambda o: s.LinearLR(o), "LinearLR factors": lambda o: s.LinearLR(o, 0.2, 0.7, 11),
    "PolynomialLR": lambda o: s.PolynomialLR(o), "PolynomialLR power": lambda o: s.PolynomialLR(o, 25, 2.5),
    "CosineAnnealingLR": lambda o: s.CosineAnnealingLR(o, 10), "CosineAnnealingLR least": lambda o: s.CosineAnnealingLR(o, 13, 0.01),
    "CosineAnnealingWarmRestarts": lambda o: s.CosineAnnealingWarmRestarts(o, 6),
    "CosineAnnealingWarmRestarts longer": lambda o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.001),
    "LambdaLR": lambda o: s.LambdaLR(o, [lambda t: 1 / (1 + t), lambda t: 0.9 ** t]),
    "MultiplicativeLR": lambda o: s.MultiplicativeLR(o, lambda t: 1 - 1 / (t + 2)),
    "OneCycleLR": lambda o: s.OneCycleLR(o, 0.7, 40),
    "OneCycleLR lines": lambda o: s.OneCycleLR(o, [0.7, 0.1], 45, pct_start=0.4, anneal_strategy="linear", base_momentum=0.5,
                                               max_momentum=0.8, div_factor=10, final_div_factor=100),
    "OneCycleLR three": lambda o: s.OneCycleLR(o, 0.7, 41, three_phase=True, cycle_momentum=False),
    "CyclicLR": lambda o: s.CyclicLR(o, 0.1, 0.6, 8), "CyclicLR two": lambda o: s.CyclicLR(o, [0.1, 0.01], [0.6, 0.05], 5, 9, "triangular2"),
    "CyclicLR range": lambda o: s.CyclicLR(o, 0.1, 0.6, 6, mode="exp_range", gamma=0.97, base_momentum=0.3, max_momentum=0.7),
    "SWALR": lambda o: SWALR(o, 0.05), "SWALR lines": lambda o: SWALR(o, [0.3, 0.001], 6, "linear"), "SWALR at once": lambda o: SWALR(o, 0.1, 0),
    "ReduceLROnPlateau": lambda o: s.ReduceLROnPlateau(o),
    "ReduceLROnPlateau often": lambda o: s.ReduceLROnPlateau(o, factor=0.5, patience=2, cooldown=3, threshold=0.05, threshold_mode="abs",
                                                             min_lr=[0.1, 0.001]),
    "ReduceLROnPlateau max": lambda o: s.ReduceLROnPlateau(o, "max", patience=4),
    "ChainedScheduler": lambda o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 7), s.ExponentialLR(o, 0.9), s.CosineAnnealingLR(o, 9)]),
    "SequentialLR": lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.1, 1, 5), s.CosineAnnealingLR(o, 20), s.ExponentialLR(o, 0.8)], [5, 25]),
    "SequentialLR others": lambda o: s.SequentialLR(o, [s.ExponentialLR(o, 0.9), s.StepLR(o, 4, 0.5), s.PolynomialLR(o, 8, 2)], [6, 20]),
    "SequentialLR restarts": lambda o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.2, 4), s.CosineAnnealingWarmRestarts(o, 5, 2), s.LambdaLR(o, lambda t: 1 / (1 + t)),
            s.MultiStepLR(o, [2, 4]), s.MultiplicativeLR(o, lambda t: 0.9)], [3, 15, 22, 33]),
}

found = {}
for name, rule in RULES.items():
    for kind, make in (("SGD", sgd), ("Adam", adam)):
        if kind == "Adam" and "ycl" not in name:
            continue
        optimizer = make()
        scheduler = rule(optimizer)
        rows = []
        for t in range(41):
            group = optimizer.param_groups[1]
            momentum = group["betas"][0] if "betas" in group else group["momentum"]
            rows.append([g["lr"] for g in optimizer.param_groups] + [momentum])
            optimizer.step()
            if t < 40:
                scheduler.step(*([metric(t)] if "Plateau" in name else []))
        found[f"{name}, {kind}"] = rows
path = pathlib.Path(__file__).parent / "schedulers.json"
path.write_text("{\n" + ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in found.items()) + "\n}\n")
