"""Writes the golden values of the training tests.

The loss is written here from its papers' formulas (task-aligned assignment, complete IoU, distribution focal loss, binary
cross-entropy) and differentiated by PyTorch. When the ultralytics package is installed, its own loss is run on the same
numbers and its value is stored beside ours, so that both definitions are known to agree.

usage: python make_training_goldens.py [output folder]
"""
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

MASK = (1 << 64) - 1
STRIDES = (8, 16, 32)
BINS = 16


def fill(key, count):
    """The values that the tests make from a key: FNV-1a, then SplitMix64, uniform in [-1, 1)."""
    h = 0xCBF29CE484222325
    for byte in key.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    out = []
    for i in range(count):
        z = (h + (i + 1) * 0x9E3779B97F4A7C15) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append((z >> 40) * 2.0**-23 - 1)
    return torch.tensor(out, dtype=torch.float32)


def anchors(size):
    points, strides = [], []
    for s in STRIDES:
        n = size // s
        for row in range(n):
            for column in range(n):
                points.append((column + 0.5, row + 0.5))
                strides.append(s)
    return torch.tensor(points), torch.tensor(strides, dtype=torch.float32)


def ciou(a, b, eps=1e-7):
    aw, ah = a[..., 2] - a[..., 0], a[..., 3] - a[..., 1] + eps
    bw, bh = b[..., 2] - b[..., 0], b[..., 3] - b[..., 1] + eps
    inter = (torch.minimum(a[..., 2], b[..., 2]) - torch.maximum(a[..., 0], b[..., 0])).clamp(0) * (
        torch.minimum(a[..., 3], b[..., 3]) - torch.maximum(a[..., 1], b[..., 1])).clamp(0)
    iou = inter / (aw * ah + bw * bh - inter + eps)
    cw = torch.maximum(a[..., 2], b[..., 2]) - torch.minimum(a[..., 0], b[..., 0])
    ch = torch.maximum(a[..., 3], b[..., 3]) - torch.minimum(a[..., 1], b[..., 1])
    diagonal = cw**2 + ch**2 + eps
    rho = ((b[..., 0] + b[..., 2] - a[..., 0] - a[..., 2])**2 + (b[..., 1] + b[..., 3] - a[..., 1] - a[..., 3])**2) / 4
    v = 4 / math.pi**2 * (torch.atan(bw / bh) - torch.atan(aw / ah))**2
    with torch.no_grad():
        alpha = v / (v - iou + 1 + eps)
    return iou - (rho / diagonal + v * alpha)


def decode(logits, points):
    """[A, 64] logits to corner boxes in strides."""
    sides = (logits.view(-1, 4, BINS).softmax(-1) * torch.arange(BINS)).sum(-1)
    return torch.cat([points - sides[:, :2], points + sides[:, 2:]], -1)


@torch.no_grad()
def assign(boxes, scores, points, strides, objects, top=10):
    """One image: (anchor -> object index or -1, anchor -> target score). boxes in pixels."""
    count, number = len(points), len(objects)
    if not objects:
        return torch.full((count,), -1), torch.zeros(count)
    centres = points * strides[:, None]
    inside = torch.zeros(number, count, dtype=torch.bool)
    align, overlap = torch.zeros(number, count), torch.zeros(number, count)
    for g, (label, box) in enumerate(objects):
        box = torch.tensor(box)
        wide = box.clone()
        for axis in (0, 1):
            if box[axis + 2] - box[axis] < 16:
                middle = (box[axis] + box[axis + 2]) / 2
                wide[axis], wide[axis + 2] = middle - 8, middle + 8
        inside[g] = ((centres - wide[:2]).amin(-1) > 1e-9) & ((wide[2:] - centres).amin(-1) > 1e-9)
        overlap[g] = torch.where(inside[g], ciou(boxes, box.expand_as(boxes)).clamp(0), 0.0)
        align[g] = torch.where(inside[g], scores[:, label].sigmoid()**0.5 * overlap[g]**6, 0.0)
    mask = torch.zeros(number, count, dtype=torch.bool)
    for g in range(number):
        mask[g, align[g].topk(min(top, count)).indices] = True
    mask &= inside & (align > 0)
    several = mask.sum(0) > 1
    best = overlap.argmax(0)
    for a in several.nonzero().flatten().tolist():
        mask[:, a] = False
        mask[best[a], a] = True
    chosen = torch.full((count,), -1)
    target = torch.zeros(count)
    for g in range(number):
        if mask[g].any():
            chosen[mask[g]] = g
            target[mask[g]] = align[g][mask[g]] * overlap[g][mask[g]].max() / (align[g][mask[g]].max() + 1e-9)
    return chosen, target


def loss(boxes, scores, size, images):
    points, strides = anchors(size)
    box_sum = cls_sum = dfl_sum = total_score = torch.tensor(0.0)
    assignments = []
    for n, objects in enumerate(images):
        decoded = decode(boxes[n], points)
        chosen, target = assign((decoded * strides[:, None]).detach(), scores[n].detach(), points, strides, objects)
        assignments.append([[a, int(chosen[a]), float(target[a])] for a in (chosen >= 0).nonzero().flatten().tolist()])
        labels = torch.zeros_like(scores[n])
        for a in (chosen >= 0).nonzero().flatten().tolist():
            label, box = objects[int(chosen[a])]
            labels[a, label] = target[a]
            goal = torch.tensor(box) / strides[a]
            box_sum = box_sum + (1 - ciou(decoded[a], goal)) * target[a]
            sides = torch.cat([points[a] - goal[:2], goal[2:] - points[a]]).clamp(0, BINS - 1 - 0.01)
            left = sides.long()
            weight = left + 1 - sides
            logits = boxes[n, a].view(4, BINS)
            dfl_sum = dfl_sum + (F.cross_entropy(logits, left, reduction="none") * weight
                                 + F.cross_entropy(logits, left + 1, reduction="none") * (1 - weight)).mean() * target[a]
        cls_sum = cls_sum + F.binary_cross_entropy_with_logits(scores[n], labels, reduction="sum")
        total_score = total_score + target.sum()
    s = total_score.clamp(min=1)
    return box_sum / s * 7.5, cls_sum / s * 0.5, dfl_sum / s * 1.5, assignments


