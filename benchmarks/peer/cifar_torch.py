"""The network and training of `cifar-example train --model vgg8` in PyTorch, as its users write them.

    python cifar_torch.py --data-dir DIR --threads 2 --out DIR

The same layers, first values of the same kind, loss, optimizer, learning rates, random transforms, averages and validation; other
random numbers. DIR has CIFAR-10's binary version, or the directory cifar-10-batches-bin with it. It prints a line for each epoch,
and writes history.json with the names that the example's has.

Needs PyTorch: python3 -m venv ~/torch && ~/torch/bin/pip install torch
"""
import argparse
import json
import pathlib
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.2470, 0.2435, 0.2616]).view(1, 3, 1, 1)
SMOOTHING = 0.2
MOMENTUM = 0.85
DECAY = 1.33e-3
BIAS = 64
KEPT = 0.99
PADDING = 4
CUT = 8
GREY = 121


class Stage(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = convolution(inputs, outputs)
        self.norm1 = normalisation(outputs)
        self.conv2 = convolution(outputs, outputs)
        self.norm2 = normalisation(outputs)

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)))
        return F.gelu(self.norm2(self.conv2(x)))


def convolution(inputs, outputs):
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.dirac_(conv.weight.data[:inputs])
    return conv


def normalisation(channels):
    norm = nn.BatchNorm2d(channels)
    norm.weight.requires_grad_(False)
    return norm


class Vgg8(nn.Module):
    def __init__(self):
        super().__init__()
        self.pad = nn.ReflectionPad2d((0, 1, 0, 1))
        self.whiten = nn.Conv2d(3, 24, 2, bias=False)
        self.whiten.weight.requires_grad_(False)
        self.stage1 = Stage(24, 64)
        self.stage2 = Stage(64, 256)
        self.stage3 = Stage(256, 256)
        self.fc = nn.Linear(256, 10, bias=False)

    def forward(self, x):
        x = F.gelu(self.whiten(self.pad(x)))
        x = self.stage3(self.stage2(self.stage1(x)))
        return self.fc(F.max_pool2d(x, 4).flatten(1)) / 9

    def look_at(self, pictures):
        """Filters of 2 x 2 whose answers have no correlation and about the same variance."""
        patches = pictures.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 12).double()
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (vectors / torch.sqrt(values + 5e-4)).flip(1).T.reshape(12, 3, 2, 2).float()
        self.whiten.weight.data.copy_(torch.cat((filters, -filters)))


def read(directory, names):
    place = pathlib.Path(directory)
    if not (place / names[0]).exists():
        place = place / "cifar-10-batches-bin"
    records = torch.cat([torch.frombuffer(bytearray((place / n).read_bytes()), dtype=torch.uint8).view(-1, 3073) for n in names])
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].long()


def normalised(pictures, layout):
    return ((pictures.float() / 255 - MEAN) / DEVIATION).contiguous(memory_format=layout)


