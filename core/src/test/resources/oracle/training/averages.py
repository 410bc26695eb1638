"""Writes averages.safetensors beside this script: weights of a training, and PyTorch's averages after each. Run with torch 2.13."""
import pathlib
import sys

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import reference  # noqa: E402

reference.into(pathlib.Path(__file__).parent)
torch.manual_seed(5)
net = torch.nn.Linear(3, 5)
models = {"equal": AveragedModel(net), "exponential": AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9)),
          "slow": AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.3))}
found = {"w": []} | {name: [] for name in models}
for step in range(12):
    with torch.no_grad():
        net.weight.copy_(reference.rounded(torch.randn(5, 3)))
    found["w"].append(net.weight.detach().float().clone())
    for name, model in models.items():
        model.update_parameters(net)
        found[name].append(model.module.weight.detach().float().clone())
reference.save("averages.safetensors", {name: torch.stack(rows) for name, rows in found.items()})
