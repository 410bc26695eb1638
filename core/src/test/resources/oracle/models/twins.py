"""The networks of io.github.cortado.models in PyTorch, in any size, with torchvision's and Hugging Face's names. Where torchvision can be
imported, against_torchvision() holds the first four against its own, in full size."""
import functools

import torch
import torch.nn.functional as F
from torch import nn


class LeNet(nn.Module):
    def __init__(self, channels=3, side=32, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.fc1 = nn.Linear(64 * (side // 8) ** 2, 500)
        self.dropout1 = nn.Dropout(0.5)
        self.fc2 = nn.Linear(500, classes)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.fc2(self.dropout1(F.relu(self.fc1(x.flatten(1)))))


class MLP(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        parts = [nn.Flatten()]
        for i in range(len(widths) - 1):
            parts += [nn.GELU()] if i else []
            parts.append(nn.Linear(widths[i], widths[i + 1]))
        self.net = nn.Sequential(*parts)

    def forward(self, x):
        return self.net(x)


def conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride, downsample):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        self.downsample = downsample

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, width, stride, downsample):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        self.downsample = downsample

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class ResNet(nn.Module):
    def __init__(self, block, counts, classes=1000, width=64, small=False):
        super().__init__()
        self.small = small
        self.conv1 = conv(3, width, 3) if small else conv(3, width, 7, 2)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, count in enumerate(counts):
            blocks = []
            for i in range(count):
                inside, stride = width << stage, 2 if i == 0 and stage > 0 else 1
                outputs = inside * block.expansion
                shape = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs)) if stride > 1 or inputs != outputs else None
                blocks.append(block(inputs, inside, stride, shape))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = x if self.small else F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


class VGG(nn.Module):
    FULL = ((64,), (128,), (256, 256), (512, 512), (512, 512))

    def __init__(self, stages=FULL, hidden=4096, classes=1000):
        """With torchvision's head, or, where hidden is 0, with one layer."""
        super().__init__()
        parts, inputs = [], 3
        for stage in stages:
            for outputs in stage:
                parts += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
                inputs = outputs
            parts.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*parts)
        self.avgpool = nn.AdaptiveAvgPool2d(7 if hidden else 1)
        self.classifier = nn.Linear(inputs, classes) if not hidden else nn.Sequential(
            nn.Linear(inputs * 49, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def norm_relu6(inputs, outputs, kernel, stride=1, groups=1):
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        inside = inputs * expand
        parts = [norm_relu6(inputs, inside, 1)] if expand > 1 else []
        parts += [norm_relu6(inside, inside, 3, stride, inside), conv(inside, outputs, 1), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*parts)
        self.around = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.around else self.conv(x)


def eighths(channels):
    whole = max(8, int(channels + 4) // 8 * 8)
    return whole + 8 if whole < 0.9 * channels else whole


class MobileNetV2(nn.Module):
    STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))

    def __init__(self, classes=1000, width=1.0, small=False):
        super().__init__()
        inputs = eighths(32 * width)
        parts = [norm_relu6(3, inputs, 3, 1 if small else 2)]
        for expand, channels, count, stride in self.STAGES:
            for i in range(count):
                outputs = eighths(channels * width)
                step = stride if i == 0 and not (small and channels == 24) else 1
                parts.append(InvertedResidual(inputs, outputs, step, expand))
                inputs = outputs
        last = eighths(1280 * max(1.0, width))
        self.features = nn.Sequential(*parts, norm_relu6(inputs, last, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class EncoderBlock(nn.Module):
    def __init__(self, width, heads, mlp):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, mlp), nn.GELU(), nn.Identity(), nn.Linear(mlp, width))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.self_attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class VisionTransformer(nn.Module):
    def __init__(self, side=224, patch=16, layers=12, heads=12, width=768, mlp=3072, classes=1000):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.conv_proj = nn.Conv2d(3, width, patch, patch)
        self.encoder = nn.Module()
        self.encoder.pos_embedding = nn.Parameter(torch.zeros(1, (side // patch) ** 2 + 1, width))
        self.encoder.layers = nn.Sequential()
        for i in range(layers):
            self.encoder.layers.add_module(f"encoder_layer_{i}", EncoderBlock(width, heads, mlp))
        self.encoder.ln = nn.LayerNorm(width, eps=1e-6)
        self.heads = nn.Sequential()
        self.heads.add_module("head", nn.Linear(width, classes))

    def forward(self, x):
        x = self.conv_proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1) + self.encoder.pos_embedding
        return self.heads(self.encoder.ln(self.encoder.layers(x))[:, 0])


class Conv1D(nn.Module):
    """Hugging Face's: a linear layer whose weight is [in, out]."""

    def __init__(self, outputs, inputs):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(inputs, outputs)), nn.Parameter(torch.zeros(outputs))
        nn.init.normal_(self.weight, 0, 0.02)

    def forward(self, x):
        return x @ self.weight + self.bias


class GPT2Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.c_attn, self.c_proj = Conv1D(3 * width, width), Conv1D(width, width)

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = (part.reshape(n, t, self.heads, -1).transpose(1, 2) for part in self.c_attn(x).split(width, 2))
        return self.c_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, t, width))


