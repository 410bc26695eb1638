"""Writes small files in MNIST's format, and what torchvision 0.28 reads of them: `python generate.py DIR`.

The files are written as the format's description says, by struct; torchvision reads them back, those of MNIST as its data set."""

import gzip
import json
import pathlib
import random
import struct
import sys

import torch

register = torch.library.register_fake
torch.library.register_fake = lambda *args, **kwargs: lambda function: function
from torchvision.datasets import MNIST
from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor

torch.library.register_fake = register

random.seed(5)
directory = pathlib.Path(sys.argv[1])
tensors = {}


def idx(kind, dimensions, code, elements):
    return struct.pack(">BBBB%dI" % len(dimensions), 0, 0, kind, len(dimensions), *dimensions) + struct.pack(">%d%s" % (len(elements), code), *elements)


kinds = {
    "ubyte": (0x08, "B", lambda: random.randint(0, 255)),
    "byte": (0x09, "b", lambda: random.randint(-128, 127)),
    "short": (0x0B, "h", lambda: random.randint(-(2**15), 2**15 - 1)),
    "int": (0x0C, "i", lambda: random.randint(-(2**31), 2**31 - 1)),
    "float": (0x0D, "f", lambda: random.gauss(0, 3)),
    "double": (0x0E, "d", lambda: random.gauss(0, 3)),
}
for name, (kind, code, value) in kinds.items():
    dimensions = (2, 3, 4) if name != "short" else (5,)
    count = 24 if name != "short" else 5
    file = directory / (name + ".idx")
    file.write_bytes(idx(kind, dimensions, code, [value() for _ in range(count)]))
    tensor = read_sn3_pascalvincent_tensor(str(file), strict=False)
    tensors[name] = tensor if tensor.dtype in (torch.uint8, torch.float32, torch.float64) else tensor.int()

raw = directory / "MNIST" / "raw"
raw.mkdir(parents=True, exist_ok=True)
for part, train, n in (("train", True, 5), ("t10k", False, 3)):
    pixels = [min(255, max(0, random.randint(-400, 300))) for _ in range(n * 28 * 28)]
    labels = [9, 0, 4, 7, 1][:n]
    (raw / (part + "-images-idx3-ubyte")).write_bytes(idx(8, (n, 28, 28), "B", pixels))
    (raw / (part + "-labels-idx1-ubyte")).write_bytes(idx(8, (n,), "B", labels))
for part, train in (("train", True), ("t10k", False)):
    data = MNIST(str(directory), train=train)
    planes = [torch.frombuffer(bytearray(data[i][0].convert("RGB").tobytes()), dtype=torch.uint8) for i in range(len(data))]
    tensors[part] = torch.stack([p.reshape(28, 28, 3).permute(2, 0, 1) for p in planes])
    tensors[part + "-labels"] = torch.tensor([data[i][1] for i in range(len(data))], dtype=torch.int32)
# torchvision reads no packed ones.
images = raw / "train-images-idx3-ubyte"
images.with_name(images.name + ".gz").write_bytes(gzip.compress(images.read_bytes(), mtime=0))
images.unlink()

names = {torch.uint8: "U8", torch.int32: "I32", torch.float32: "F32", torch.float64: "F64"}
header, data = {}, b""
for name, tensor in tensors.items():
    content = tensor.contiguous().numpy().tobytes()
    header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
(directory / "idx.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
