"""Pictures for the demo's evidence: drawn shapes, so that nothing shows a real place or person."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _HEIGHT, _GROUND = 800, 600, 430
_WALLS = ["#e9dcc6", "#d8c3a5", "#cfd8dc", "#e6b8a2", "#dfe5d3"]
_SKIES = ["#cfe8f7", "#dfeef5", "#f4e6cf", "#c9dfe9"]
_GREENS = ["#4f8a4c", "#6aa35f", "#3d7a56", "#7fb069"]


def draw_scene(rng: Random) -> bytes:
    """Return a JPEG of houses and trees, marked DEMO; the same picture for the same state of ``rng``."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), rng.choice(_SKIES))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, _GROUND, _WIDTH, _HEIGHT), fill=rng.choice(["#b9c9a3", "#c8cdb8", "#d6d2c4"]))
    left = rng.randint(-60, 20)
    while left < _WIDTH:
        width, height = rng.randint(110, 190), rng.randint(120, 330)
        _house(pen, rng, left, width, height)
        left += width + rng.randint(10, 50)
    for _ in range(rng.randint(4, 9)):
        _tree(pen, rng, rng.randint(20, _WIDTH - 20), rng.randint(_GROUND + 10, _HEIGHT - 40))
    pen.rectangle((0, _HEIGHT - 44, 150, _HEIGHT), fill="#1f2d3d")
    pen.text((18, _HEIGHT - 38), "DEMO", fill="white", font=ImageFont.load_default(28))
    file = BytesIO()
    image.save(file, "JPEG", quality=70)
    return file.getvalue()


def _house(pen: ImageDraw.ImageDraw, rng: Random, left: int, width: int, height: int) -> None:
    top = _GROUND - height
    pen.rectangle((left, top, left + width, _GROUND), fill=rng.choice(_WALLS), outline="#8d8275")
    for floor in range(top + 18, _GROUND - 30, 44):
        for window in range(left + 14, left + width - 30, 38):
            pen.rectangle((window, floor, window + 20, floor + 24), fill=rng.choice(["#7d98a8", "#93adba", "#f3e3a8"]))


def _tree(pen: ImageDraw.ImageDraw, rng: Random, middle: int, foot: int) -> None:
    size = rng.randint(24, 52)
    pen.rectangle((middle - 4, foot - size, middle + 4, foot), fill="#7a5c3e")
    pen.ellipse((middle - size, foot - 3 * size, middle + size, foot - size // 2), fill=rng.choice(_GREENS))
