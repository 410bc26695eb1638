"""Writes what torchvision 0.28 (transforms.v2.functional on Pillow 12.3 pictures, with torch 2.13 and NumPy 2.4) makes of drawn
pictures: `python generate.py DIR` writes augment.json and augment.safetensors, in the format of ../transforms.json.

torchvision's compiled operators (nms and the like) are not needed: where they do not load beside this torch, they are left out."""

import json
import pathlib
import random
import struct
import sys

import torch

register = torch.library.register_fake
torch.library.register_fake = lambda *args, **kwargs: lambda function: function
import torchvision.transforms.v2 as v2
import torchvision.transforms.v2.functional as F
from torchvision.transforms.v2.functional._misc import _get_gaussian_kernel1d

torch.library.register_fake = register
from PIL import Image

random.seed(11)
cases, pictures = [], {}


def draw(width, height, noise=45, low=0, high=255):
    """A noisy disc before a gradient, between two values."""
    image = Image.new("RGB", (width, height))
    pixels = image.load()
    for y in range(height):
        for x in range(width):
            inside = (x - width * 0.4) ** 2 + (y - height * 0.55) ** 2 < (min(width, height) * 0.33) ** 2
            base = (210, 60, 90) if inside else (int(255 * x / width), int(255 * y / height), 140)
            pixels[x, y] = tuple(max(low, min(high, b + random.randint(-noise, noise))) for b in base)
    return image


def add(op, image, result, **attrs):
    name = "%s%d" % (op, sum(case["op"] == op for case in cases))
    pictures[name] = result
    cases.append({"case": name, "op": op, "attrs": attrs, "image": image})


pictures["wide"] = draw(19, 12)
pictures["high"] = draw(10, 21)
pictures["pale"] = draw(17, 13, 10, 60, 190)
pictures["small"] = draw(3, 2)
pictures["dot"] = draw(1, 1)
pictures["flat"] = Image.new("RGB", (6, 5), (7, 200, 33))
pictures["large"] = draw(40, 33, 20, 30, 220)

# Cutting and padding.
for image, box in [("wide", (2, 3, 7, 11)), ("high", (-3, -2, 9, 20)), ("small", (1, 2, 4, 4)), ("wide", (30, 2, 2, 2)), ("high", (0, -40, 2, 3))]:
    add("crop", image, F.crop(pictures[image], *box), box=box)
for image, size in [("wide", (7, 8)), ("high", (8, 7)), ("wide", (20, 10)), ("small", (9, 9)), ("high", (5, 33)), ("wide", (12, 19)), ("high", (18, 5))]:
    add("center_crop", image, F.center_crop(pictures[image], list(size)), size=size)
paddings = [(2, 3, 4, 1), (0, 0, 0, 5), (30, 25, 27, 29), (-2, 3, 1, -4), (0, -5, 0, 6)]
for mode in ("constant", "edge", "reflect", "symmetric"):
    for n, padding in enumerate(paddings):
        image = ("wide", "high")[n % 2]
        add("pad", image, F.pad(pictures[image], list(padding), fill=[9, 250, 77], padding_mode=mode), padding=padding, mode=mode, fill=[9, 250, 77])
    for image in ("small", "dot"):
        add("pad", image, F.pad(pictures[image], [7, 6, 5, 9], fill=0, padding_mode=mode), padding=[7, 6, 5, 9], mode=mode, fill=[0])


def drawn(integers, function):
    """What a function returns where these are torch's random integers, in order."""
    queue, kept = list(integers), torch.randint

    def randint(low, high, size):
        assert low <= queue[0] < high, (low, queue, high)
        return torch.tensor(queue.pop(0)).reshape(size)

    torch.randint = randint
    try:
        result = function()
        assert not queue
        return result
    finally:
        torch.randint = kept


def random_crop(image, size, place, **options):
    transform = v2.RandomCrop(list(size), **options)
    result = drawn(place, lambda: transform(pictures[image]))
    add("random_crop", image, result, size=size, place=place, **options)


