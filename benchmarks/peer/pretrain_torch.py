"""Trains a small ResNet on eight of CIFAR-10's classes, for `examples transfer` to begin with.

    python pretrain_torch.py --data-dir DIR --out resnet.safetensors

The network is torchvision's ResNet with 3 x 3 first and without pooling, one block in each stage and few channels, under
torchvision's names. DIR has CIFAR-10's binary version, or the directory cifar-10-batches-bin with it.

Needs PyTorch: python3 -m venv ~/torch && ~/torch/bin/pip install torch
"""
import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F

from cifar_torch import normalised, read
from nets_torch import BasicBlock, save

CLASSES = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class SmallResNet(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(BasicBlock(width, width, 1))
        self.layer2 = nn.Sequential(BasicBlock(width, 2 * width, 2))
        self.layer3 = nn.Sequential(BasicBlock(2 * width, 4 * width, 2))
        self.layer4 = nn.Sequential(BasicBlock(4 * width, 8 * width, 2))
        self.fc = nn.Linear(8 * width, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def of_classes(pictures, labels, names):
    """The pictures of these classes, numbered anew."""
    numbers = torch.full((10,), -1)
    for i, name in enumerate(names):
        numbers[CLASSES.index(name)] = i
    kept = numbers[labels] >= 0
    return pictures[kept], numbers[labels[kept]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", default="data")
    parser.add_argument("--out", default="resnet.safetensors")
    parser.add_argument("--without", default="cat,dog", help="classes to leave out")
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--limit-train", type=int, default=0, help="so many pictures only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    names = [name for name in CLASSES if name not in options.without.split(",")]
    x, y = of_classes(*read(options.data_dir, [f"data_batch_{i}.bin" for i in range(1, 6)]), names)
    if options.limit_train:
        x, y = x[: options.limit_train], y[: options.limit_train]
    x_test, y_test = of_classes(*read(options.data_dir, ["test_batch.bin"]), names)
    layout = torch.channels_last
    model = SmallResNet(options.width, len(names)).to(memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    batch = 128
    steps = options.epochs * (len(x) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.4, steps, pct_start=0.2, cycle_momentum=False)
    begun = time.perf_counter()
    for epoch in range(options.epochs):
        model.train()
        order = torch.randperm(len(x))
        for i in range(0, len(x) - batch + 1, batch):
            some = order[i : i + batch]
            pictures = normalised(x[some], layout)
            mirrored = torch.rand(batch) < 0.5
            pictures[mirrored] = pictures[mirrored].flip(3)
            loss = F.cross_entropy(model(pictures), y[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        model.eval()
        with torch.no_grad():
            found = torch.cat([model(normalised(part, layout)).argmax(1) for part in x_test.split(500)])
        accuracy = (found == y_test).float().mean().item()
        print(f"epoch {epoch + 1}: {100 * accuracy:.2f} % of {len(names)} classes, {time.perf_counter() - begun:.0f} s", flush=True)
        save(options.out, model.state_dict(), {"format": "pt", "classes": ",".join(names), "torch": torch.__version__})


if __name__ == "__main__":
    main()
