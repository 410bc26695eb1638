"""Writes the reference results that stand beside this script: small networks with their weights, and what PyTorch makes of them. Run with
torch 2.13; where torchvision is, too, the twins are held against it first.

A file has the state dict in its order under "model.", x and logits in evaluation, targets, and of a step of training, dropout being off, the loss,
the norm of all parameters' gradient and that of each. Weights are float16, which keeps the files small and float32 holds, what is computed is
float64."""
import copy
import ctypes
import importlib.util
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F
from torch import nn

import twins

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def save(file, tensors):
    """The header in the order given, the widest types first in the data."""
    kinds = {torch.float16: "F16", torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
    parts, places, end = [], {}, 0
    for name, t in sorted(tensors.items(), key=lambda e: -e[1].element_size()):
        t = t.detach().contiguous()
        places[name] = [end, end + t.numel() * t.element_size()]
        end = places[name][1]
        parts.append(ctypes.string_at(t.data_ptr(), t.numel() * t.element_size()))
    header = {name: {"dtype": kinds[t.dtype], "shape": list(t.shape), "data_offsets": places[name]} for name, t in tensors.items()}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def shaken(net):
    """Weights that float16 holds, none of them where first values leave it, such as zeros and ones."""
    with torch.no_grad():
        for name, t in net.state_dict().items():
            if not t.is_floating_point():
                t.fill_(7)
            elif name.endswith("running_var"):
                t.uniform_(0.5, 1.5)
            elif t.dim() > 1 and "embedding" not in name and "class_token" not in name:
                t.normal_(0, 1.2 / math.sqrt(t[0].numel()))
            elif name.endswith("weight") and t.dim() == 1:
                t.uniform_(0.7, 1.3)
            else:
                t.normal_(0, 0.3)
            t.copy_(t.half() if t.is_floating_point() else t)
    return net


def pictures(n, channels, side):
    return torch.randn(n, channels, side, side).float()


def step(net, x, y):
    """The loss of a training step without dropout, and the norms of all parameters' gradients."""
    net.train()
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    logits = net(x)
    loss = F.cross_entropy(logits.flatten(0, 1), y.flatten()) if logits.dim() == 3 else F.cross_entropy(logits, y)
    loss.backward()
    return loss.detach(), torch.stack([p.grad.norm() for p in net.parameters()])


def write(name, net, x, y, **more):
    """Weights are drawn anew where PyTorch's own float32 is far from float64: a batch normalisation of next to nothing in between, or a
    maximum that is another's by the last bit, says nothing of who computes right."""
    while True:
        state = {k: v.clone() for k, v in shaken(net).state_dict().items()}
        single, as32 = copy.deepcopy(net).float(), lambda t: t.float() if t.is_floating_point() else t
        norms32 = step(single, as32(x), y)[1].double()
        double = x.double() if x.is_floating_point() else x
        loss, norms = step(net, double, y)
        if (norms32 - norms).abs().max() < 1e-5 * norms.norm():
            break
        net.zero_grad()
    net.load_state_dict(state)
    net.eval()
    tensors = {f"model.{k}": v.half() if v.is_floating_point() else v for k, v in state.items()}
    tensors |= {"x": x, "logits": net(double), "y": y}
    for key, value in more.items():
        tensors[key] = value(net) if callable(value) else value
    tensors |= {"loss": loss, "norms": norms, "norm": norms.norm()}
    save(HERE / f"{name}.safetensors", tensors)
    print(name, twins.parameters(net), "parameters, loss", loss.item(), "norm", norms.norm().item(), "logits up to", tensors["logits"].abs().max().item())


def classes(count, *shape):
    return torch.randint(0, count, shape)


if importlib.util.find_spec("torchvision"):
    twins.against_torchvision()
else:
    print("without torchvision: the twins are held against nothing")
torch.manual_seed(19)

basic, bottleneck = twins.BasicBlock, twins.Bottleneck
write("lenet", twins.LeNet(3, 8, 5), pictures(4, 3, 8), classes(5, 4))
write("mlp", twins.MLP(18, 12, 9, 4), pictures(5, 2, 3), classes(4, 5))
write("resnet18", twins.ResNet(basic, (2, 2, 2, 2), 6, 4), pictures(3, 3, 40), classes(6, 3))
write("resnet18_cifar", twins.ResNet(basic, (2, 2, 2, 2), 6, 4, True), pictures(4, 3, 16), classes(6, 4))
write("resnet34", twins.ResNet(basic, (3, 4, 6, 3), 5, 2), pictures(3, 3, 40), classes(5, 3))
write("resnet50", twins.ResNet(bottleneck, (3, 4, 6, 3), 5, 3), pictures(4, 3, 56), classes(5, 4))
narrow = ((4,), (6,), (8, 8), (10, 10), (12, 12))
write("vgg11", twins.VGG(narrow, 16, 7), pictures(2, 3, 64), classes(7, 2))
write("vgg11_small", twins.VGG(narrow, 0, 7), pictures(3, 3, 32), classes(7, 3))
write("mobilenet_v2", twins.MobileNetV2(5, 0.1), pictures(3, 3, 48), classes(5, 3))
write("mobilenet_v2_small", twins.MobileNetV2(5, 0.1, True), pictures(3, 3, 16), classes(5, 3))
write("vit", twins.VisionTransformer(12, 4, 2, 3, 24, 40, 5), pictures(3, 3, 12), classes(5, 3))
prompt = classes(11, 2, 4)
write("gpt", twins.GPT(11, 16, 24, 2, 3), classes(11, 3, 9), classes(11, 3, 9), prompt=prompt, greedy=lambda net: net.greedy(prompt, 12))
lengths, sequences = torch.tensor([7, 2, 5]), classes(13, 3, 7)
write("lstm", twins.LSTMClassifier(13, 6, 8, 2, 4), sequences, classes(4, 3), lengths=lengths,
      padded=lambda net: net(sequences, lengths))
write("unet", twins.UNet(2, 3, 4, 2), pictures(2, 2, 12), classes(3, 2, 12, 12))

with torch.device("meta"):
    counts = {name: twins.parameters(full()) for name, full in twins.FULL.items()}
(HERE / "counts.json").write_text(json.dumps(counts, indent=1) + "\n")
print(counts)