class GPT2Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width), GPT2Attention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width), nn.Module()
        self.mlp.c_fc, self.mlp.c_proj = Conv1D(4 * width, width), Conv1D(width, 4 * width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp.c_proj(F.gelu(self.mlp.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    """GPT2LMHeadModel."""

    def __init__(self, vocabulary=50257, positions=1024, width=768, layers=12, heads=12):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(vocabulary, width), "wpe": nn.Embedding(positions, width),
            "h": nn.ModuleList(GPT2Block(width, heads) for _ in range(layers)), "ln_f": nn.LayerNorm(width)})
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.transformer["wte"].weight

    def forward(self, index):
        parts = self.transformer
        x = parts["wte"](index) + parts["wpe"](torch.arange(index.shape[1]))
        for block in parts["h"]:
            x = block(x)
        return self.lm_head(parts["ln_f"](x))

    @torch.no_grad()
    def greedy(self, index, count):
        for _ in range(count):
            index = torch.cat([index, self(index)[:, -1:].argmax(-1)], 1)
        return index


class LSTMClassifier(nn.Module):
    def __init__(self, vocabulary, width, hidden, layers, classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, hidden, layers, batch_first=True)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, index, lengths=None):
        x = self.embedding(index)
        if lengths is not None:
            x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.fc(self.lstm(x)[1][0][-1])


def double_conv(inputs, outputs):
    parts = []
    for i in (inputs, outputs):
        parts += [conv(i, outputs, 3), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*parts)


class UNet(nn.Module):
    def __init__(self, channels, classes, width, depth):
        super().__init__()
        self.encoder = nn.ModuleList(double_conv(width << i >> 1 if i else channels, width << i) for i in range(depth))
        self.bottleneck = double_conv(width << depth - 1, width << depth)
        self.up = nn.ModuleList(nn.ConvTranspose2d(width << i + 1, width << i, 2, 2) for i in reversed(range(depth)))
        self.decoder = nn.ModuleList(double_conv(width << i + 1, width << i) for i in reversed(range(depth)))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        skips = []
        for block in self.encoder:
            skips.append(block(x))
            x = F.max_pool2d(skips[-1], 2)
        x = self.bottleneck(x)
        for up, block in zip(self.up, self.decoder):
            x = block(torch.cat([skips.pop(), up(x)], 1))
        return self.head(x)


resnet18 = functools.partial(ResNet, BasicBlock, (2, 2, 2, 2))
resnet34 = functools.partial(ResNet, BasicBlock, (3, 4, 6, 3))
resnet50 = functools.partial(ResNet, Bottleneck, (3, 4, 6, 3))
FULL = {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50, "vgg11": VGG, "mobilenet_v2": MobileNetV2, "vit_b_16": VisionTransformer, "gpt2": GPT}


def parameters(net):
    return sum(p.numel() for p in net.parameters())


def against_torchvision():
    """The same names, order and shapes as torchvision's, and from the same weights the same logits."""
    from torchvision import models

    for name, twin in FULL.items():
        if name == "gpt2":
            continue
        own, other = twin().eval(), getattr(models, name)().eval()
        state = {k: torch.randn_like(v).div(30) if v.is_floating_point() and "var" not in k else v for k, v in own.state_dict().items()}
        assert list(state) == list(other.state_dict()), name
        own.load_state_dict(state)
        other.load_state_dict(state)
        x = torch.randn(1, 3, 224, 224)
        with torch.no_grad():
            a, b = own(x), other(x)
        print(name, "as torchvision's: logits up to", float(b.abs().max()), "differ by", float((a - b).abs().max()))
        assert (a - b).abs().max() < 1e-9 * b.abs().max(), name
