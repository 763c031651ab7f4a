"""Writes small files with torch.save, and what is in them, for the tests of the reader.

usage: make_weight_fixtures.py FOLDER
"""

import io
import json
import os
import sys
import zipfile
from collections import OrderedDict

import torch


def mixed():
    """Every element type, and tensors that are views of others' storages."""
    table = torch.arange(24.0).reshape(2, 3, 4) / 8
    result = OrderedDict()
    result["whole"] = table
    result["turned"] = table.permute(2, 0, 1)
    result["part"] = table[1, :, 1:3]
    result["repeated"] = torch.tensor([1.5, -2.0]).reshape(2, 1).expand(2, 3)
    result["parameter"] = torch.nn.Parameter(torch.tensor([0.1, float("inf"), -0.0]))
    result["scalar"] = torch.tensor(7)
    result["empty"] = torch.zeros(0, 4)
    for name in ("float64", "float16", "bfloat16"):
        result[name] = torch.tensor([1 / 3, -65504.0, 6e-8, 0.0]).to(getattr(torch, name))
    for name in ("int64", "int32", "int16", "int8"):
        result[name] = torch.tensor([-3, 0, 100], dtype=getattr(torch, name))
    result["uint8"] = torch.tensor([0, 255], dtype=torch.uint8)
    result["bool"] = torch.tensor([True, False])
    return result


def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))


def checkpoint():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    state = OrderedDict(("module." + key, value) for key, value in model.state_dict().items())
    return model.state_dict(), {"epoch": 3, "loss": 0.25, "best": None, "classes": ("a", "b"), "optimizer": optimizer.state_dict(), "model": state}


def averaged():
    average = torch.optim.swa_utils.AveragedModel(network())
    return network().state_dict(), {"model_ema": average.state_dict()}


class Caller:
    def __reduce__(self):
        return os.system, ("echo this must never run",)


def deflated(path):
    source, target = zipfile.ZipFile(path), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            archive.writestr(entry.filename, source.read(entry.filename))
    return target.getvalue()


def values(state):
    def numbers(tensor):
        exact = tensor.float() if tensor.is_floating_point() else tensor.long()
        return [value if abs(value) != float("inf") else str(value) for value in exact.reshape(-1).tolist()]

    return {key: {"shape": list(tensor.shape), "values": numbers(tensor)} for key, tensor in state.items()}


def main(folder):
    os.makedirs(folder, exist_ok=True)
    place = lambda name: os.path.join(folder, name)
    torch.save(mixed(), place("mixed.pth"))
    torch.save(mixed(), place("mixed-legacy.pth"), _use_new_zipfile_serialization=False)
    torch.save(dict(mixed()), place("mixed-protocol5.pth"), pickle_protocol=5)
    with open(place("mixed-deflated.pth"), "wb") as file:
        file.write(deflated(place("mixed.pth")))
    plain, whole = checkpoint()
    torch.save(whole, place("checkpoint.pth"))
    torch.save(whole, place("checkpoint-legacy.pth"), _use_new_zipfile_serialization=False)
    same, ema = averaged()
    torch.save(ema, place("average.pth"))
    torch.save({"weight": torch.ones(2), "call": Caller()}, place("calls.pth"))
    torch.save(network(), place("module.pth"))
    expected = {"mixed": values(mixed()), "checkpoint": values(plain), "average": values(same)}
    with open(place("expected.json"), "w") as file:
        json.dump(expected, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
