"""Writes a corpus of pictures with Pillow, and what Pillow reads of each: python3 pictures.py DIR [small]

DIR/pictures.json lists the files in DIR, each with the error where Pillow refuses it; DIR/pictures.safetensors has
the pixels of the others, [3, height, width], by Image.open(file).convert("RGB"), as torchvision's loader reads them.
"small" is the part that is committed beside the tests.
"""

import io
import json
import pathlib
import random
import struct
import sys
import warnings
import zlib

from PIL import Image, ImageCms, features

warnings.simplefilter("ignore")
random.seed(11)
directory = pathlib.Path(sys.argv[1])
small = sys.argv[2:] == ["small"]
sizes = [(19, 11)] if small else [(22, 18), (16, 16), (97, 61), (1, 1), (3, 130)]
truncations = 3 if small else 45
flips = 2 if small else 45
files = {}


def draw(width, height):
    """A disc before a gradient, with a little noise: smooth enough for JPEG, and no two channels alike."""
    image = Image.new("RGB", (width, height))
    pixels = image.load()
    for y in range(height):
        for x in range(width):
            inside = (x - width * 0.4) ** 2 + (y - height * 0.55) ** 2 < (min(width, height) * 0.33) ** 2
            base = (210, 60, 90) if inside else (int(255 * x / width), int(255 * y / height), 140)
            pixels[x, y] = tuple(max(0, min(255, b + random.randint(-9, 9))) for b in base)
    return image


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def add(name, image, kind, suffix=None, **options):
    suffix = suffix or {"JPEG": "jpg", "TIFF": "tif"}.get(kind, kind.lower())
    files[f"{name}.{suffix}"] = encoded(image, kind, **options)


def alpha(image):
    image = image.convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def inks(image):
    """CMYK with black in it, unlike what Pillow's own conversion gives."""
    c, m, y, k = image.convert("CMYK").split()
    return Image.merge("CMYK", (c, m, y, Image.linear_gradient("L").resize(image.size)))


