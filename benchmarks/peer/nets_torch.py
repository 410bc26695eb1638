"""Whole networks in PyTorch, as its users write them: what io.github.cortado.benchmarks.NetThroughput is compared with.

    python nets_torch.py --net resnet18 --format nhwc --batch 32

Prints a JSON line: items a second by the median of the steps' times, on one batch of random pictures or symbols. A training step is
forward, cross-entropy, backward, the optimizer and reading the loss; with --infer it is forward alone and reading a logit.

With --losses FILE nothing is timed: five training steps without dropout are taken, and the file gets the weights that they
began with, the batch and the five losses, as safetensors. NetThroughput --losses FILE takes the same steps. They are taken
three times: in float32 in both memory layouts, and in float64.

With --loss-steps N there are N of them, on 50 batches in turn that can be learned, and none in float64, which takes long.

Needs PyTorch: python3 -m venv ~/torch && ~/torch/bin/pip install torch
"""
import argparse
import ctypes
import json
import statistics
import struct
import time
import typing

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, Adam, AdamW

CHECKED_STEPS = 5
LEARNED_BATCHES = 50


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.fc1 = nn.Linear(1024, 500)
        self.dropout1 = nn.Dropout(0.5)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.max_pool2d(F.relu(self.conv3(x)), 2)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc2(self.dropout1(x))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        hidden = 512
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(784, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 10)
        )

    def forward(self, x):
        return self.net(x)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.downsample(x))


class ResNet18(nn.Module):
    """For small pictures: the first convolution is 3 x 3 without a stride, and no pooling follows."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256, 1))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, 2), BasicBlock(512, 512, 1))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class VGG11(nn.Module):
    """For small pictures: what is left of them after five poolings is one place, and one linear layer follows."""

    # Channels of each convolution, and where a pooling is.
    PARTS = (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M")

    def __init__(self):
        super().__init__()
        layers = []
        channels = 3
        for part in self.PARTS:
            if part == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(channels, part, 3, padding=1), nn.ReLU()]
                channels = part
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(512, 10)

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


def conv_bn_relu6(inputs, outputs, kernel, stride=1, groups=1):
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        inside = inputs * expand
        layers = [conv_bn_relu6(inputs, inside, 1)] if expand > 1 else []
        layers.append(conv_bn_relu6(inside, inside, 3, stride, groups=inside))
        layers += [nn.Conv2d(inside, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)
        self.around = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.conv(x)
        return x + y if self.around else y


class MobileNetV2(nn.Module):
    """For small pictures: the first two of its strides are 1."""

    # How much wider blocks are inside, channels, how many, stride of the first.
    STAGES = ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))

    def __init__(self):
        super().__init__()
        layers = [conv_bn_relu6(3, 32, 3)]
        channels = 32
        for expand, width, count, stride in self.STAGES:
            for block in range(count):
                layers.append(InvertedResidual(channels, width, stride if block == 0 else 1, expand))
                channels = width
        layers.append(conv_bn_relu6(channels, 1280, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 10))

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), 1)
        return self.classifier(torch.flatten(x, 1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(batch, tokens, width))


class Encoder(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, width=192, heads=3, depth=6):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, stride=4)
        self.pos = nn.Parameter(0.02 * torch.randn(1, 64, width))
        self.blocks = nn.Sequential(*(Encoder(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.pos
        return self.head(self.norm(self.blocks(x)).mean(1))


class Conv1D(nn.Module):
    """Hugging Face's: a linear layer whose weight is [in, out]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        y = torch.addmm(self.bias, x.view(-1, x.shape[-1]), self.weight)
        return y.view(*x.shape[:-1], -1)


class CausalAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.c_attn = Conv1D(width, 3 * width)
        self.c_proj = Conv1D(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        parts = self.c_attn(x).split(width, dim=2)
        q, k, v = (part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2) for part in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(batch, tokens, width))


class Feed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc = Conv1D(width, 4 * width)
        self.c_proj = Conv1D(4 * width, width)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class CausalEncoder(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = CausalAttention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = Feed(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    """GPT-2 in small, under Hugging Face's names, for text of single characters."""

    def __init__(self, symbols=96, positions=128, width=192, depth=6, heads=6):
        super().__init__()
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(symbols, width),
                "wpe": nn.Embedding(positions, width),
                "h": nn.ModuleList(CausalEncoder(width, heads) for _ in range(depth)),
                "ln_f": nn.LayerNorm(width),
            }
        )
        self.lm_head = nn.Linear(width, symbols, bias=False)
        nn.init.normal_(self.transformer["wte"].weight, 0, 0.02)
        nn.init.normal_(self.transformer["wpe"].weight, 0, 0.02)
        self.lm_head.weight = self.transformer["wte"].weight

    def forward(self, x):
        parts = self.transformer
        x = parts["wte"](x) + parts["wpe"](torch.arange(x.shape[1]))
        for block in parts["h"]:
            x = block(x)
        return self.lm_head(parts["ln_f"](x))


