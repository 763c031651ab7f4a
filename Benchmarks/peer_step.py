"""Times the same training step in PyTorch: the peer that `Benchmarks/compare` runs in turn with ours.

Needs torch and ultralytics; prints one JSON line with the keys of step-benchmark.
usage: peer_step.py [BATCH] [SIZE] [STEPS] [THREADS]
"""
import json
import resource
import statistics
import sys
import time
from types import SimpleNamespace

import torch
from ultralytics.nn.tasks import DetectionModel


def argument(position, default):
    return int(sys.argv[position]) if len(sys.argv) > position else default


batch, size, steps, threads = argument(1, 8), argument(2, 320), argument(3, 10), argument(4, 2)
torch.set_num_threads(threads)
torch.manual_seed(1)
model = DetectionModel("yolov8n.yaml", ch=3, nc=80, verbose=False)
model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
model = model.train().to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, nesterov=True)
images = torch.rand(batch, 3, size, size).to(memory_format=torch.channels_last)
objects = 5 * batch
data = {
    "img": images,
    "batch_idx": torch.arange(batch).repeat_interleave(5).float(),
    "cls": torch.arange(objects).remainder(5).float()[:, None],
    "bboxes": torch.cat([torch.rand(objects, 2) * 0.5 + 0.25, torch.rand(objects, 2) * 0.3 + 0.1], 1),
}
seconds = []
for step in range(steps + 3):
    start = time.perf_counter()
    loss, _ = model(data)
    loss.sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    if step >= 3:
        seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

left, right = torch.full((2048, 2048), 0.5), torch.full((2048, 2048), 0.25)
rates = []
for _ in range(5):
    start = time.perf_counter()
    left @ right
    rates.append(2 * 2048**3 / (time.perf_counter() - start) / 1e9)
print(json.dumps({
    "batch": batch, "size": size, "threads": threads,
    "minimumMilliseconds": min(seconds) * 1e3, "medianMilliseconds": statistics.median(seconds) * 1e3,
    "peakResidentMegabytes": peak, "sgemmGigaflops": max(rates),
}))
