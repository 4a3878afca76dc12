"""Pictures of the size that people have, made from the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

SAMPLES: Final = Path(__file__).parents[2] / "resources" / "samples"
COLLINS: Final = SAMPLES / "eileen_collins.png"
HOPPER: Final = SAMPLES / "grace_hopper.jpg"
SIZE: Final = (4000, 3000)


def photo_of_12_megapixels(folder: Path, name: str = "photo.jpg", seed: int = 1) -> Path:
    """Make a JPEG of 4000 × 3000 pixels with one face of some 900 pixels and the grain of a camera."""
    with Image.open(HOPPER) as sample:
        scale = SIZE[1] / sample.height
        person = sample.convert("RGB").resize((round(sample.width * scale), SIZE[1]), Image.Resampling.BICUBIC)
    picture = Image.new("RGB", SIZE, (70, 90, 140))
    picture.paste(person, ((SIZE[0] - person.width) // 2, 0))
    pixels = np.asarray(picture).astype(np.int16)
    grain = np.random.default_rng(seed).normal(0, 4, pixels.shape[:2]).astype(np.int16)
    noisy = np.clip(pixels + grain[..., None], 0, 255).astype(np.uint8)
    path = folder / name
    Image.fromarray(noisy).save(path, quality=92)
    return path
