"""Takes the steps that `examples gpt --export FILE` wrote down, in PyTorch: the same weights, stretches of text and rates.

    python gpt_torch.py --export FILE [--text FILE] --history out-gpt/history.json

Prints a table of the losses of both, the largest relative difference, and the time of both. Without dropout, whose random numbers
are not the same.

Needs PyTorch: python3 -m venv ~/torch && ~/torch/bin/pip install torch
"""
import argparse
import json
import pathlib
import struct
import time

import torch
from torch.nn import functional as F

from nets_torch import Gpt

BUILT_IN = "../../examples/src/main/resources/io/github/cortado/examples/text/genesis.txt"
DTYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}


def load(file):
    """Tensors and metadata of a safetensors file."""
    data = pathlib.Path(file).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--export", required=True)
    parser.add_argument("--text", default=pathlib.Path(__file__).parent / BUILT_IN)
    parser.add_argument("--history", help="of the other program, to compare with")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    tensors, metadata = load(options.export)
    if float(metadata["dropout"]):
        parser.error("--export: the steps are with dropout, which is not the same elsewhere; use --dropout 0")
    text = pathlib.Path(options.text).read_text(encoding="utf-8")
    alphabet = {c: i for i, c in enumerate(sorted(set(text)))}
    numbers = torch.tensor([alphabet[c] for c in text])
    context = int(metadata["context"])
    starts, rates = tensors.pop("starts"), tensors.pop("rates")

    weights = {name.removeprefix("model."): value for name, value in tensors.items()}
    symbols, width = weights["transformer.wte.weight"].shape
    model = Gpt(symbols, context, width, int(metadata["layers"]), int(metadata["heads"]))
    model.load_state_dict(weights)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [dict(params=matrices, weight_decay=float(metadata["decay"])), dict(params=vectors, weight_decay=0.0)]
    )

    losses = []
    begun = time.perf_counter()
    for own, rate in zip(starts, rates.tolist()):
        places = own[:, None] + torch.arange(context)
        logits = model(numbers[places])
        loss = F.cross_entropy(logits.flatten(0, 1), numbers[places + 1].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), float(metadata["largest_norm"]))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        losses.append(loss.item())
    seconds = time.perf_counter() - begun

    print(f"{len(losses)} steps in PyTorch {torch.__version__}: {seconds:.1f} s")
    if options.history:
        history = json.loads(pathlib.Path(options.history).read_text())
        others = history["train_loss"]
        print(f"the other program, validation included: {history['seconds']:.1f} s\n")
        print("| step | there | PyTorch | relative difference |\n|--:|--:|--:|--:|")
        apart = [abs(a - b) / b for a, b in zip(others, losses)]
        for step in range(len(losses)):
            if step in (0, 1, 9) or (step + 1) % 50 == 0:
                print(f"| {step + 1} | {others[step]:.6f} | {losses[step]:.6f} | {apart[step]:.1e} |")
        worst = max(range(len(apart)), key=apart.__getitem__)
        print(f"\nlargest of all: {apart[worst]:.1e}, step {worst + 1}")
    else:
        print(json.dumps(losses))


if __name__ == "__main__":
    main()
