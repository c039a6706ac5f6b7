"""The map as a PNG, drawn from the outlines: for slides and papers, with title, legend and date."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from webapp.insight.hotspots.colours import COLOURS, INK, INK_SOFT, LINE, NEUTRAL, PAPER

WIDTH, HEIGHT = 1600, 1200
FINER = 2  # drawn so many times larger, then made smaller: smooth edges
MARGIN, TITLE, LINE_HEIGHT = 40, 40, 30
FONTS = (  # with Chinese; the first that the system has
    "NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "NotoSansSC[wght].ttf",
    "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf", "wqy-microhei.ttc",
    "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "msyh.ttc", "PingFang.ttc", "simhei.ttf",
    "simsun.ttc", "uming.ttc",
)  # fmt: skip
FACES = {"NotoSansCJK-Regular.ttc": 2}  # the file's face for simplified Chinese


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is to be drawn: outlines in WGS-84, the sign of each, and the words around them."""

    outlines: NDArray[np.object_]
    signs: Sequence[str]  # of each outline; "" is neutral
    borders: NDArray[np.object_]  # drawn over them, without a filling
    title: str
    lines: Sequence[str]
    legend: Sequence[tuple[str, str]]  # sign and words
    foot: str


def has_chinese_font() -> bool:
    """Without one the words must be English: the default font draws boxes for Chinese."""
    return _font_file() is not None


def draw(drawing: Drawing) -> bytes:
    """The picture as a PNG of 1600 x 1200."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    top = _write_head(ImageDraw.Draw(image), drawing)
    foot = LINE_HEIGHT + MARGIN
    box = (WIDTH - 2 * MARGIN, HEIGHT - top - foot)
    image.paste(_map(drawing, box), (MARGIN, top))
    pen = ImageDraw.Draw(image)
    _write_legend(pen, drawing.legend, HEIGHT - foot - 16)
    pen.text((MARGIN, HEIGHT - MARGIN - 8), drawing.foot, INK_SOFT, _font(20))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _write_head(pen: ImageDraw.ImageDraw, drawing: Drawing) -> int:
    """Write title and sentences; answers where the map begins."""
    y = MARGIN
    pen.text((MARGIN, y), drawing.title, INK, _font(TITLE))
    y += TITLE + 16
    for words in drawing.lines:
        for line in _wrapped(pen, words, WIDTH - 2 * MARGIN):
            pen.text((MARGIN, y), line, INK_SOFT, _font(24))
            y += LINE_HEIGHT + 4
    return y + 12


def _wrapped(pen: ImageDraw.ImageDraw, words: str, width: int) -> list[str]:
    """Words in lines no wider than `width`; Chinese may be broken anywhere."""
    lines, line = [], ""
    spaced = words.isascii() or (" " in words and sum(c > "\u2e80" for c in words) < len(words) / 4)
    parts = words.replace(" ", " \0").split("\0") if spaced else list(words)
    for part in parts:
        if line and pen.textlength(line + part, _font(24)) > width:
            lines.append(line)
            line = ""
        line += part
    return [*lines, line]


def _write_legend(pen: ImageDraw.ImageDraw, legend: Sequence[tuple[str, str]], bottom: int) -> None:
    rows = [(COLOURS.get(sign, NEUTRAL), words) for sign, words in legend]
    height = len(rows) * LINE_HEIGHT + 16
    width = 64 + max((int(pen.textlength(words, _font(20))) for _, words in rows), default=0)
    left, top = MARGIN + 16, bottom - height
    pen.rounded_rectangle((left, top, left + width, bottom), 8, PAPER, LINE)
    for at, (colour, words) in enumerate(rows):
        y = top + 8 + at * LINE_HEIGHT
        pen.rectangle((left + 12, y + 5, left + 34, y + 25), colour, LINE)
        pen.text((left + 46, y + 2), words, INK, _font(20))


def _map(drawing: Drawing, size: tuple[int, int]) -> Image.Image:
    """The outlines alone, fitted to a box of pixels."""
    wide, high = (n * FINER for n in size)
    image = Image.new("RGB", (wide, high), PAPER)
    if len(drawing.outlines):
        pen = ImageDraw.Draw(image)
        to_pixels = _fitted(drawing.outlines, wide, high)
        for shape, sign in zip(_in_pixels(drawing.outlines, to_pixels), drawing.signs, strict=True):
            _fill(pen, shape, COLOURS.get(sign, NEUTRAL))
        for shape in _in_pixels(drawing.borders, to_pixels):
            _outline(pen, shape)
    return image.resize(size, Image.Resampling.LANCZOS)


def _fitted(outlines: NDArray[np.object_], wide: int, high: int) -> Any:
    """A function from degrees to pixels; over a sub-district the Earth is flat enough."""
    west, south, east, north = shapely.total_bounds(outlines)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min(wide / max((east - west) * narrow, 1e-9), high / max(north - south, 1e-9)) * 0.98
    left = wide - (east - west) * narrow * scale - 2  # room to the left, for the legend
    top = (high - (north - south) * scale) / 2

    def to_pixels(at: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (at[:, 0] - west) * narrow * scale + left
        return np.column_stack([x, (north - at[:, 1]) * scale + top])

    return to_pixels


def _in_pixels(shapes: NDArray[np.object_], to_pixels: Any) -> NDArray[np.object_]:
    moved = shapely.transform(shapes, to_pixels)
    return np.asarray(shapely.simplify(moved, FINER / 2), dtype=object)


def _fill(pen: ImageDraw.ImageDraw, shape: shapely.Geometry, colour: str) -> None:
    for polygon in shapely.get_parts(shape):
        ring = shapely.get_coordinates(shapely.get_exterior_ring(polygon))
        if len(ring) > 2:
            pen.polygon(ring.ravel().tolist(), colour, LINE, 1)
        for hole in shapely.get_rings(polygon)[1:]:
            pen.polygon(shapely.get_coordinates(hole).ravel().tolist(), PAPER, LINE, 1)


def _outline(pen: ImageDraw.ImageDraw, shape: shapely.Geometry) -> None:
    for ring in shapely.get_rings(shape):
        pen.line(shapely.get_coordinates(ring).ravel().tolist(), INK_SOFT, 2 * FINER)


@cache
def _font_file() -> tuple[str, int] | None:
    for name in FONTS:
        try:
            ImageFont.truetype(name, 20, FACES.get(name, 0))
        except OSError:
            continue
        return name, FACES.get(name, 0)
    return None


@cache
def _font(size: int) -> Any:
    found = _font_file()
    return ImageFont.truetype(found[0], size, found[1]) if found else ImageFont.load_default(size)
