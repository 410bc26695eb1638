"""The speed of single layers in PyTorch, as one JSON line: what io.github.cortado.benchmarks.LayerTimes is compared with.

The layers are ResNet-18's at 224 x 224, those of a MobileNetV2 block, a grouped and a 5 x 5 convolution, two linear
layers, and a batched product as large as that of attention scores. Names and shapes are those of LayerTimes.
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn

parser = argparse.ArgumentParser(description="PyTorch's layers, forward and gradients by input and parameters")
parser.add_argument("--threads", type=int, default=torch.get_num_threads())
parser.add_argument("--reps", type=int, default=15)
parser.add_argument("--warmup", type=int, default=3)
o = parser.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(0)


def conv(inputs, outputs, kernel, stride=1, padding=0, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)


class Product(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.right = nn.Parameter(torch.randn(*shape))

    def forward(self, left):
        return left @ self.right


LAYERS = [
    ("resnet.conv1 7x7/2 3-64 @224", conv(3, 64, 7, 2, 3), (8, 3, 224, 224)),
    ("resnet.layer1 3x3 64-64 @56", conv(64, 64, 3, 1, 1), (8, 64, 56, 56)),
    ("resnet.layer2.0 3x3/2 64-128 @56", conv(64, 128, 3, 2, 1), (8, 64, 56, 56)),
    ("resnet.layer2.down 1x1/2 64-128 @56", conv(64, 128, 1, 2), (8, 64, 56, 56)),
    ("resnet.layer2 3x3 128-128 @28", conv(128, 128, 3, 1, 1), (8, 128, 28, 28)),
    ("resnet.layer3 3x3 256-256 @14", conv(256, 256, 3, 1, 1), (8, 256, 14, 14)),
    ("resnet.layer4 3x3 512-512 @7", conv(512, 512, 3, 1, 1), (8, 512, 7, 7)),
    ("resnet.bn 64 @56", nn.BatchNorm2d(64), (8, 64, 56, 56)),
    ("resnet.maxpool 3x3/2 @112", nn.MaxPool2d(3, 2, 1), (8, 64, 112, 112)),
    ("mobilenet.expand 1x1 24-144 @56", conv(24, 144, 1), (8, 24, 56, 56)),
    ("mobilenet.depthwise 3x3 144 @56", conv(144, 144, 3, 1, 1, 144), (8, 144, 56, 56)),
    ("mobilenet.depthwise 3x3/2 144 @56", conv(144, 144, 3, 2, 1, 144), (8, 144, 56, 56)),
    ("grouped 3x3 g4 64-64 @28", conv(64, 64, 3, 1, 1, 4), (8, 64, 28, 28)),
    ("conv 5x5 32-32 @28", conv(32, 32, 5, 1, 2), (8, 32, 28, 28)),
    ("linear 512-1000", nn.Linear(512, 1000), (256, 512)),
    ("linear 4096-4096", nn.Linear(4096, 4096), (128, 4096)),
    ("matmul 32 x [256,64][64,256]", Product(32, 64, 256), (32, 256, 64)),
]

milliseconds = {}
for name, layer, shape in LAYERS:
    x = torch.randn(*shape, requires_grad=True)
    dy = torch.randn_like(layer(x))
    forward, gradients = [], []
    for i in range(o.warmup + o.reps):
        start = time.perf_counter()
        y = layer(x)
        between = time.perf_counter()
        y.backward(dy)
        end = time.perf_counter()
        x.grad = None
        layer.zero_grad(set_to_none=True)
        if i >= o.warmup:
            forward.append((between - start) * 1e3)
            gradients.append((end - between) * 1e3)
    milliseconds[f"{name}, forward"] = statistics.median(forward)
    milliseconds[f"{name}, gradients"] = statistics.median(gradients)
print(json.dumps({"torch": torch.__version__, **vars(o), "milliseconds": milliseconds}))
