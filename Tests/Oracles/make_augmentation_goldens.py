"""Writes Tests/DatasetsTests/Fixtures/augmentation.json: pictures that torchvision (on PIL images), numpy and OpenCV make
of two small test pictures, which the tests compute themselves.
usage: make_augmentation_goldens.py (needs torch, torchvision, numpy, Pillow and opencv-python-headless)"""
import base64, json, pathlib
import cv2
import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, functional as F, v2
from torchvision.transforms.autoaugment import RandAugment, _apply_op


def picture(width, height, low, span):
    """A gradient with texture; `Pictures.make` in the tests computes the same."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                slope = x * (5 + 3 * c) + y * (9 - 2 * c)
                texture = (x * 37 + y * 101 + c * 59 + x * y * 7) % 64
                pixels[y, x, c] = low + (slope * 3 + texture) % span
    return pixels


XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
WHITE = np.array([0.950456, 1, 1.088754])


def equalized_lightness(pixels, clahe):
    """CIE L*a*b* in double precision with L* rounded to 8 bits, which OpenCV equalises, and back."""
    level = pixels / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    t = linear @ XYZ.T / WHITE
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    lightness = np.floor((116 * f[..., 1] - 16) * 2.55 + 0.5).clip(0, 255).astype(np.uint8)
    f += ((clahe.apply(lightness) / 2.55 + 16) / 116 - f[..., 1])[..., None]
    linear = np.where(f > 6 / 29, f ** 3, (f - 16 / 116) / 7.787) * WHITE @ np.linalg.inv(XYZ).T
    linear = linear.clip(0, 1)
    level = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.floor(level * 255 + 0.5).astype(np.uint8)


PICTURES = {"wide": picture(23, 17, 0, 256), "dull": picture(15, 19, 90, 70)}
cases = []


def record(name, source, result, **arguments):
    pixels = np.asarray(result)
    cases.append({"name": name, "source": source, "arguments": {k: float(v) for k, v in arguments.items()},
                  "width": pixels.shape[1], "height": pixels.shape[0],
                  "pixels": base64.b64encode(np.ascontiguousarray(pixels).tobytes()).decode()})


for source, pixels in PICTURES.items():
    image = Image.fromarray(pixels)
    space = RandAugment()._augmentation_space(31, (image.height, image.width))
    for name, (magnitudes, signed) in space.items():
        for magnitude in (9, 24) if magnitudes.ndim else (0,):
            value = float(magnitudes[magnitude]) if magnitudes.ndim else 0.0
            for sign in (1, -1) if signed else (1,):
                result = _apply_op(image, name, value * sign, InterpolationMode.NEAREST, None)
                record("RandAugment", source, result, operation=list(space).index(name), magnitude=magnitude, sign=sign)
    record("Invert", source, F.invert(image))
    record("brightness", source, F.adjust_brightness(image, 1.7), factor=1.7)
    record("contrast", source, F.adjust_contrast(image, 0.4), factor=0.4)
    record("saturation", source, F.adjust_saturation(image, 1.6), factor=1.6)
    for factor in (0.1, -0.35, 0.5):
        record("hue", source, F.adjust_hue(image, factor), factor=factor)
    record("flipHorizontal", source, F.hflip(image))
    record("flipVertical", source, F.vflip(image))
    record("resize", source, F.resize(image, [9, 8]), width=8, height=9)
    record("resize", source, F.resize(image, [31, 40]), width=40, height=31)
    record("resizedCrop", source, F.resized_crop(image, 2, 3, 11, 9, [7, 6]), top=2, left=3, height=11, width=9, toHeight=7, toWidth=6)
    record("centreCrop", source, F.center_crop(image, [8, 11]), height=8, width=11)
    record("centreCrop", source, F.center_crop(image, [21, 30]), height=21, width=30)
    record("evaluation", source, F.center_crop(F.resize(image, 12), [10, 9]), resize=12, height=10, width=9)
    # A random crop is a padded picture and a window; the choice of the window is the random part.
    record("paddedCrop", source, F.crop(F.pad(image, [2, 2, 2, 2]), 1, 3, 12, 10), padding=2, top=1, left=3, height=12, width=10)
    stretched = np.empty_like(pixels)
    for channel in range(3):
        low, high = np.percentile(pixels[..., channel], [2, 97.5])
        scaled = (pixels[..., channel].astype(np.float64) - low) * 255 / (high - low)
        stretched[..., channel] = np.clip(np.floor(scaled + 0.5), 0, 255)
    record("linearStretch", source, stretched, lower=2, upper=97.5)
    for limit, tiles in ((2.0, 4), (40.0, 3), (4.0, 8)):
        clahe = cv2.createCLAHE(clipLimit=limit, tileGridSize=(tiles, tiles))
        record("clahePlane", source, clahe.apply(np.ascontiguousarray(pixels[..., 1]))[..., None].repeat(3, -1), limit=limit, tiles=tiles)
        record("clahe", source, equalized_lightness(pixels, clahe), limit=limit, tiles=tiles)

# Mixing: torchvision's MixUp and CutMix on a batch of three with a known weight and box.
batch = torch.stack([torch.from_numpy(picture(6, 5, 20 * n, 200)).permute(2, 0, 1).float() / 255 for n in range(3)])
labels = torch.tensor([2, 0, 1])
mixing = []
mixup = v2.MixUp(alpha=0.2, num_classes=4)
parameters = {"lam": 0.3, "labels": labels, "batch_size": 3}
mixing.append({"name": "mixup", "weight": 0.3,
               "images": [round(v, 6) for v in mixup.transform(batch, parameters).permute(0, 2, 3, 1).flatten().tolist()],
               "targets": mixup.transform(labels, parameters).flatten().tolist()})
cutmix = v2.CutMix(alpha=1.0, num_classes=4)
height, width = 5, 6
for weight, centre_x, centre_y in ((0.4, 1, 4), (0.75, 3, 2), (0.0, 5, 0)):
    class Known:
        def sample(self, shape): return torch.tensor(weight)
    cutmix._dist = Known()
    values = iter((centre_x, centre_y))
    original, torch.randint = torch.randint, lambda *a, **k: torch.tensor([next(values)])
    chosen = cutmix.make_params([batch])
    torch.randint = original
    parameters = dict(chosen, labels=labels, batch_size=3)
    mixing.append({"name": "cutmix", "weight": weight, "centre": [centre_x, centre_y], "box": list(chosen["box"]),
                   "images": [round(v, 6) for v in cutmix.transform(batch, parameters).permute(0, 2, 3, 1).flatten().tolist()],
                   "targets": cutmix.transform(labels, parameters).flatten().tolist()})

folder = pathlib.Path(__file__).parent.parent / "DatasetsTests/Fixtures"
folder.mkdir(parents=True, exist_ok=True)
(folder / "augmentation.json").write_text(json.dumps({"cases": cases, "mixing": mixing}, separators=(",", ":")) + "\n")
print(len(cases), "cases")