class Lstm(nn.Module):
    """A class for a sequence of symbols: two layers of 128."""

    def __init__(self, symbols=96, width=64, hidden=128, depth=2):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width)
        self.lstm = nn.LSTM(width, hidden, depth, batch_first=True)
        self.fc = nn.Linear(hidden, 10)

    def forward(self, x):
        return self.fc(self.lstm(self.embedding(x))[1][0][-1])


def double_conv(inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """A class for each pixel."""

    def __init__(self, width=16, depth=3):
        super().__init__()
        widths = [width << i for i in range(depth + 1)]
        self.encoder = nn.ModuleList(double_conv(a, b) for a, b in zip([3, *widths], widths[:-1]))
        self.bottleneck = double_conv(*widths[-2:])
        upwards = list(reversed(list(zip(widths[1:], widths))))
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, stride=2) for a, b in upwards)
        self.decoder = nn.ModuleList(double_conv(a, b) for a, b in upwards)
        self.head = nn.Conv2d(width, 10, 1)

    def forward(self, x):
        skipped = []
        for block in self.encoder:
            x = block(x)
            skipped.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for up, block in zip(self.up, self.decoder):
            x = block(torch.cat([skipped.pop(), up(x)], 1))
        return self.head(x)


def adam(parameters):
    return Adam(parameters, lr=1e-3)


def sgd(parameters):
    return SGD(parameters, lr=0.01, momentum=0.9, weight_decay=5e-4)


def adamw(parameters):
    return AdamW(parameters, lr=1e-3)


class Net(typing.NamedTuple):
    """What is built, what trains it, and the shapes of an example and of its labels. Where there are symbols an example is of their numbers."""

    model: typing.Callable
    optimizer: typing.Callable
    example: tuple
    labels: tuple = ()
    symbols: int = 0
    classes: int = 10

    def batch(self, n):
        x = torch.randint(self.symbols, (n, *self.example)) if self.symbols else torch.randn(n, *self.example)
        return x, torch.randint(self.classes, (n, *self.labels))


NETS = {
    "lenet": Net(LeNet, adam, (3, 32, 32)),
    "mlp": Net(Mlp, adam, (1, 28, 28)),
    "resnet18": Net(ResNet18, sgd, (3, 32, 32)),
    "vgg11": Net(VGG11, sgd, (3, 32, 32)),
    "mobilenetv2": Net(MobileNetV2, sgd, (3, 32, 32)),
    "vit": Net(ViT, adamw, (3, 32, 32)),
    "gpt": Net(Gpt, adamw, (128,), labels=(128,), symbols=96, classes=96),
    "lstm": Net(Lstm, adam, (64,), symbols=96),
    "unet": Net(UNet, adam, (3, 32, 32), labels=(32, 32)),
}


def options():
    parser = argparse.ArgumentParser(description="PyTorch's throughput of whole networks")
    parser.add_argument("--net", choices=sorted(NETS), required=True)
    parser.add_argument("--format", choices=("nchw", "nhwc"), default="nchw", help="memory layout of pictures and weights")
    parser.add_argument("--compile", action="store_true", help="by torch.compile")
    parser.add_argument("--infer", action="store_true", help="forward alone, in evaluation mode")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20, help="that are timed")
    parser.add_argument("--warmup", type=float, default=6, help="seconds")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--losses", metavar="FILE", help="writes weights, batch and five losses, and times nothing")
    parser.add_argument("--loss-steps", type=int, default=CHECKED_STEPS, help="more than five: on 50 batches in turn")
    o = parser.parse_args()
    if o.loss_steps > CHECKED_STEPS and (NETS[o.net].symbols or NETS[o.net].labels):
        parser.error(f"--loss-steps: there are no batches that can be learned for {o.net}")
    if o.format == "nhwc" and len(NETS[o.net].example) != 3:
        parser.error(f"--format: {o.net} is given no pictures")
    return o


