"""Writes transforms.json and transforms.safetensors with Pillow (12.3): python generate_transforms.py DIR"""

import json
import math
import pathlib
import random
import struct
import sys

from PIL import Image, ImageEnhance

random.seed(7)
NEAREST = {"interpolation": "nearest", "fill": 0}
cases = []


def draw(width, height):
    """A noisy disc before a gradient."""
    image = Image.new("RGB", (width, height))
    pixels = image.load()
    for y in range(height):
        for x in range(width):
            inside = (x - width * 0.4) ** 2 + (y - height * 0.55) ** 2 < (min(width, height) * 0.33) ** 2
            base = (210, 60, 90) if inside else (int(255 * x / width), int(255 * y / height), 140)
            pixels[x, y] = tuple(max(0, min(255, b + random.randint(-45, 45))) for b in base)
    return image


def inverse_affine(cx, cy, angle, translate, scale, shear):
    """The inverse of torchvision's translation, rotation, scale and shear about (cx, cy)."""
    r, sx, sy = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    a = math.cos(r - sy) / math.cos(sy)
    b = -a * math.tan(sx) - math.sin(r)
    c = math.sin(r - sy) / math.cos(sy)
    d = math.cos(r) - c * math.tan(sx)
    m = [d / scale, -b / scale, cx, -c / scale, a / scale, cy]
    m[2] -= m[0] * (cx + translate[0]) + m[1] * (cy + translate[1])
    m[5] -= m[3] * (cx + translate[0]) + m[4] * (cy + translate[1])
    return m


def step(op, image, attrs):
    if op == "hflip":
        return image.transpose(Image.FLIP_LEFT_RIGHT)
    if op == "rotate":
        return image.rotate(attrs["angle"], Image.NEAREST, fillcolor=(0, 0, 0))
    if op == "affine":
        m = inverse_affine(
            image.width * 0.5, image.height * 0.5, attrs["angle"], attrs["translate"], attrs["scale"], attrs["shear"]
        )
        return image.transform(image.size, Image.AFFINE, m, Image.NEAREST, fillcolor=(0, 0, 0))
    if op == "resize":
        return image.resize((attrs["size"][1], attrs["size"][0]), Image.BILINEAR)
    enhance = {"brightness": ImageEnhance.Brightness, "contrast": ImageEnhance.Contrast, "saturation": ImageEnhance.Color}
    return enhance[op.removeprefix("adjust_")](image).enhance(attrs["factor"])


def chain(image, attrs):
    for op in attrs["order"]:
        own = dict(attrs, factor=attrs.get(op))
        if op == "affine":
            own.update(angle=0, translate=[0, 0])
        image = step(op, image, own)
    return image


def add(name, op, attrs, number):
    image = pictures["image%d" % number]
    pictures[name] = chain(image, attrs) if op == "chain" else step(op, image, attrs)
    cases.append({"case": name, "op": op, "attrs": attrs, "image": number})


pictures = {"image0": draw(20, 20), "image1": draw(23, 14), "image2": draw(9, 9)}
for i in range(2):
    add("hflip%d" % i, "hflip", {}, i)
angles = [(0, -7.313), (0, 90.0), (0, 180.0), (0, -90.0), (1, 37.5), (1, -171.25), (1, 0.0), (2, 45.0), (2, 90.0), (1, 5.0)]
for n, (i, angle) in enumerate(angles):
    add("rotate%d" % n, "rotate", dict(angle=angle, **NEAREST), i)
maps = [
    (0, 0, [0, 0], 1.139, [5.275, 0.0]),
    (0, 0, [0, 0], 0.81, [-9.491, 0.0]),
    (1, 0, [3, -2], 1.0, [0.0, 0.0]),
    (1, 33.0, [-4, 1], 1.31, [12.5, -20.25]),
    (0, -120.0, [0, 5], 0.4, [-60.0, 35.0]),
    (2, 0, [0, 0], 2.5, [0.0, 0.0]),
    (1, 10.0, [0, 0], 1.0, [0.0, 70.0]),
]
for n, (i, angle, translate, scale, shear) in enumerate(maps):
    add("affine%d" % n, "affine", dict(angle=angle, translate=translate, scale=scale, shear=shear, **NEAREST), i)
for op in ("brightness", "contrast", "saturation"):
    for n, factor in enumerate((0.0, 0.802, 1.0, 1.1999, 2.75)):
        add("%s%d" % (op, n), "adjust_" + op, {"factor": factor}, n % 2)
for n, (i, size) in enumerate([(0, [7, 7]), (1, [32, 32]), (1, [5, 40]), (0, [20, 9]), (2, [9, 9])]):
    add("resize%d" % n, "resize", {"size": size, "interpolation": "bilinear", "antialias": True}, i)
orders = [["hflip", "rotate", "affine", "contrast", "saturation", "brightness"], ["rotate", "affine", "saturation", "brightness", "contrast"]]
for n, order in enumerate(orders):
    attrs = dict(order=order, angle=-8.25 + 10 * n, scale=0.87 + 0.3 * n, shear=[6.5 - 11 * n, 0.0])
    attrs.update(brightness=0.83 + 0.3 * n, contrast=1.18 - 0.3 * n, saturation=0.93 + 0.2 * n)
    add("chain%d" % n, "chain", attrs, n)

header, data = {}, b""
for name, picture in pictures.items():
    planes = b"".join(channel.tobytes() for channel in picture.split())
    header[name] = {
        "dtype": "U8",
        "shape": [3, picture.height, picture.width],
        "data_offsets": [len(data), len(data) + len(planes)],
    }
    data += planes
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
directory = pathlib.Path(sys.argv[1])
(directory / "transforms.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
(directory / "transforms.json").write_text("[\n" + ",\n".join("  " + json.dumps(case) for case in cases) + "\n]\n")
