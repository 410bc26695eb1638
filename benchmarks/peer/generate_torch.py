"""Text that a small GPT writes in PyTorch, symbol by symbol: what io.github.cortado.benchmarks.GenerationThroughput is compared with.

    python generate_torch.py --symbols 200

Prints a JSON line: symbols a second by the median of so many texts, each behind a prompt of one symbol, the likeliest symbol at each
place. Keys and values of what has been seen are kept, as Hugging Face's models keep them.

With --export FILE nothing is timed: the file gets the weights and a text, as safetensors. GenerationThroughput --check FILE has to
write the same text with these weights.

Needs PyTorch: python3 -m venv ~/torch && ~/torch/bin/pip install torch
"""
import argparse
import json
import statistics
import time

import torch
from torch.nn import functional as F

from nets_torch import Gpt, save

PROMPT = 1


def attention(module, x, seen, layer):
    batch, tokens, width = x.shape
    shape = (batch, tokens, module.heads, width // module.heads)
    q, k, v = (part.view(shape).transpose(1, 2) for part in module.c_attn(x).split(width, dim=2))
    if layer < len(seen):
        k = torch.cat((seen[layer][0], k), dim=2)
        v = torch.cat((seen[layer][1], v), dim=2)
        seen[layer] = k, v
    else:
        seen.append((k, v))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=tokens > 1)
    return module.c_proj(y.transpose(1, 2).reshape(batch, tokens, width))


def following(model, index, seen):
    """Logits of what comes behind symbols [n, t], which come behind what has been seen."""
    parts = model.transformer
    start = seen[0][0].shape[2] if seen else 0
    x = parts["wte"](index) + parts["wpe"](torch.arange(start, start + index.shape[1]))
    for layer, block in enumerate(parts["h"]):
        x = x + attention(block.attn, block.ln_1(x), seen, layer)
        x = x + block.mlp(block.ln_2(x))
    return model.lm_head(parts["ln_f"](x[:, -1:]))


@torch.inference_mode()
def generate(model, count):
    text = torch.full((1, 1), PROMPT)
    seen, following_symbol = [], text
    for _ in range(count):
        following_symbol = following(model, following_symbol, seen)[:, -1].argmax(1, keepdim=True)
        text = torch.cat((text, following_symbol), dim=1)
    return text


def options():
    parser = argparse.ArgumentParser(description="PyTorch's speed of writing text")
    parser.add_argument("--symbols", type=int, default=200, help="behind the prompt")
    parser.add_argument("--steps", type=int, default=20, help="texts that are timed")
    parser.add_argument("--warmup", type=float, default=6, help="seconds")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--export", metavar="FILE", help="writes weights and a text, and times nothing")
    return parser.parse_args()


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    model = Gpt(positions=256).eval()
    # Larger than at first, for then the likeliest symbol is the last one again.
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    answer = {"torch": torch.__version__, **vars(o)}
    if o.export:
        tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
        save(o.export, {**tensors, "text": generate(model, o.symbols)}, {"torch": torch.__version__})
    else:
        end = time.perf_counter() + o.warmup
        while time.perf_counter() < end:
            generate(model, o.symbols)
        seconds = []
        for _ in range(o.steps):
            start = time.perf_counter()
            generate(model, o.symbols)
            seconds.append(time.perf_counter() - start)
        answer["symbols_per_second"] = round(o.symbols / statistics.median(seconds), 1)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
