"""A network of nets_torch.py as an ONNX file, for OnnxThroughput.java; beside it pictures, and PyTorch's answers to them.

    python onnx_file.py --net resnet18 --batch 100 resnet18.onnx

The graph is what torch.fx finds, operator by operator, batch normalisation by itself: what folds it is the runtime. Written by
hand, so that nothing but PyTorch is needed: a field of a protobuf message is its number and kind, and the value.
resnet18.onnx.x and resnet18.onnx.y are the pictures and the logits, float32.
"""
import argparse
import operator
import struct

import torch
from torch import fx, nn
from torch.nn import functional as F

from nets_torch import NETS

FLOAT = 1


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A number, or text, bytes or a message, which come with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    if isinstance(value, float):
        return field(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + field(20, 1)
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)


def node(kind, inputs, output, **attributes):
    message = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind)
    return message + b"".join(field(5, attribute(*a)) for a in attributes.items())


def tensor(name, value):
    numbers = value.detach().contiguous().numpy().tobytes()
    return b"".join(field(1, n) for n in value.shape) + field(2, FLOAT) + field(8, name) + field(9, numbers)


def described(name, shape):
    dims = b"".join(field(1, field(1, n)) for n in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, dims)))


def of_module(m, x, y, name):
    weights = [f"{name}.{w}" for w in ("weight", "bias", "running_mean", "running_var") if getattr(m, w, None) is not None]
    if isinstance(m, nn.Conv2d):
        places = {"strides": m.stride, "pads": m.padding * 2, "dilations": m.dilation, "group": m.groups}
        return node("Conv", x + weights, y, kernel_shape=m.kernel_size, **places)
    if isinstance(m, nn.BatchNorm2d):
        return node("BatchNormalization", x + weights, y, epsilon=m.eps)
    if isinstance(m, nn.Linear):
        return node("Gemm", x + weights, y, transB=1)
    if isinstance(m, nn.MaxPool2d):
        return node("MaxPool", x, y, kernel_shape=(m.kernel_size,) * 2, strides=(m.stride,) * 2)
    if isinstance(m, (nn.ReLU, nn.Identity)):
        return node("Relu" if isinstance(m, nn.ReLU) else "Identity", x, y)
    raise SystemExit(f"onnx_file.py: {name}: a {type(m).__name__} is not known here")


def of_function(f, x, y, name):
    kinds = {F.relu: "Relu", operator.add: "Add", F.adaptive_avg_pool2d: "GlobalAveragePool", torch.flatten: "Flatten"}
    if f not in kinds:
        raise SystemExit(f"onnx_file.py: {name}: a {f} is not known here")
    return node(kinds[f], x, y)


def model(net, batch):
    """The file, of a network in evaluation mode for so many pictures."""
    nodes, ends = [], []
    for n in fx.symbolic_trace(net).graph.nodes:
        x = [a.name for a in n.args if isinstance(a, fx.Node)]
        if n.op == "placeholder":
            ends.append(field(11, described(n.name, batch.shape)))
        elif n.op == "output":
            ends.append(field(12, described(x[0], net(batch).shape)))
        elif n.op == "call_module":
            nodes.append(of_module(net.get_submodule(n.target), x, n.name, n.target))
        else:
            nodes.append(of_function(n.target, x, n.name, n.name))
    weights = [tensor(name, w) for name, w in net.state_dict().items() if w.dtype == torch.float32]
    graph = b"".join(field(1, n) for n in nodes) + field(2, "net") + b"".join(field(5, w) for w in weights)
    return field(1, 8) + field(7, graph + b"".join(ends)) + field(8, field(1, "") + field(2, 13))


def main():
    parser = argparse.ArgumentParser(description="a network as an ONNX file")
    parser.add_argument("--net", choices=("resnet18", "vgg11"), required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("file")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    picture = NETS[o.net].example
    net = NETS[o.net].model()
    with torch.inference_mode():
        net(torch.randn(8, *picture))  # running means that are not 0
        net.eval()
        x = torch.randn(o.batch, *picture)
        y = net(x)
        for name, content in (("", model(net, x)), (".x", x.numpy().tobytes()), (".y", y.numpy().tobytes())):
            with open(o.file + name, "wb") as out:
                out.write(content)


if __name__ == "__main__":
    main()
