"""Photos: known by their bytes, turned upright, made anew, and never trusted."""

import stat
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pillow_heif import from_pillow

from tests.factories.cases import picture
from webapp.cases.photos import (
    LONG_SIDE,
    MOST_BYTES,
    SMALL_SIDE,
    photo_path,
    read_photo,
    read_photos,
    store_photo,
)
from webapp.core.errors import BadInput

ZONE = ZoneInfo("Asia/Shanghai")
ORIENTATION, EXIF, GPS = 0x0112, 0x8769, 0x8825
TAKEN, OFFSET = 0x9003, 0x9011


@pytest.fixture(autouse=True)
def words(app):
    with app.app_context():
        yield


@pytest.fixture(scope="module")
def database_kind():
    return "spatialite"  # nothing here asks the database


def read(content: bytes, name: str = "IMG_1.jpg"):
    return read_photo(name, BytesIO(content), ZONE)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def exif(**tags: object) -> Image.Exif:
    made = Image.Exif()
    if "orientation" in tags:
        made[ORIENTATION] = tags["orientation"]
    made.get_ifd(EXIF).update(
        {t: v for t, v in [(TAKEN, tags.get("taken")), (OFFSET, tags.get("offset"))] if v}
    )
    made.get_ifd(GPS).update(tags.get("gps", {}))
    return made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_any_common_kind_becomes_a_jpeg_of_ours(kind):
    photo = read(picture(kind=kind))
    assert opened(photo.jpeg).format == "JPEG"
    assert (photo.width, photo.height) == (60, 40)


def test_an_iphone_s_heic_is_read():
    out = BytesIO()
    from_pillow(Image.new("RGB", (64, 48), "blue")).save(out)
    photo = read(out.getvalue(), "IMG_1.HEIC")
    assert (photo.width, photo.height) == (64, 48)


def test_large_ones_become_smaller():
    photo = read(picture((3000, 1500)))
    assert (photo.width, photo.height) == (LONG_SIDE, LONG_SIDE // 2)
    assert max(opened(photo.small_jpeg).size) == SMALL_SIDE


def test_one_taken_on_its_side_is_turned_upright():
    left = Image.new("RGB", (80, 40), "white")
    left.paste("red", (0, 0, 10, 40))
    out = BytesIO()
    left.save(out, "JPEG", exif=exif(orientation=6))  # turn right by 90 degrees
    photo = read(out.getvalue())
    assert (photo.width, photo.height) == (40, 80)
    red, _, blue = opened(photo.jpeg).getpixel((20, 3))
    assert red > 200 > 100 > blue


def test_time_and_place_are_read_and_all_of_exif_is_gone():
    gps = {1: "N", 2: (38.0, 16.0, 48.0), 3: "E", 4: (106.0, 15.0, 0.0)}
    photo = read(picture(exif=exif(taken="2026:11:24 10:11:12", gps=gps), comment=b"mine"))
    assert photo.taken_at == datetime(2026, 11, 24, 2, 11, 12, tzinfo=UTC)
    assert (photo.taken_lon, photo.taken_lat) == (pytest.approx(106.25), pytest.approx(38.28))
    assert not opened(photo.jpeg).getexif()
    assert b"mine" not in photo.jpeg
    assert b"Exif" not in photo.jpeg
    assert not opened(photo.small_jpeg).getexif()


def test_a_camera_that_names_its_zone_is_believed():
    photo = read(picture(exif=exif(taken="2026:11:24 10:11:12", offset="+01:00")))
    assert photo.taken_at == datetime(2026, 11, 24, 9, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "gps", [{1: "N", 2: (1e9, 0, 0), 3: "E", 4: (106.0, 0, 0)}, {2: (0, 0, 0), 4: (0, 0, 0)}, {}]
)
def test_a_place_that_makes_no_sense_is_left_out(gps):
    photo = read(picture(exif=exif(taken="0000:00:00 00:00:00", gps=gps)))
    assert (photo.taken_at, photo.taken_lon, photo.taken_lat) == (None, None, None)


def test_transparent_parts_become_white():
    clear = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(clear, "PNG")
    assert opened(read(clear.getvalue()).jpeg).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"just text",
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.7",
    ],
    ids=["text", "empty", "svg", "gif", "pdf"],
)
def test_what_is_called_jpg_and_is_none_is_refused_by_name(content):
    with pytest.raises(BadInput, match="IMG_1.jpg") as caught:
        read(content)
    assert caught.value.detail == {"field": "photos"}


def test_one_cut_off_in_the_middle_is_refused():
    whole = picture((800, 600), colour="green")
    with pytest.raises(BadInput, match="damaged|损坏"):
        read(whole[: len(whole) // 2])


def test_fifty_megabytes_are_refused_without_decoding():
    with pytest.raises(BadInput, match="20"):
        read(picture() + b"\0" * (50 * 1024 * 1024))
    assert MOST_BYTES == 20 * 1024 * 1024


@pytest.mark.parametrize(("side", "most"), [(8_000, "50"), (20_000, "110")])
def test_a_small_file_that_claims_to_be_huge_is_refused(side, most):
    bomb = BytesIO()
    Image.new("1", (side, side)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(BadInput, match=most):
        read(bomb.getvalue(), "bomb.png")


def test_a_file_that_is_two_things_at_once_keeps_the_picture_alone():
    page = b"<html><script>alert(1)</script></html>PK\x03\x04"
    photo = read(picture() + page)
    for made in (photo.jpeg, photo.small_jpeg):
        assert b"script" not in made
        assert b"PK\x03\x04" not in made
        assert made.endswith(b"\xff\xd9")


def test_more_than_six_are_refused():
    seven = [(f"{n}.jpg", BytesIO(picture())) for n in range(7)]
    with pytest.raises(BadInput, match="6"):
        read_photos(seven, ZONE)


def test_files_are_named_by_their_content_and_written_whole(tmp_path):
    photo, folder = read(picture()), tmp_path / "kept"
    store_photo(folder, photo)
    store_photo(folder, photo)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    wanted = [photo_path(folder, photo.sha256, small) for small in (False, True)]
    assert files == sorted(wanted)
    assert wanted[0].read_bytes() == photo.jpeg
    assert not wanted[0].stat().st_mode & stat.S_IROTH
