"""Files that people bring: unpacked, complete and what they say they are, before GDAL sees them.

Nothing of an archive is written under a name of its own, so no name can lead out of the folder.
"""

import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gis.errors import GeoDataError, Reason

MAX_ENTRIES = 1_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_RATIO = 200
# Small files of blanks and repeated codes shrink beyond any ratio and harm nobody.
_RATIO_COUNTS_FROM_BYTES = 10_000_000


class FileFormat(StrEnum):
    """The vector formats that are read."""

    SHAPEFILE = "shapefile"
    GEOPACKAGE = "geopackage"
    GEOJSON = "geojson"
    KML = "kml"
    FLATGEOBUF = "flatgeobuf"


_FORMATS = {
    ".shp": FileFormat.SHAPEFILE,
    ".gpkg": FileFormat.GEOPACKAGE,
    ".geojson": FileFormat.GEOJSON,
    ".json": FileFormat.GEOJSON,
    ".kml": FileFormat.KML,
    ".fgb": FileFormat.FLATGEOBUF,
}
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ALLOWED = (
    "a zipped shapefile (.zip), .shp, GeoPackage (.gpkg), GeoJSON (.geojson, .json), "
    "KML (.kml, .kmz) or FlatGeobuf (.fgb)"
)
_SIGNATURES = {
    FileFormat.SHAPEFILE: b"\x00\x00\x27\x0a",
    FileFormat.GEOPACKAGE: b"SQLite format 3\x00",
    FileFormat.FLATGEOBUF: b"fgb",
}


@dataclass(frozen=True)
class StagedFile:
    """One vector file in a folder of its own.

    Attributes
    ----------
    name
        What the person calls it.
    format
        Its format, by extension and by its first bytes.
    path
        Where it lies, under a name of ours, with its side files.
    """

    name: str
    format: FileFormat
    path: Path


@contextmanager
def staged(path: Path | str, *, member: str | None = None) -> Iterator[StagedFile]:
    """Put an uploaded file, unpacked and checked, into a temporary folder.

    Parameters
    ----------
    path
        The file as it came: a .zip or .kmz, or one of the formats themselves.
    member
        Which of several vector files in an archive.

    Yields
    ------
    StagedFile
        Valid until the block ends.

    Raises
    ------
    GeoDataError
        ``unknown_format``, ``empty_file``, ``broken_file``, ``unsafe_archive``,
        ``incomplete_shapefile``, ``several_files`` (``choices`` lists them) or
        ``no_boundary_file``.
    """
    path = Path(path)
    if not path.is_file():
        raise GeoDataError(Reason.NO_BOUNDARY_FILE, f"There is no file {path.name}.")
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        if path.suffix.lower() in (".zip", ".kmz"):
            yield unpack_zip(path, Path(folder), member=member)
        else:
            parts = {path.suffix.lower(): path}
            if path.suffix.lower() == ".shp":
                parts |= {p.suffix.lower(): p for p in _side_files(path)}
            yield _stage(path.name, parts, Path(folder))


