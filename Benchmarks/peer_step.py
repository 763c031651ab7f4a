"""Times the same training step in PyTorch: the peer that step-benchmark runs in turn with ours.

Channels last, SGD with momentum, the same batch, image size, classes and objects. Prints one JSON line with the keys of StepTimes.
usage: peer_step.py ARCHITECTURE BATCH SIZE STEPS THREADS
"""
import json
import resource
import sys
import time
from types import SimpleNamespace

import torch

WARM_UP_STEPS = 3
DETECTORS = {"YOLOv8_nano": "n", "YOLOv8_small": "s", "YOLOv8_medium": "m", "YOLOv8_large": "l", "YOLOv8_xl": "x"}

name = sys.argv[1]
batch, size, steps, threads = map(int, sys.argv[2:6])
torch.set_num_threads(threads)
torch.manual_seed(1)
images = torch.rand(batch, 3, size, size).to(memory_format=torch.channels_last)
if name in DETECTORS:
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel(f"yolov8{DETECTORS[name]}.yaml", ch=3, nc=80, verbose=False)
    model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
    objects = 5 * batch
    data = {
        "img": images,
        "batch_idx": torch.arange(batch).repeat_interleave(5).float(),
        "cls": torch.arange(objects).remainder(5).float()[:, None],
        "bboxes": torch.cat([torch.rand(objects, 2) * 0.5 + 0.25, torch.rand(objects, 2) * 0.3 + 0.1], 1),
    }
    loss_of = lambda: model(data)[0].sum()
else:
    import torchvision

    model = torchvision.models.get_model(name, num_classes=1000)
    labels = torch.arange(batch)
    loss_of = lambda: torch.nn.functional.cross_entropy(model(images), labels)
model = model.train().to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
milliseconds = []
for step in range(steps + WARM_UP_STEPS):
    start = time.perf_counter()
    loss_of().backward()
    optimizer.step()
    optimizer.zero_grad()
    if step >= WARM_UP_STEPS:
        milliseconds.append((time.perf_counter() - start) * 1e3)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

left, right = torch.full((2048, 2048), 0.5), torch.full((2048, 2048), 0.25)
seconds = []
for _ in range(5):
    start = time.perf_counter()
    left @ right
    seconds.append(time.perf_counter() - start)
print(json.dumps({
    "milliseconds": milliseconds, "peakResidentMegabytes": peak, "sgemmGigaflops": 2 * 2048**3 / min(seconds) / 1e9,
}))
