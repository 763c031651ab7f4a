"""Writes the reference probes (format trainyard-probe/1) of all architectures in training and evaluation mode.

usage: make_probes.py OUTPUT_FOLDER [NAME ...]

Networks come from torchvision and Ultralytics and run in double precision on float32 inputs, so that a probe holds
the true values. No weights are stored: every value is computed from its key, as docs/adding-a-model.md describes.
"""

import json
import math
import sys
from pathlib import Path

import numpy
import torch
import torchvision

FORMAT = "trainyard-probe/1"
CLASSES = 10
SEED = 7
GOLDEN_RATIO = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
CLASSIFIERS = ["resnet18", "resnet34", "resnet50", "mobilenet_v3_small", "mobilenet_v3_large"]
DETECTORS = {"YOLOv8_nano": "n", "YOLOv8_small": "s", "YOLOv8_medium": "m", "YOLOv8_large": "l", "YOLOv8_xl": "x"}


def uniform(key, count):
    """`count` numbers in [-1, 1): SplitMix64 from FNV-1a of the key and the seed."""
    state = 0xCBF29CE484222325
    for byte in key.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    state ^= (SEED * GOLDEN_RATIO) & MASK
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(state) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(GOLDEN_RATIO)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return (z >> numpy.uint64(40)).astype(numpy.float64) * 2.0**-23 - 1


def fill(key, shape):
    """The value of the float tensor `key`, rounded to float32."""
    count = math.prod(shape)
    u = uniform(key, count)
    if key.endswith("running_mean"):
        values = 0.1 * u
    elif key.endswith("running_var"):
        values = 1 + 0.5 * u
    elif len(shape) >= 2:
        values = u * math.sqrt(3 / (count / shape[0]))
    elif key.endswith("weight"):
        values = 1 + 0.1 * u
    else:
        values = 0.1 * u
    return torch.from_numpy(values.astype(numpy.float32).reshape(tuple(shape)))


def rounded(value):
    return float(f"{value:.9g}")


def summary(tensor):
    tensor = tensor.detach()
    return {
        "shape": list(tensor.shape),
        "sum": rounded(tensor.sum().item()),
        "sum_abs": rounded(tensor.abs().sum().item()),
        "first": [rounded(v) for v in tensor.flatten()[:8].tolist()],
    }


def make_network(name):
    if name in DETECTORS:
        from ultralytics.nn.tasks import DetectionModel

        return DetectionModel(f"yolov8{DETECTORS[name]}.yaml", nc=CLASSES, verbose=False)
    return torchvision.models.get_model(name, num_classes=CLASSES)


def raw_outputs(name, result):
    if name not in DETECTORS:
        return [result]
    head = result[1] if isinstance(result, tuple) else result
    return [head["boxes"], head["scores"]]


def probe(name, mode):
    network = make_network(name)
    with torch.no_grad():
        state = [
            {"key": key, "shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch.")}
            for key, value in network.state_dict().items()
        ]
        for key, value in network.state_dict().items():
            if value.dtype.is_floating_point and not key.endswith("dfl.conv.weight"):
                value.copy_(fill(key, value.shape))
            elif key.endswith("num_batches_tracked"):
                value.zero_()
    network = network.double()
    network.train(mode == "train")
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    shape = [2, 3, 64, 96] if name in DETECTORS else [2, 3, 64, 64]
    outputs = raw_outputs(name, network(fill("input", shape).double()))
    loss = sum((o * fill(f"loss.{k}", o.shape).double()).mean() for k, o in enumerate(outputs))
    loss.backward()
    gradients = [{"key": k, **summary(p.grad)} for k, p in network.named_parameters() if p.requires_grad]
    return {
        "format": FORMAT, "architecture": name, "classes": CLASSES, "seed": SEED, "mode": mode, "input": shape,
        "outputs": [summary(o) for o in outputs], "loss": rounded(loss.item()), "gradients": gradients, "state": state,
    }


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or CLASSIFIERS + list(DETECTORS):
        for mode in ["train", "eval"]:
            path = folder / f"{name}.{mode}.json"
            path.write_text(json.dumps(probe(name, mode), separators=(",", ":")) + "\n")
            print(path, path.stat().st_size)


main()
