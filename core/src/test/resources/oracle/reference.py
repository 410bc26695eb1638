"""How reference results are written: the format of shared/oracle, which its README describes. Needs torch and numpy."""
import json
import pathlib
import struct

import torch

torch.set_default_dtype(torch.float64)

CASES, TENSORS = [], {}
HERE = pathlib.Path.cwd()


def into(directory):
    """Where files go from now on."""
    global HERE
    HERE = pathlib.Path(directory)


def save(name, tensors):
    kinds = {torch.float32: "F32", torch.int64: "I64", torch.uint8: "U8"}
    header, blobs, at = {}, [], 0
    for key, t in sorted(tensors.items(), key=lambda e: -e[1].element_size()):
        blob = t.contiguous().numpy().tobytes()
        header[key] = {"dtype": kinds[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / name).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def rounded(t):
    """What float32 can hold, in float64."""
    return t.float().double() if t.is_floating_point() else t


def case(name, op, f, inputs, grads=None, **attrs):
    inputs = {k: rounded(v).detach() for k, v in inputs.items()}
    grads = [k for k, v in inputs.items() if v.is_floating_point()] if grads is None else grads
    for k in grads:
        inputs[k].requires_grad_(True)
    y = f(*inputs.values())
    CASES.append({"case": name, "op": op, "attrs": attrs, "inputs": list(inputs), "grads": grads})
    for k, v in inputs.items():
        TENSORS[f"{name}/{k}"] = v.detach().float() if v.is_floating_point() else v
    TENSORS[f"{name}/y"] = y.detach().float()
    if grads:
        gy = rounded(torch.randn_like(y))
        y.backward(gy)
        TENSORS[f"{name}/gy"] = gy.float()
        for k in grads:
            TENSORS[f"{name}/grad_{k}"] = inputs[k].grad.float()


def write(stem="ops"):
    (HERE / f"{stem}.json").write_text(json.dumps(CASES, indent=1) + "\n")
    save(f"{stem}.safetensors", TENSORS)


def optimizers(kinds):
    """Twenty steps of each with gradients of its own, on parameters [5, 3, 2]."""
    manifest, tensors = [], {}
    for i, (kind, args) in enumerate(kinds):
        p = rounded(torch.randn(5, 3, 2)).requires_grad_(True)
        tensors[f"opt{i}/p0"] = p.detach().float().clone()
        g = rounded(torch.randn(20, 5, 3, 2))
        optimizer = getattr(torch.optim, kind)([p], **args)
        steps = []
        for k in range(20):
            p.grad = g[k].clone()
            optimizer.step()
            steps.append(p.detach().float().clone())
        tensors[f"opt{i}/g"], tensors[f"opt{i}/p"] = g.float(), torch.stack(steps)
        manifest.append({"case": f"opt{i}", "optimizer": kind, "args": args})
    (HERE / "optim.json").write_text(json.dumps(manifest, indent=1) + "\n")
    save("optim.safetensors", tensors)
