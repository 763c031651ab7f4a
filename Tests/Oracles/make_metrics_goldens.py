"""Writes Tests/MetricsTests/Goldens/detection.json: random evaluations measured by pycocotools and ultralytics.
usage: make_metrics_goldens.py (needs numpy, torch, pycocotools, ultralytics)"""
import contextlib, io, json, pathlib
import numpy as np, torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from ultralytics.utils.metrics import ConfusionMatrix, ap_per_class, box_iou, compute_ap


def quarter(x):
    return float(np.round(x * 4) / 4)  # exact in float32


def make(seed, images, classes, ties=False, crowds=False, predict=True):
    rng = np.random.default_rng(seed)
    out = []
    pool = rng.permutation(4000) + 50
    used = 0
    for i in range(images):
        truths, predictions = [], []
        for _ in range(0 if i % 5 == 4 else rng.integers(1, 7)):
            w, h = rng.choice([12, 30, 60, 140], 2) * rng.uniform(.7, 1.4, 2)
            x, y = rng.uniform(0, 300, 2)
            box = [quarter(x), quarter(y), quarter(x + w), quarter(y + h)]
            label = int(rng.integers(classes))
            crowd = bool(crowds and rng.uniform() < .25)
            truths.append([*box, label, int(crowd)])
            for _ in range(rng.choice([0, 1, 1, 2])):
                if predict:
                    jitter = rng.normal(0, .08, 4) * [w, h, w, h]
                    b = [quarter(v + j) for v, j in zip(box, jitter)]
                    if b[2] > b[0] and b[3] > b[1]:
                        predictions.append([*b, label if rng.uniform() < .85 else int(rng.integers(classes))])
        for _ in range(rng.integers(0, 4) if predict else 0):
            x, y = rng.uniform(0, 300, 2)
            predictions.append([quarter(x), quarter(y), quarter(x + 40), quarter(y + 40), int(rng.integers(classes))])
        for p in predictions:
            p.append(float(rng.integers(1, 8)) / 8 if ties else float(pool[used]) / 4096)  # exact in float32
            used += 1
        out.append({"truths": truths, "predictions": predictions})
    return {"classes": classes, "images": out}


def coco(case):
    gt = {"info": {}, "images": [{"id": i + 1} for i in range(len(case["images"]))], "annotations": [],
          "categories": [{"id": c + 1, "name": str(c)} for c in range(case["classes"])]}
    dt = []
    for i, image in enumerate(case["images"]):
        for x1, y1, x2, y2, label, crowd in image["truths"]:
            gt["annotations"].append({"id": len(gt["annotations"]) + 1, "image_id": i + 1, "category_id": label + 1, "iscrowd": crowd,
                                      "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)})
        for x1, y1, x2, y2, label, score in image["predictions"]:
            dt.append({"image_id": i + 1, "category_id": label + 1, "bbox": [x1, y1, x2 - x1, y2 - y1], "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(); truth.dataset = gt; truth.createIndex()
        found = COCO() if not dt else truth.loadRes(dt)
        if not dt:
            found.dataset = {**gt, "annotations": []}; found.createIndex()
        e = COCOeval(truth, found, "bbox"); e.evaluate(); e.accumulate(); e.summarize()
    return [float(v) for v in e.stats]


def ultra(case):
    from ultralytics.engine.validator import BaseValidator
    v = BaseValidator.__new__(BaseValidator); v.iouv = torch.linspace(.5, .95, 10)
    tp, conf, pcls, tcls = [], [], [], []
    for image in case["images"]:
        t = torch.tensor([x[:5] for x in image["truths"] if not x[5]]).reshape(-1, 5)
        p = torch.tensor(sorted(image["predictions"], key=lambda r: -r[5])).reshape(-1, 6)
        tcls.append(t[:, 4].numpy()); conf.append(p[:, 5].numpy()); pcls.append(p[:, 4].numpy())
        if len(p):
            tp.append(v.match_predictions(p[:, 4], t[:, 4], box_iou(t[:, :4], p[:, :4])).numpy() if len(t) else np.zeros((len(p), 10), bool))
    tp = np.concatenate(tp) if tp else np.zeros((0, 10), bool)
    r = ap_per_class(tp, np.concatenate(conf), np.concatenate(pcls), np.concatenate(tcls))
    p, rec, ap, cls = r[2], r[3], r[5], r[6]
    p, rec = np.asarray(p), np.asarray(rec)
    matrix = ConfusionMatrix(names={c: str(c) for c in range(case["classes"])})
    for image in case["images"]:
        t = torch.tensor([x[:5] for x in image["truths"] if not x[5]]).reshape(-1, 5)
        q = torch.tensor(sorted(image["predictions"], key=lambda r: -r[5])).reshape(-1, 6)
        matrix.process_batch({"bboxes": q[:, :4], "conf": q[:, 5], "cls": q[:, 4]}, {"bboxes": t[:, :4], "cls": t[:, 4]})
    at_recall, targets, order = [], np.concatenate(tcls), np.argsort(-np.concatenate(conf))
    for c in cls:
        right = tp[order][np.concatenate(pcls)[order] == c][:, 0].cumsum()
        if len(right):
            _, precision, recall = compute_ap(right / (targets == c).sum(), right / np.arange(1, len(right) + 1))
            at_recall.append(np.interp(np.linspace(0, 1, 101), recall, precision).tolist())
        else:
            at_recall.append([0.0] * 101)
    return {"confusion": np.asarray(matrix.matrix).T.astype(int).tolist(), "precision_at_recall": np.round(at_recall, 8).tolist(),
            "p_curve": np.round(r[7][:, ::9], 8).tolist(), "r_curve": np.round(r[8][:, ::9], 8).tolist(), "f1_curve": np.round(r[9][:, ::9], 8).tolist(),
            "mAP50": float(ap[:, 0].mean()), "mAP50_95": float(ap.mean()), "precision": float(p.mean()), "recall": float(rec.mean()),
            "labels": [int(c) for c in cls], "ap50": [float(a) for a in ap[:, 0]], "ap": [float(a) for a in ap.mean(1)]}


cases = {"plain": make(1, 10, 3), "crowds": make(2, 10, 3, crowds=True), "ties": make(3, 8, 2, ties=True),
         "noPredictions": make(4, 4, 2, predict=False), "manyClasses": make(5, 12, 8, crowds=True)}
for name, case in cases.items():
    case["coco"] = coco(case)
    # Equal confidences have no defined order in the reference's sort.
    if name not in ("ties", "noPredictions"):
        case["ultralytics"] = ultra(case)
out = pathlib.Path(__file__).parent.parent / "MetricsTests/Goldens/detection.json"
out.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print({n: (c["coco"][:3], c.get("ultralytics", {}).get("mAP50_95")) for n, c in cases.items()})
