"""Photos as they come in: known by their bytes, turned upright, made anew, without EXIF.

Reading and re-encoding happen before any transaction; only then are files written (named by the
hash of their bytes, so twice is once) and rows added.
"""

import hashlib
import math
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from webapp.cases.vocabulary import PhotoKind
from webapp.core.errors import BadInput
from webapp.core.ids import new_id

MOST_PHOTOS = 6
MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_PIXELS_JPEG = 110_000_000  # a JPEG is decoded at a fraction of its size
LONG_SIDE, SMALL_SIDE = 2048, 320
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS_JPEG  # Pillow itself refuses what claims twice as many
register_heif_opener(thumbnails=False)


@dataclass(frozen=True)
class ReadPhoto:
    """A photo ready to be kept: two JPEGs of our making, and what the camera wrote."""

    sha256: str
    jpeg: bytes
    small_jpeg: bytes
    width: int
    height: int
    taken_at: datetime | None
    taken_lon: float | None
    taken_lat: float | None


def read_photos(files: list[tuple[str, IO[bytes]]], zone: ZoneInfo) -> list[ReadPhoto]:
    """Read what was sent as (name, stream); `zone` is that of cameras which do not name theirs."""
    if len(files) > MOST_PHOTOS:
        raise _refused(
            _(
                "%(count)s photos were sent; at most %(most)s are kept. Remove some.",
                count=len(files),
                most=MOST_PHOTOS,
            )
        )
    return [read_photo(name, stream, zone) for name, stream in files]


def read_photo(name: str, stream: IO[bytes], zone: ZoneInfo) -> ReadPhoto:
    """Read one photo; `BadInput` says why it cannot be used."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _refused(
            _(
                "%(name)s is larger than %(most)s MB. Take it with a lower resolution.",
                name=name,
                most=MOST_BYTES // 1024**2,
            )
        )
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _check_size(name, image)
            taken_at, lon, lat = _taken(image, zone)
            upright = _upright(image)
    except UnidentifiedImageError:
        raise _refused(
            _("%(name)s is not a photo we can read: send JPEG, PNG, WebP or HEIC.", name=name)
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(name, MOST_PIXELS_JPEG) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # Pillow's decoders raise these for a file that is cut off or damaged.
        raise _refused(
            _("%(name)s is damaged and cannot be read. Take it again.", name=name)
        ) from error
    jpeg, small = _jpeg(upright, LONG_SIDE), _jpeg(upright, SMALL_SIDE)
    width, height = Image.open(BytesIO(jpeg)).size
    return ReadPhoto(
        hashlib.sha256(jpeg).hexdigest(), jpeg, small, width, height, taken_at, lon, lat
    )


def _refused(message: str) -> BadInput:
    return BadInput("photo", message, field="photos")


def _check_size(name: str, image: Image.Image) -> None:
    """A small file may claim to be a huge picture; the header is asked before decoding."""
    most = MOST_PIXELS_JPEG if image.format == "JPEG" else MOST_PIXELS
    if image.width * image.height > most:
        raise _too_many_pixels(name, most)


def _too_many_pixels(name: str, most: int) -> BadInput:
    return _refused(
        _(
            "%(name)s has more than %(most)s million pixels. Take it with a lower resolution.",
            name=name,
            most=most // 1_000_000,
        )
    )


def _upright(image: Image.Image) -> Image.Image:
    image.draft("RGB", (LONG_SIDE, LONG_SIDE))  # JPEG alone: decode at 1/2, 1/4 or 1/8
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    turned = ImageOps.exif_transpose(image)
    if "A" not in turned.getbands() and "transparency" not in turned.info:
        return turned.convert("RGB")
    clear = turned.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white


def _jpeg(image: Image.Image, long_side: int) -> bytes:
    small = image.copy()
    small.thumbnail((long_side, long_side))
    small.info.clear()  # comments and profiles of the original stay behind
    out = BytesIO()
    small.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _taken(
    image: Image.Image, zone: ZoneInfo
) -> tuple[datetime | None, float | None, float | None]:
    """When and where, as the camera wrote it; what makes no sense is left out."""
    exif = image.getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    lon = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W", 180)
    lat = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S", 90)
    place = (None, None) if lon is None or lat is None else (lon, lat)
    return _moment(details, zone), *place


def _moment(details: dict[int, Any], zone: ZoneInfo) -> datetime | None:
    written = str(details.get(ExifTags.Base.DateTimeOriginal, "")).strip("\x00 ")
    offset = str(details.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ")
    readings: list[Callable[[], datetime]] = [
        lambda: datetime.strptime(f"{written} {offset}", "%Y:%m:%d %H:%M:%S %z"),
        lambda: datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone),
    ]
    for reading in readings:
        try:
            return reading().astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _degrees(gps: dict[int, Any], tag: int, side: int, negative: str, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in gps[tag])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or abs(value) > most or value == 0:
        return None
    return -value if str(gps.get(side, "")).startswith(negative) else value


def photo_row(case_id: int, photo: ReadPhoto, kind: PhotoKind, now: datetime) -> dict[str, Any]:
    """The columns of a photo of a case."""
    return {
        "id": new_id(),
        "case_id": case_id,
        "kind": kind,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "bytes": len(photo.jpeg),
        "taken_at": photo.taken_at,
        "taken_lon": photo.taken_lon,
        "taken_lat": photo.taken_lat,
        "added_at": now,
    }


# --- files ------------------------------------------------------------------------------------


def photo_path(folder: Path, sha256: str, small: bool = False) -> Path:
    return folder / sha256[:2] / f"{sha256}{'.small' if small else ''}.jpg"


def store_photo(folder: Path, photo: ReadPhoto) -> None:
    """Write both files, whole or not at all; done before the commit that speaks of them."""
    for small, content in ((True, photo.small_jpeg), (False, photo.jpeg)):
        path = photo_path(folder, photo.sha256, small)
        if not path.exists():
            _write_whole(path, content)


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o640)
    Path(file.name).replace(path)