random_crop("wide", (7, 8), (0, 0))
random_crop("wide", (7, 8), (5, 11))
random_crop("wide", (7, 8), (2, 6))
random_crop("wide", (12, 19), (8, 3), padding=[4, 4, 4, 4])
random_crop("high", (21, 10), (6, 0), padding=[1, 2, 3, 4], fill=[200, 100, 50])
random_crop("high", (24, 30), (1, 17), pad_if_needed=True, padding_mode="reflect")
random_crop("high", (30, 12), (2, 2), padding=[1, 2, 3, 4], pad_if_needed=True, padding_mode="symmetric")
random_crop("small", (9, 9), (3, 1), padding=[2, 2, 2, 2], pad_if_needed=True, padding_mode="edge")

# Grey, and rectangles.
for image in ("wide", "high", "pale", "dot", "flat"):
    add("grayscale", image, F.to_grayscale(pictures[image], num_output_channels=3))
for image, box, size in [("wide", (2, 3, 7, 11), (5, 6)), ("high", (1, 0, 20, 9), (32, 24)), ("pale", (0, 0, 1, 1), (3, 4)), ("wide", (0, 0, 12, 19), (12, 19)), ("high", (-2, 4, 9, 9), (8, 8))]:
    add("resized_crop", image, F.resized_crop(pictures[image], *box, size=list(size)), box=box, size=size)
for image, box, value in [("wide", (2, 3, 7, 11), [0]), ("high", (1, 0, 20, 9), [255, 1, 128]), ("pale", (12, 16, 1, 1), [77]), ("dot", (0, 0, 1, 1), [3, 4, 5]), ("wide", (5, 6, 0, 3), [9])]:
    add("erase", image, F.erase(pictures[image], *box, torch.tensor(value, dtype=torch.float32)[:, None, None]), box=box, value=value)