def black_box(boxes, scores, size, images, classes):
    """The value of ultralytics' detection loss on the same predictions, or None where it is not installed."""
    try:
        from types import SimpleNamespace
        from ultralytics.utils.loss import v8DetectionLoss
    except ImportError:
        return None
    head = SimpleNamespace(stride=torch.tensor(STRIDES, dtype=torch.float32), nc=classes, no=classes + 64, reg_max=BINS)
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.p = torch.nn.Parameter(torch.zeros(1))
            self.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
            self.model = [head]
    head_count = [(size // s)**2 for s in STRIDES]
    features = []
    start = 0
    joined = torch.cat([boxes, scores], -1).permute(0, 2, 1)
    for s, n in zip(STRIDES, head_count):
        features.append(joined[:, :, start:start + n].reshape(len(images), -1, size // s, size // s))
        start += n
    rows = [[n, label, (b[0] + b[2]) / 2 / size, (b[1] + b[3]) / 2 / size, (b[2] - b[0]) / size, (b[3] - b[1]) / size]
            for n, objects in enumerate(images) for label, b in objects]
    rows = torch.tensor(rows) if rows else torch.zeros(0, 6)
    batch = {"batch_idx": rows[:, 0], "cls": rows[:, 1:2], "bboxes": rows[:, 2:]}
    criterion = v8DetectionLoss(Model())
    try:
        predictions = {"boxes": boxes.permute(0, 2, 1), "scores": scores.permute(0, 2, 1), "feats": features}
        _, items = criterion(predictions, batch)
    except (TypeError, KeyError, AttributeError, IndexError):
        _, items = criterion(features, batch)
    items = list(items.values()) if isinstance(items, dict) else items
    return [float(v) for v in items][:3]


CASES = [
    # name, size, classes, how fast bin logits fall (small boxes need a fall), objects as (label, corners in pixels)
    ("two_images", 64, 3, 0.5, [[(0, (6.0, 8.0, 40.0, 44.0)), (2, (30.0, 25.0, 62.0, 60.0))], [(1, (3.0, 5.0, 50.0, 30.0))]]),
    ("small_and_empty", 64, 2, 1.0, [[(1, (11.0, 12.0, 18.0, 17.0)), (0, (40.0, 41.0, 49.0, 58.0))], []]),
    ("crowded", 96, 4, 0.25, [[(k % 4, (5.0 + 9 * k, 7.0 + 6 * k, 37.0 + 9 * k, 33.0 + 8 * k)) for k in range(6)]]),
    ("nothing", 64, 2, 0.25, [[], []]),
]


def main(folder):
    cases = []
    for name, size, classes, tilt, images in CASES:
        count = sum((size // s)**2 for s in STRIDES)
        boxes = (fill(name + ".boxes", len(images) * count * 64).view(len(images), count, 64) * 2
                 - tilt * torch.arange(BINS).repeat(4)).requires_grad_()
        scores = (fill(name + ".scores", len(images) * count * classes).view(len(images), count, classes) * 3).requires_grad_()
        box, cls, dfl, assignments = loss(boxes, scores, size, images)
        ((box + cls + dfl) * len(images)).backward()
        zero = torch.zeros(1)
        box_gradient = (boxes.grad if boxes.grad is not None else zero.expand_as(boxes)).flatten()
        score_gradient = scores.grad.flatten()
        # Rows with any gradient, so that the file stays small: the ten largest and their places.
        probe = box_gradient.abs().topk(min(40, len(box_gradient))).indices.tolist()
        other = score_gradient.abs().topk(20).indices.tolist() + list(range(10))
        reference = black_box(boxes.detach(), scores.detach(), size, images, classes)
        cases.append({
            "name": name, "size": size, "classes": classes, "tilt": tilt,
            "objects": [[{"label": label, "corners": list(b)} for label, b in objects] for objects in images],
            "items": [box.item(), cls.item(), dfl.item()], "reference": reference, "assignments": assignments,
            "boxGradientSum": float(box_gradient.abs().sum()), "scoreGradientSum": float(score_gradient.abs().sum()),
            "boxGradient": [[i, float(box_gradient[i])] for i in probe],
            "scoreGradient": [[i, float(score_gradient[i])] for i in other]})
        print(name, cases[-1]["items"], reference)
    overlaps = []
    for k in range(12):
        values = fill(f"overlap.{k}", 8) * 4
        a = torch.tensor([values[0], values[1], values[0] + values[2].abs() + 0.3, values[1] + values[3].abs() + 0.3]).requires_grad_()
        b = torch.tensor([values[4] / 2, values[5] / 2, values[4] / 2 + values[6].abs() + 0.3, values[5] / 2 + values[7].abs() + 0.3])
        value = ciou(a, b)
        value.backward()
        overlaps.append({"a": a.tolist(), "b": b.tolist(), "value": value.item(), "gradient": a.grad.tolist()})
    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder) / "detection_loss.json", "w") as file:
        json.dump({"cases": cases, "overlaps": overlaps}, file, indent=None, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "TrainingTests" / "Goldens")