class Steps:
    def __init__(self, o):
        self.o = o
        net = NETS[o.net]
        self.model = net.model()
        self.x, self.y = net.batch(o.batch)
        if o.format == "nhwc":
            self.model = self.model.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        self.model.train(not o.infer)
        self.optimizer = net.optimizer(self.model.parameters())
        self.forward = torch.compile(self.model) if o.compile else self.model

    def train(self):
        logits, y = self.forward(self.x), self.y
        if logits.dim() == 3:
            logits, y = logits.flatten(0, 1), y.flatten()
        loss = F.cross_entropy(logits, y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def infer(self):
        with torch.inference_mode():
            return self.forward(self.x).flatten()[0].item()

    def step(self):
        return self.infer() if self.o.infer else self.train()

    def parameters(self):
        return sum(p.numel() for p in self.model.parameters())


def learnable(o):
    """Batches [count, batch, ...] of pictures, each its class's smooth pattern under noise, but a fifth of the labels is drawn:
    losses fall, and not to 0."""
    count = LEARNED_BATCHES * o.batch
    picture = NETS[o.net].example
    patterns = F.interpolate(torch.randn(10, picture[0], 4, 4), size=picture[1:], mode="bilinear")
    y = torch.randint(10, (count,))
    x = torch.randn(count, *picture) + 0.2 * patterns[y]
    y = torch.where(torch.rand(count) < 0.2, torch.randint(10, (count,)), y)
    return x.reshape(LEARNED_BATCHES, o.batch, *picture), y.reshape(LEARNED_BATCHES, o.batch)


def losses(o, weights, x, y, format, dtype):
    """Of steps without dropout, on the batches in turn."""
    net = NETS[o.net]
    layout = torch.channels_last if format == "nhwc" else torch.contiguous_format
    steps = Steps(o)
    steps.model = net.model().to(dtype)
    steps.model.load_state_dict(weights)
    steps.model = steps.model.to(memory_format=layout)
    for module in steps.model.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    steps.forward = steps.model
    steps.optimizer = net.optimizer(steps.model.parameters())
    found = []
    for step in range(o.loss_steps):
        batch = step % len(x)
        steps.x, steps.y = x[batch], y[batch]
        if not net.symbols:
            steps.x = steps.x.to(dtype)
        if steps.x.dim() == 4:
            steps.x = steps.x.contiguous(memory_format=layout)
        found.append(steps.train())
    return found


def check(steps, file):
    """A file of weights, batches, and the losses that come of them, in either layout and in float64: a network with
    batch normalisation makes so much of the last bit of its weights that nothing else says how near losses have to be."""
    o, weights = steps.o, steps.model.state_dict()
    x, y = steps.x[None], steps.y[None]
    ways = {"losses": ("nchw", torch.float32), "losses.nhwc": ("nhwc", torch.float32)}
    if o.loss_steps > CHECKED_STEPS:
        x, y = learnable(o)
    else:
        ways["losses.float64"] = ("nchw", torch.float64)
    found = {name: losses(o, weights, x, y, *way) for name, way in ways.items()}
    tensors = {f"model.{name}": value for name, value in weights.items()}
    tensors.update(x=x, y=y)
    tensors.update((name, torch.tensor(values, dtype=torch.float64)) for name, values in found.items())
    save(file, tensors, {"net": o.net, "torch": torch.__version__, "parameters": str(steps.parameters())})
    return found


def save(file, tensors, metadata):
    """A safetensors file: the length of a header, the header in JSON, the numbers."""
    names = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
    header, parts, end = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        begin, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
        parts.append(ctypes.string_at(tensor.data_ptr(), end - begin))
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(file, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        out.writelines(parts)


def times(steps):
    """Seconds of each step, after a warm-up, and what the last one has read."""
    end = time.perf_counter() + steps.o.warmup
    warm = 0
    while warm < 3 or time.perf_counter() < end:
        steps.step()
        warm += 1
    seconds = []
    for _ in range(steps.o.steps):
        start = time.perf_counter()
        last = steps.step()
        seconds.append(time.perf_counter() - start)
    return seconds, last


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    steps = Steps(o)
    answer = {"torch": torch.__version__, **vars(o), "parameters": steps.parameters()}
    if o.losses:
        answer.update(check(steps, o.losses))
    else:
        seconds, last = times(steps)
        answer["items_per_second"] = round(o.batch / statistics.median(seconds), 1)
        answer["slowest"] = round(o.batch / max(seconds), 1)
        answer["last"] = last
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
