"""Writes the reference results that stand beside this script: optimizers and losses that are in neither shared/oracle nor breadth.

Same format (shared/oracle's README describes it); optimizers in optim.json, some of them with groups. Run with torch 2.13 and numpy.
"""
import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402

HERE = pathlib.Path(__file__).parent
reference.into(HERE)
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
    ("Adadelta", dict(lr=0.5, rho=0.7, eps=1e-3, maximize=True)), ("Adamax", dict(lr=0.05, betas=[0.7, 0.9], weight_decay=0.3, maximize=True)),
])
