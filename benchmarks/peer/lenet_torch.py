"""LeNet's speed in PyTorch on random pictures, as JSON lines, one after each repetition with all so far: what io.github.cortado.benchmarks.LeNetThroughput is
compared with. A training step is forward with dropout, cross-entropy, backward, Adam and a running total of the loss;
with --infer it is forward alone. Needs PyTorch: python3 -m venv ~/torch && ~/torch/bin/pip install torch
"""
import argparse
import json
import statistics
import time

import torch
from torch.nn import Conv2d, CrossEntropyLoss, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential


def options():
    parser = argparse.ArgumentParser(description="PyTorch's LeNet throughput")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--format", choices=("nchw", "nhwc"), default="nchw", help="memory layout of pictures and weights")
    parser.add_argument("--mode", choices=("eager", "compile", "graph"), default="eager", help="graph: one CUDA graph a step")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--tf32", action="store_true", help="lets CUDA round products to TF32")
    parser.add_argument("--infer", action="store_true", help="forward alone, in evaluation mode")
    return parser.parse_args()


def lenet():
    convolutions = []
    for channels_in, channels_out in ((3, 16), (16, 32), (32, 64)):
        convolutions += [Conv2d(channels_in, channels_out, 3, padding=1), ReLU(), MaxPool2d(2)]
    return Sequential(*convolutions, Flatten(), Linear(1024, 500), ReLU(), Dropout(0.5), Linear(500, 10))


class Throughput:
    def __init__(self, o):
        self.o = o
        self.device = torch.device(o.device)
        self.layout = torch.channels_last if o.format == "nhwc" else torch.contiguous_format
        self.pictures = torch.empty(o.images, 3, 32, 32, device=self.device).uniform_(-1, 1)
        self.labels = torch.randint(10, (o.images,), device=self.device)
        self.model = lenet().to(self.device, memory_format=self.layout).train(not o.infer)
        self.forward = torch.compile(self.model) if o.mode == "compile" else self.model
        captured = {"fused": True, "capturable": True} if o.mode == "graph" else {}
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-3, **captured)
        self.cross_entropy = CrossEntropyLoss()
        self.total = torch.zeros((), device=self.device)
        self.step = self.capture() if o.mode == "graph" else self.plain_step

    def plain_step(self, x, y):
        x = x.contiguous(memory_format=self.layout)
        if self.o.infer:
            with torch.no_grad():
                self.forward(x)
            return
        # A captured step writes its gradients to the same memory every time.
        self.adam.zero_grad(set_to_none=self.o.mode != "graph")
        loss = self.cross_entropy(self.forward(x), y)
        loss.backward()
        self.adam.step()
        self.total += loss.detach()

    def capture(self):
        x = self.pictures[: self.o.batch].clone(memory_format=self.layout)
        y = self.labels[: self.o.batch].clone()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(5):
                self.plain_step(x, y)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.plain_step(x, y)

        def replay(next_x, next_y):
            x.copy_(next_x)
            y.copy_(next_y)
            graph.replay()

        return replay

    def run(self, images):
        """Goes through the first images in whole batches; returns how many pictures that were."""
        batches = images // self.o.batch
        for at in range(0, batches * self.o.batch, self.o.batch):
            self.step(self.pictures[at : at + self.o.batch], self.labels[at : at + self.o.batch])
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return batches * self.o.batch

    def rate(self):
        start = time.perf_counter()
        pictures = self.run(self.o.images)
        return round(pictures / (time.perf_counter() - start))


def main():
    o = options()
    torch.manual_seed(0)
    torch.set_num_threads(o.threads)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = o.tf32
    torch.backends.cuda.matmul.allow_tf32 = o.tf32
    throughput = Throughput(o)
    throughput.run(min(o.images, 2_000))
    rates = []
    for _ in range(o.reps):
        rates.append(throughput.rate())
        answer = {"torch": torch.__version__, **vars(o), "images_per_second": rates, "median": round(statistics.median(rates))}
        if len(rates) < o.reps:
            answer["partial"] = True
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