def changed(padded, indices):
    """Pictures mirrored in half of the cases, moved, and with a square cut out: bytes [n, 3, 32, 32]."""
    n = len(indices)
    side = 32 + 2 * PADDING
    top, left = torch.randint(0, 2 * PADDING + 1, (2, n))
    rows = top[:, None] + torch.arange(32)
    columns = left[:, None] + torch.arange(32)
    columns = torch.where(torch.rand(n, 1) < 0.5, side - 1 - columns, columns)
    pictures = padded[indices[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    top, left = torch.randint(0, 32 - CUT + 1, (2, n))
    place = torch.arange(32)
    down = (place >= top[:, None]) & (place < top[:, None] + CUT)
    right = (place >= left[:, None]) & (place < left[:, None] + CUT)
    return pictures.masked_fill((down[:, :, None] & right[:, None, :])[:, None], GREY)


@torch.no_grad()
def validate(model, x, y, batch):
    model.eval()
    losses, hits = [0.0, 0.0], [0, 0]
    for i in range(0, len(x), batch):
        one = model(x[i : i + batch])
        both = (one + model(x[i : i + batch].flip(3))) / 2
        for k, logits in enumerate((both, one)):
            losses[k] += F.cross_entropy(logits, y[i : i + batch]).item()
            hits[k] += (logits.argmax(1) == y[i : i + batch]).sum().item()
    return [loss / len(x) for loss in losses], [n / len(x) for n in hits]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", default="data")
    parser.add_argument("--out", default="out-torch")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=500)
    parser.add_argument("--lr", type=float, default=0.75)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--format", default="nhwc", choices=["nchw", "nhwc"])
    parser.add_argument("--limit-train", type=int, default=0)
    parser.add_argument("--limit-valid", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    layout = torch.channels_last if options.format == "nhwc" else torch.contiguous_format

    pictures, labels = read(options.data_dir, [f"data_batch_{i}.bin" for i in range(1, 6)])
    test, test_labels = read(options.data_dir, ["test_batch.bin"])
    if options.limit_train:
        pictures, labels = pictures[: options.limit_train], labels[: options.limit_train]
    if options.limit_valid:
        test, test_labels = test[: options.limit_valid], test_labels[: options.limit_valid]
    x_valid = normalised(test, layout)
    padded = F.pad(pictures.float(), (PADDING,) * 4, mode="reflect").byte()

    model = Vgg8()
    model.look_at(normalised(pictures[:5000], torch.contiguous_format))
    model.to(memory_format=layout)
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    weights = [p for name, p in trained if not name.endswith("bias")]
    biases = [p for name, p in trained if name.endswith("bias")]
    optimizer = torch.optim.SGD(
        [
            dict(params=weights, lr=options.lr, weight_decay=DECAY),
            dict(params=biases, lr=BIAS * options.lr, weight_decay=DECAY / BIAS),
        ],
        lr=options.lr,
        momentum=MOMENTUM,
        nesterov=True,
    )
    batches = -(-len(pictures) // options.batch_size)
    steps = options.epochs * batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        [options.lr, BIAS * options.lr],
        steps,
        pct_start=0.23,
        anneal_strategy="linear",
        cycle_momentum=False,
        div_factor=5,
        final_div_factor=5,
    )
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(KEPT), use_buffers=True)

    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    history = []
    step = 0
    for epoch in range(1, options.epochs + 1):
        model.train()
        begun = time.perf_counter()
        order = torch.randperm(len(pictures))
        loss_sum, hits = 0.0, 0
        for i in range(0, len(pictures), options.batch_size):
            indices = order[i : i + options.batch_size]
            x, y = normalised(changed(padded, indices), layout), labels[indices]
            logits = model(x)
            loss = F.cross_entropy(logits, y, label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            averaged.update_parameters(model)
            step += 1
            if step < steps:
                schedule.step()
            loss_sum += loss.item()
            hits += (logits.argmax(1) == y).sum().item()
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        losses, accuracies = validate(averaged, x_valid, test_labels, options.batch_size)
        history.append(
            dict(
                epoch=epoch,
                train_loss=loss_sum / len(pictures),
                train_accuracy=hits / len(pictures),
                valid_loss=losses[0],
                valid_accuracy=accuracies[0],
                valid_loss_unmirrored=losses[1],
                valid_accuracy_unmirrored=accuracies[1],
                seconds=seconds,
                images_per_second=len(pictures) / seconds,
                valid_seconds=time.perf_counter() - begun,
            )
        )
        last = history[-1]
        print(
            f"epoch {epoch:2}, train: loss = {last['train_loss']:.4f}, accuracy = {100 * last['train_accuracy']:.4f}%, valid: loss ="
            f" {losses[0]:.4f}, accuracy = {100 * accuracies[0]:.4f}% ({100 * accuracies[1]:.4f}% unmirrored),"
            f" {last['images_per_second']:.0f} pictures/s",
            flush=True,
        )
        (out / "history.json").write_text(json.dumps(history, indent=2) + "\n")


if __name__ == "__main__":
    main()