def exif(image, orientation):
    data = image.getexif()
    data[0x0112] = orientation
    return data


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, bits, colour, rows, before=b"", interlaced=0):
    """A PNG of a kind that Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


def bmp(size, bits, masks):
    """A BMP whose colours are where the masks say."""
    width, height = size
    rows = b"".join(noise(width * bits // 8) + bytes(-(width * bits // 8) % 4) for _ in range(height))
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 3, len(rows), 2835, 2835, 0, 0)
    offset = 14 + 40 + 12
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + header + struct.pack("<III", *masks) + rows


def noise(n):
    return bytes(random.randrange(256) for _ in range(n))


def without(jpeg, *markers):
    """A JPEG without some of its segments."""
    out, at = jpeg[:2], 2
    while jpeg[at + 1] != 0xDA:
        length = 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if jpeg[at + 1] not in markers:
            out += jpeg[at : at + length]
        at += length
    return out + jpeg[at:]


def adobe(transform):
    return b"\xff\xee" + struct.pack(">H", 14) + b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform)


def numbered(jpeg, ids):
    """A JPEG whose components have other numbers."""
    data, at = bytearray(jpeg), 2
    while True:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker in (0xC0, 0xC1, 0xC2):
            for i, number in enumerate(ids):
                data[at + 10 + 3 * i] = number
        if marker == 0xDA:
            for i, number in enumerate(ids):
                data[at + 5 + 2 * i] = number
            return bytes(data)
        at += 2 + length


def profiles(image):
    rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    # Red and green change places, so that whoever converts is found out.
    wide = bytearray(rgb)
    r, g = wide.find(b"rXYZ"), wide.find(b"gXYZ")
    wide[r : r + 4], wide[g : g + 4] = b"gXYZ", b"rXYZ"
    return {"srgb": rgb, "swapped": bytes(wide), "lab": lab, "damaged": rgb[:200]}


def jpegs(size, image):
    name = "%dx%d" % size
    for quality in [75] if small else [5, 30, 75, 95, 100]:
        for subsampling in (0, 1, 2):
            for progressive in (False, True):
                add(
                    f"jpeg-{name}-q{quality}-s{subsampling}-{'progressive' if progressive else 'baseline'}",
                    image, "JPEG", quality=quality, subsampling=subsampling, progressive=progressive,
                )  # fmt: skip
    add(f"jpeg-{name}-grey", image.convert("L"), "JPEG")
    add(f"jpeg-{name}-grey-progressive", image.convert("L"), "JPEG", progressive=True)
    add(f"jpeg-{name}-optimized", image, "JPEG", optimize=True)
    plain = encoded(image, "JPEG", subsampling=0)
    sub = encoded(image, "JPEG", subsampling=2)
    files[f"jpeg-{name}-nojfif.jpg"] = without(plain, 0xE0)
    files[f"jpeg-{name}-nojfif-sub.jpg"] = without(sub, 0xE0)
    files[f"jpeg-{name}-adobe-rgb.jpg"] = without(plain, 0xE0).replace(b"\xff\xd8", b"\xff\xd8" + adobe(0), 1)
    files[f"jpeg-{name}-adobe-ycc.jpg"] = without(plain, 0xE0).replace(b"\xff\xd8", b"\xff\xd8" + adobe(1), 1)
    files[f"jpeg-{name}-jfif-and-adobe-rgb.jpg"] = plain.replace(b"\xff\xdb", adobe(0) + b"\xff\xdb", 1)
    files[f"jpeg-{name}-named-rgb.jpg"] = numbered(without(plain, 0xE0), b"RGB")
    files[f"jpeg-{name}-named-012.jpg"] = numbered(without(plain, 0xE0), b"\0\1\2")
    files[f"jpeg-{name}-named-ycc.jpg"] = numbered(without(sub, 0xE0), b"\x59\x43\x63")
    files[f"jpeg-{name}-bytes-before-marker.jpg"] = plain[:-2] + noise(5).replace(b"\xff", b"\0") + plain[-2:]
    files[f"jpeg-{name}-bytes-after-end.jpg"] = plain + noise(40)
    files[f"jpeg-{name}-comment.jpg"] = plain.replace(b"\xff\xdb", b"\xff\xfe\0\x07hello\xff\xdb", 1)
    cmyk = encoded(inks(image), "JPEG")
    files[f"jpeg-{name}-cmyk.jpg"] = cmyk
    files[f"jpeg-{name}-cmyk-no-adobe.jpg"] = without(cmyk, 0xEE)
    # Pillow writes no YCCK: the same values, said to be it.
    files[f"jpeg-{name}-ycck.jpg"] = without(cmyk, 0xEE).replace(b"\xff\xd8", b"\xff\xd8" + adobe(2), 1)
    for orientation in (3, 6):
        add(f"jpeg-{name}-exif{orientation}", image, "JPEG", exif=exif(image, orientation))
    for profile, data in profiles(image).items():
        add(f"jpeg-{name}-profile-{profile}", image, "JPEG", icc_profile=data)
        add(f"png-{name}-profile-{profile}", image, "PNG", icc_profile=data)
        if not small:
            add(f"jpeg-{name}-grey-profile-{profile}", image.convert("L"), "JPEG", icc_profile=data)
            files[f"jpeg-{name}-cmyk-profile-{profile}.jpg"] = encoded(inks(image), "JPEG", icc_profile=data)


def pngs(size, image):
    name = "png-%dx%d" % size
    width, height = size
    add(f"{name}-rgb", image, "PNG")
    add(f"{name}-rgba", alpha(image), "PNG")
    add(f"{name}-grey", image.convert("L"), "PNG")
    add(f"{name}-grey-alpha", alpha(image).convert("LA"), "PNG")
    add(f"{name}-bilevel", image.convert("1"), "PNG")
    for colours in (2, 4, 16, 256):
        add(f"{name}-palette{colours}", image.quantize(colours), "PNG")
    add(f"{name}-palette-clear", image.quantize(16), "PNG", transparency=3)
    add(f"{name}-palette-half", image.quantize(16), "PNG", transparency=bytes(range(0, 256, 16)))
    add(f"{name}-rgb-clear", image, "PNG", transparency=image.getpixel((0, 0)))
    add(f"{name}-grey-clear", image.convert("L"), "PNG", transparency=140)
    add(f"{name}-exif6", image, "PNG", exif=exif(image, 6))
    add(f"{name}-grey16", Image.frombytes("I;16", size, noise(2 * width * height)), "PNG")
    for bits in (2, 4):
        rows = [noise((width * bits + 7) // 8) for _ in range(height)]
        files[f"{name}-grey{bits}.png"] = png(width, height, bits, 0, rows)
    files[f"{name}-rgb16.png"] = png(width, height, 16, 2, [noise(6 * width) for _ in range(height)])
    files[f"{name}-rgba16.png"] = png(width, height, 16, 6, [noise(8 * width) for _ in range(height)])
    files[f"{name}-grey-alpha16.png"] = png(width, height, 16, 4, [noise(4 * width) for _ in range(height)])
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    files[f"{name}-gamma.png"] = png(width, height, 8, 2, [noise(3 * width) for _ in range(height)], gamma)
    files[f"{name}-grey-gamma.png"] = png(width, height, 8, 0, [noise(width) for _ in range(height)], gamma)
    palette = chunk(b"PLTE", noise(3 * 7))
    rows = [bytes(random.randrange(16) for _ in range(width)) for _ in range(height)]
    files[f"{name}-index-beyond-palette.png"] = png(width, height, 8, 3, rows, palette)


def others(size, image):
    name = "%dx%d" % size
    modes = {"rgb": image, "grey": image.convert("L"), "palette": image.quantize(64), "bilevel": image.convert("1")}
    for mode, picture in modes.items():
        add(f"bmp-{name}-{mode}", picture, "BMP")
        add(f"gif-{name}-{mode}", picture, "GIF")
        for compression in ("raw", "tiff_lzw") if small else ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            add(f"tiff-{name}-{mode}-{compression}", picture, "TIFF", compression=compression)
    add(f"bmp-{name}-rgba", alpha(image), "BMP")
    for bits, masks in {16: (0xF800, 0x7E0, 0x1F), 15: (0x7C00, 0x3E0, 0x1F), 32: (0xFF0000, 0xFF00, 0xFF)}.items():
        files[f"bmp-{name}-masks{bits}.bmp"] = bmp(size, 32 if bits == 32 else 16, masks)
    add(f"gif-{name}-clear", image.quantize(16), "GIF", transparency=3)
    add(f"gif-{name}-interlaced", image, "GIF", interlace=1)
    add(f"gif-{name}-two", image, "GIF", save_all=True, append_images=[image.transpose(Image.ROTATE_180)])
    part = bytearray(encoded(image, "GIF"))
    part[6:10] = struct.pack("<HH", size[0] + 3, size[1] + 2)
    files[f"gif-{name}-part-of-screen.gif"] = bytes(part)
    add(f"tiff-{name}-rgba", alpha(image), "TIFF")
    add(f"tiff-{name}-cmyk", inks(image), "TIFF")
    add(f"tiff-{name}-ycbcr", image.convert("YCbCr"), "TIFF")
    add(f"tiff-{name}-grey16", Image.frombytes("I;16", size, noise(2 * size[0] * size[1])), "TIFF")
    add(f"tiff-{name}-float", image.convert("F"), "TIFF")
    add(f"tiff-{name}-int", image.convert("I"), "TIFF")
    add(f"tiff-{name}-orientation6", image, "TIFF", tiffinfo={274: 6})
    add(f"tiff-{name}-g4", image.convert("1"), "TIFF", compression="group4")
    add(f"tiff-{name}-jpeg", image, "TIFF", compression="jpeg")
    for profile, data in profiles(image).items():
        add(f"tiff-{name}-profile-{profile}", image, "TIFF", icc_profile=data)
    add(f"webp-{name}-lossless", image, "WEBP", lossless=True)
    add(f"webp-{name}-lossless-alpha", alpha(image), "WEBP", lossless=True)
    add(f"webp-{name}-lossless-clear", alpha(image), "WEBP", lossless=True, exact=True)
    add(f"webp-{name}-lossless-profile", image, "WEBP", lossless=True, icc_profile=profiles(image)["swapped"])
    add(f"webp-{name}-lossless-exif6", image, "WEBP", lossless=True, exif=exif(image, 6))
    add(f"webp-{name}-lossy", image, "WEBP", quality=80)
    add(f"webp-{name}-lossy-alpha", alpha(image), "WEBP", quality=80)
    add(f"webp-{name}-animated", image, "WEBP", save_all=True, append_images=[image.transpose(Image.ROTATE_180)])
    add(f"ppm-{name}", image, "PPM")
    if not small:
        add(f"ico-{name}", image, "ICO")
        add(f"tga-{name}", image, "TGA")


def damaged():
    """Some of the files cut off at many places, and with a byte changed at others."""
    whole = [name for name in files if name.split("-")[1] == "%dx%d" % sizes[0]]
    picked = ["q75-s0-baseline", "q75-s2-progressive", "-grey.jpg", "cmyk.jpg", "-rgb.png",
              "palette16.", "-rgb.gif", "-rgb.bmp", "-rgb-tiff_lzw", "lossless.webp"]  # fmt: skip
    if not small:
        picked += ["grey-progressive", "ycck", "grey-alpha.", "interlaced.gif", "palette.bmp", "-rgb-raw",
                   "-cmyk.tif", "-jpeg.tif", "lossless-alpha", "lossy.webp", "profile-srgb", "rgb16"]  # fmt: skip
    for name in whole:
        if any(p in name for p in picked):
            stem, suffix = name.rsplit(".", 1)
            data = files[name]
            for i in range(truncations):
                at = len(data) - 2 if i == 0 else max(1, len(data) * i // truncations)
                files[f"cut-{at}-{stem}.{suffix}"] = data[:at]
            for i in range(flips):
                at = random.randrange(len(data))
                changed = bytes([data[at] ^ (1 << random.randrange(8))])
                files[f"flip-{at}-{stem}.{suffix}"] = data[:at] + changed + data[at + 1 :]


def reads(data):
    """The three planes and their shape, or why there are none."""
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except Exception as e:  # whatever the decoders throw
        return None, f"{type(e).__name__}: {e}"[:100]
    planes = b"".join(channel.tobytes() for channel in image.split())
    return (planes, [3, image.height, image.width]), None


def main():
    for size in sizes:
        image = draw(*size)
        jpegs(size, image)
        pngs(size, image)
        others(size, image)
    damaged()
    files["tiff-of-18-bytes.tif"] = bytes.fromhex("4d4d002a00000008000d0100000300000001")
    files["gif-of-16383.gif"] = b"GIF89a" + struct.pack("<HH", 16383, 16383) + b"\x80\0\0" + bytes(6) + (
        b"," + struct.pack("<HHHH", 0, 0, 16383, 16383) + b"\0\x02\0\x3b")  # fmt: skip
    files["empty.png"] = b""
    files["text.jpg"] = b"no picture at all"
    files["zeros.bin"] = bytes(64)
    directory.mkdir(parents=True, exist_ok=True)
    cases, header, payload, at = [], {}, [], 0
    for name, data in sorted(files.items()):
        (directory / name).write_bytes(data)
        result, error = reads(data)
        cases.append({"case": name} if error is None else {"case": name, "error": error})
        if result:
            header[name] = {"dtype": "U8", "shape": result[1], "data_offsets": [at, at + len(result[0])]}
            payload.append(result[0])
            at += len(result[0])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (directory / "pictures.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(payload))
    (directory / "pictures.json").write_text(json.dumps(cases, indent=1) + "\n")
    print(f"{len(cases)} pictures by Pillow {Image.__version__}, libjpeg {features.version('jpg')}")


main()