def unpack_zip(path: Path | str, into: Path, *, member: str | None = None) -> StagedFile:
    """Unpack the one vector file of an archive.

    Parameters
    ----------
    path
        A .zip or .kmz file.
    into
        An empty folder.
    member
        Which vector file, by its path in the archive; needed if there are several.

    Returns
    -------
    StagedFile
        The file, in `into`.

    Raises
    ------
    GeoDataError
        As :func:`staged`.
    """
    path = Path(path)
    if path.stat().st_size == 0:
        raise _empty(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _safe_entries(archive)
            name = _chosen(sorted(n for n in entries if _suffix(n) in _FORMATS), member)
            parts = {name: entries[name]}
            if _suffix(name) == ".shp":
                parts |= {n: e for n, e in entries.items() if _stem(n) == _stem(name)}
            unpacked = into / "unpacked"
            unpacked.mkdir()
            files = {_suffix(n): _extract(archive, e, unpacked) for n, e in parts.items()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise GeoDataError(
            Reason.BROKEN_FILE,
            f"{path.name} cannot be unpacked ({error}). Pack it again as an ordinary .zip.",
        ) from error
    return _stage(name, files, into)


def _safe_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Entries by readable name, once the archive as a whole is harmless."""
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise _unsafe(f"has {len(infos)} entries; at most {MAX_ENTRIES} are allowed")
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > MAX_UNPACKED_BYTES:
        raise _unsafe(
            f"would unpack to {unpacked:,} bytes; at most {MAX_UNPACKED_BYTES:,} are allowed"
        )
    if unpacked > max(_RATIO_COUNTS_FROM_BYTES, MAX_RATIO * packed):
        raise _unsafe(f"would grow more than {MAX_RATIO} times when unpacked")
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = _readable_name(info)
        _check_entry(name, info)
        if info.is_dir() or name.startswith("__MACOSX/"):
            continue
        if name in entries:
            raise _unsafe(f'holds "{name}" twice')
        entries[name] = info
    return entries


def _check_entry(name: str, info: zipfile.ZipInfo) -> None:
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise _unsafe(f'holds "{name}", an absolute path')
    if ".." in re.split(r"[/\\]", name):
        raise _unsafe(f'holds "{name}", which leads out of the archive')
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _unsafe(f'holds "{name}", a symbolic link')
    if info.flag_bits & 0x1:
        raise _unsafe(f'holds "{name}", which needs a password')


def _readable_name(info: zipfile.ZipInfo) -> str:
    """Name of an entry; Chinese Windows writes GBK, which zipfile takes for code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _chosen(names: list[str], member: str | None) -> str:
    if not names:
        raise GeoDataError(
            Reason.NO_BOUNDARY_FILE, f"The archive holds no boundaries: put {_ALLOWED} into it."
        )
    if member in names:
        return str(member)
    if member is None and len(names) == 1:
        return names[0]
    said = f'has no "{member}"' if member else f"holds {len(names)} files of boundaries"
    message = f"The archive {said}: choose one of {', '.join(names)}."
    raise GeoDataError(Reason.SEVERAL_FILES, message, choices=tuple(names))


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> Path:
    target = folder / f"part{len(list(folder.iterdir()))}"
    with archive.open(info) as source, target.open("xb") as sink:
        shutil.copyfileobj(source, sink)
    return target


def _side_files(path: Path) -> list[Path]:
    """The other parts of a shapefile, whatever the case of their extensions."""
    return [
        other
        for other in path.parent.iterdir()
        if other.stem == path.stem and other.suffix.lower() in _SHAPEFILE_PARTS[1:]
    ]


def _stage(name: str, parts: Mapping[str, Path], folder: Path) -> StagedFile:
    """Check a file and copy it, with its side files, under a name of ours."""
    suffix = _suffix(name)
    if suffix not in _FORMATS:
        raise GeoDataError(
            Reason.UNKNOWN_FORMAT, f'"{name}" is of no known format: give {_ALLOWED}.'
        )
    kind = _FORMATS[suffix]
    missing = [part for part in (".dbf", ".shx") if part not in parts]
    if kind is FileFormat.SHAPEFILE and missing:
        raise GeoDataError(
            Reason.INCOMPLETE_SHAPEFILE,
            f"The shapefile {name} lacks its {' and '.join(missing)} file: a shapefile needs "
            ".shp, .shx and .dbf of the same name, and should have .prj and .cpg.",
        )
    _check_content(name, kind, parts[suffix])
    wanted = _SHAPEFILE_PARTS if kind is FileFormat.SHAPEFILE else (suffix,)
    for part in wanted:
        if part in parts:
            shutil.copyfile(parts[part], folder / f"boundaries{part}")
    return StagedFile(name, kind, folder / f"boundaries{suffix}")


def _check_content(name: str, kind: FileFormat, path: Path) -> None:
    """Refuse what is not what its extension says."""
    if path.stat().st_size == 0:
        raise _empty(name)
    with path.open("rb") as file:
        start = file.read(64)
    if not start.startswith(_SIGNATURES.get(kind, b"")):
        raise GeoDataError(
            Reason.BROKEN_FILE,
            f"{name} is called a {kind} but is none: it begins with {start[:12]!r}.",
        )
    if kind is FileFormat.KML:
        _check_kml(name, path)


def _check_kml(name: str, path: Path) -> None:
    """KML alone: no document type, whose entities could grow or fetch, and no other root."""
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    prolog = rb"\s*(<\?xml[^>]*\?>)?\s*(<!--(?:(?!-->).)*-->\s*)*<(\w+:)?kml[\s>]"
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or not re.match(prolog, text, re.DOTALL):
        raise GeoDataError(
            Reason.BROKEN_FILE,
            f"{name} is called KML but is none: it must be UTF-8 text whose first element is "
            "<kml>, without a document type.",
        )


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _stem(name: str) -> str:
    return name[: len(name) - len(Path(name).suffix)]


def _empty(name: str) -> GeoDataError:
    return GeoDataError(Reason.EMPTY_FILE, f"{name} is empty: export it again.")


def _unsafe(what: str) -> GeoDataError:
    return GeoDataError(
        Reason.UNSAFE_ARCHIVE, f"The archive {what}. Pack only the boundary files again."
    )
