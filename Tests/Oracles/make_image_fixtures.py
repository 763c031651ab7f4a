"""Writes Tests/DatasetsTests/Fixtures: small images of every kind, and what PIL reads from them (expected.json).
usage: make_image_fixtures.py (needs numpy and Pillow)"""
import json, pathlib
import numpy as np
from PIL import Image, ImageOps

out = pathlib.Path(__file__).parent.parent / "DatasetsTests/Fixtures"
out.mkdir(parents=True, exist_ok=True)
y, x = np.mgrid[0:16, 0:24]
rgb = np.stack([x * 10, y * 15, 255 - x * 5 - y * 5], -1).astype(np.uint8)
image = Image.fromarray(rgb)
image.save(out / "colour.png")
image.save(out / "colour.jpg", quality=95, subsampling=0)
image.save(out / "colour.webp", lossless=True)
exif = Image.Exif(); exif[0x0112] = 6
image.save(out / "turned.jpg", quality=95, subsampling=0, exif=exif)
image.convert("L").save(out / "grey.png")
image.convert("L").save(out / "grey.jpg", quality=95)
image.convert("CMYK").save(out / "cmyk.jpg", quality=95, subsampling=0)
image.quantize(16).save(out / "palette.png")
image.convert("RGBA").save(out / "alpha.png")
Image.fromarray((y * 4096).astype(np.uint16)).save(out / "sixteen.png")
expected = {}
for file in sorted(out.iterdir()):
    if file.suffix == ".json":
        continue
    picture = Image.open(file)
    if file.stem == "sixteen":
        pixels = np.repeat((np.asarray(picture).astype(np.uint32) >> 8).astype(np.uint8)[..., None], 3, -1)
    else:
        pixels = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    h, w, _ = pixels.shape
    places = [(0, 0), (w - 1, 0), (0, h - 1), (w // 2, h // 3)]
    expected[file.name] = {"width": w, "height": h, "places": [[px, py] for px, py in places],
                           "levels": [[int(v) for v in pixels[py, px]] for px, py in places]}
(out / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