class Stream:
    """Philox4x32-10, keyed by seed, epoch, index and ordinal, as this library draws for a picture's transforms."""

    def __init__(self, seed, epoch, index, ordinal):
        self.key, self.counter, self.n = seed, (index, epoch, 2 << 24 | ordinal), 0

    def word(self):
        c, key = [self.n // 4, *self.counter], [self.key & 0xFFFFFFFF, self.key >> 32]
        for _ in range(10):
            p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [q >> 32 ^ c[1] ^ key[0], q & 0xFFFFFFFF, p >> 32 ^ c[3] ^ key[1], p & 0xFFFFFFFF]
            key = [key[0] + 0x9E3779B9 & 0xFFFFFFFF, key[1] + 0xBB67AE85 & 0xFFFFFFFF]
        self.n += 1
        return c[(self.n - 1) % 4]

    def uniform(self):
        return torch.tensor((self.word() >> 8) / 2**24)

    def integer(self, low, high):
        return low + ((high - low) * (self.word() >> 8) >> 24)


def single(x):
    return torch.as_tensor(x, dtype=torch.float32)


def with_draws(stream, function):
    """What a function returns where torch's random numbers come from a stream: one word for each, as that library takes them."""
    kept = torch.randint, torch.rand, torch.Tensor.uniform_

    def randint(low, high=None, size=None):
        if size is None:
            low, high, size = 0, low, high
        return torch.tensor(stream.integer(low, high)).reshape(size)

    torch.randint = randint
    torch.rand = lambda *size: stream.uniform().reshape(size[0] if size == ((),) else size)
    torch.Tensor.uniform_ = lambda self, low, high: self.copy_(single(low) + (single(high) - single(low)) * stream.uniform())
    try:
        return function()
    finally:
        torch.randint, torch.rand, torch.Tensor.uniform_ = kept


def randomly(op, image, transform, **attrs):
    """A whole transform, with the draws of a picture of its own."""
    seed, epoch, index = 7, 3, len(cases)
    result = with_draws(Stream(seed, epoch, index, 0), lambda: transform(pictures[image]))
    add(op, image, result, draws=[seed, epoch, index], **attrs)


for n in range(12):
    image, size = ("wide", "high", "pale")[n % 3], [9 + n, 14 - n]
    randomly("random_resized_crop", image, v2.RandomResizedCrop(size), size=size)
for n in range(6):
    ratio = [[0.1, 0.2], [4.0, 9.0], [0.5, 6.0]][n % 3]
    scale = [0.5, 1.0] if n < 3 else [0.9, 4.0]
    randomly("random_resized_crop", ("wide", "high")[n // 3], v2.RandomResizedCrop([8, 6], scale=scale, ratio=ratio), size=[8, 6], scale=scale, ratio=ratio)
for n in range(10):
    image = ("wide", "high", "pale")[n % 3]
    randomly("random_erasing", image, v2.RandomErasing(), p=0.5)
    randomly("random_erasing", image, v2.RandomErasing(1, value=(1, 200, 90)), p=1, value=[1, 200, 90])
for n in range(4):
    randomly("random_erasing", ("wide", "small")[n % 2], v2.RandomErasing(1, scale=(0.4, 1.0), ratio=(0.05, 30.0), value=9), p=1, scale=[0.4, 1.0], ratio=[0.05, 30.0], value=[9])
for n in range(6):
    randomly("random_grayscale", "wide", v2.RandomGrayscale(0.5), p=0.5)

# Tones and sharpness.
for image in ("wide", "high", "pale", "small", "dot", "flat", "large"):
    add("vflip", image, F.vertical_flip(pictures[image]))
    add("autocontrast", image, F.autocontrast(pictures[image]))
    add("equalize", image, F.equalize(pictures[image]))
    add("invert", image, F.invert(pictures[image]))
for n, image in enumerate(("wide", "high", "pale", "large")):
    for bits in (0, 8, 1 + n, 4 + n):
        add("posterize", image, F.posterize(pictures[image], bits), bits=bits)
    for threshold in (0.0, 256.0, 100.0, 127.5, 60.25 + n):
        add("solarize", image, F.solarize(pictures[image], threshold), threshold=threshold)
for image in ("wide", "high", "small", "dot", "large"):
    for factor in (0.0, 0.37, 1.0, 1.73, 9.5):
        add("adjust_sharpness", image, F.adjust_sharpness(pictures[image], factor), factor=factor)
for n in range(4):
    randomly("random_vertical_flip", "wide", v2.RandomVerticalFlip(), p=0.5)
    randomly("random_autocontrast", "pale", v2.RandomAutocontrast(), p=0.5)
    randomly("random_equalize", "large", v2.RandomEqualize(), p=0.5)
    randomly("random_invert", "wide", v2.RandomInvert(), p=0.5)
    randomly("random_posterize", "wide", v2.RandomPosterize(3), p=0.5, bits=3)
    randomly("random_solarize", "wide", v2.RandomSolarize(120.0), p=0.5, threshold=120.0)
    randomly("random_adjust_sharpness", "wide", v2.RandomAdjustSharpness(2.5), p=0.5, factor=2.5)

# Gaussians: torchvision's convolution sums in float32, in an order of the machine's, and may round another way where a sum is close
# to a half. Where it does against a sum in float64 of the same weights, the place is noted.


def other_way(picture, kernel, sigma):
    weights = [_get_gaussian_kernel1d(k, s, torch.float32, "cpu").double() for k, s in zip(kernel, sigma)]
    square = (weights[1][:, None] * weights[0]).expand(3, 1, kernel[1], kernel[0])
    around = [kernel[0] // 2] * 2 + [kernel[1] // 2] * 2
    pixels = F.pil_to_tensor(picture)
    sums = torch.nn.functional.conv2d(torch.nn.functional.pad(pixels.double()[None], around, mode="reflect"), square, groups=3)[0]
    there = F.gaussian_blur(pixels, list(kernel), list(sigma))
    places = (sums.round() != there).flatten().nonzero().flatten().tolist()
    assert all(abs(sums.flatten()[i] % 1 - 0.5) < 2e-4 for i in places)
    return places


blurs = [("wide", (3, 3), (1.0, 1.0)), ("wide", (5, 7), (0.7, 2.5)), ("high", (9, 3), (0.1, 2.0)), ("high", (1, 1), (3.0, 0.2)), ("large", (23, 23), (1.37, 1.37)), ("large", (11, 21), (50.0, 4.0)), ("pale", (17, 5), (2.2, 0.6)), ("small", (3, 3), (1.0, 1.5)), ("flat", (5, 5), (1.0, 1.0)), ("dot", (1, 1), (1.0, 1.0))]
for image, kernel, sigma in blurs:
    add("gaussian_blur", image, F.gaussian_blur(pictures[image], list(kernel), list(sigma)), kernel=kernel, sigma=sigma, other_way=other_way(pictures[image], kernel, sigma))
for n in range(6):
    randomly("random_gaussian_blur", ("wide", "high", "large")[n % 3], v2.GaussianBlur((5, 7) if n < 3 else 9, (0.1, 2.0) if n < 3 else (0.5, 5.0)), kernel=[5, 7] if n < 3 else [9, 9], sigma=[0.1, 2.0] if n < 3 else [0.5, 5.0])

# RandAugment's operations at some of their magnitudes, and whole ones.
OPERATIONS = ["Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"]
magnitudes = {"Shear": (0.09, -0.3, 0.99), "Trans": (3.99, -7.2, 40.0), "Rotat": (9.0, -30.0, 117.0), "Poste": (0, 4, 7), "Solar": (0.7, 0.0, 1.0)}
transform = v2.RandAugment()
for n, operation in enumerate(OPERATIONS):
    for k, magnitude in enumerate(magnitudes.get(operation[:5], (0.27, -0.9, 0.99))):
        image = ("wide", "high", "large")[(n + k) % 3]
        result = transform._apply_image_or_video_transform(pictures[image], operation, magnitude, "nearest", transform._fill)
        add("augmentation", image, result, operation=n, magnitude=magnitude)
for n in range(30):
    attrs = [dict(num_ops=2, magnitude=9, num_magnitude_bins=31), dict(num_ops=3, magnitude=14, num_magnitude_bins=15), dict(num_ops=4, magnitude=7, num_magnitude_bins=31)][n % 3]
    randomly("rand_augment", ("wide", "high")[n // 3 % 2], v2.RandAugment(**attrs), **attrs)
for n in range(24):
    randomly("trivial_augment_wide", ("wide", "high", "pale")[n % 3], v2.TrivialAugmentWide(31 if n < 18 else 12), num_magnitude_bins=31 if n < 18 else 12)
for n in range(75):
    policy = ["IMAGENET", "CIFAR10", "SVHN"][n % 3]
    randomly("auto_augment", ("wide", "high", "pale")[n // 3 % 3], v2.AutoAugment(v2.AutoAugmentPolicy[policy]), policy=policy)
for n in range(8):
    both = v2.RandomApply([v2.RandomGrayscale(0.5), v2.RandomErasing(0.5, value=9), v2.RandomVerticalFlip(0.5)], p=0.7)
    randomly("random_apply", "wide", both, p=0.7)
policies = [{"case": p.name, "pairs": v2.AutoAugment(p)._policies} for p in (v2.AutoAugmentPolicy.IMAGENET, v2.AutoAugmentPolicy.CIFAR10, v2.AutoAugmentPolicy.SVHN)]
spaces = []
for name, space in (("rand", v2.RandAugment._AUGMENTATION_SPACE), ("wide", v2.TrivialAugmentWide._AUGMENTATION_SPACE)):
    for bins, height, width in ((31, 32, 32), (12, 19, 224), (2, 331, 5)):
        rows = [space[operation][0](bins, height, width) for operation in OPERATIONS]
        rows = [[0.0] * bins if row is None else row.tolist() for row in rows]
        spaces.append({"case": "%s%d" % (name, bins), "space": name, "bins": bins, "height": height, "width": width, "magnitudes": rows})

header, data = {}, b""
for name, picture in pictures.items():
    assert picture.mode == "RGB", name
    planes = b"".join(channel.tobytes() for channel in picture.split())
    header[name] = {"dtype": "U8", "shape": [3, picture.height, picture.width], "data_offsets": [len(data), len(data) + len(planes)]}
    data += planes
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
directory = pathlib.Path(sys.argv[1])
(directory / "augment.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
(directory / "augment.json").write_text("[\n" + ",\n".join("  " + json.dumps(case) for case in cases) + "\n]\n")
(directory / "spaces.json").write_text("[\n" + ",\n".join("  " + json.dumps(case) for case in spaces) + "\n]\n")
(directory / "policies.json").write_text("[\n" + ",\n".join("  " + json.dumps(case) for case in policies) + "\n]\n")
