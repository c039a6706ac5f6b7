"""Files of cases as rows of text, in chunks from any row on: CSV, Excel, GeoJSON, GeoPackage."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import shapely
from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gis.uploads import staged
from gis.vector import layer_names, read_layer
from webapp.core.database import WGS84
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

GEOMETRY_X, GEOMETRY_Y = "geometry.x", "geometry.y"  # columns made from a file's points
SHEETS = (".xlsx", ".xls", ".xlsm", ".ods")
LAYERS = (".geojson", ".json", ".gpkg")
CSV = (".csv", ".txt")
SUFFIXES = (*CSV, *SHEETS, *LAYERS)

Row = Sequence[Any]


class Table(Protocol):
    """A file with a header: `rows` gives the data rows from number `start` (0 is the first)."""

    @property
    def names(self) -> list[str]: ...

    @property
    def total(self) -> int: ...

    def rows(self, start: int) -> Iterator[Row]: ...


def open_table(path: Path, encoding: str, name: str) -> Table:
    """Open a file by its extension; `BadInput` or `GeoDataError` says what is wrong with it.

    `name` is what the person calls it.
    """
    suffix = path.suffix.lower()
    if path.stat().st_size == 0:
        raise BadInput("empty_file", _("The file %(name)s is empty.", name=name))
    if suffix in CSV:
        return CsvTable(path, encoding, name)
    if suffix in SHEETS:
        return _sheet(path, name)
    if suffix in LAYERS:
        return _layer(path)
    raise BadInput(
        "format",
        _(
            "%(name)s is of no known kind; allowed are %(allowed)s.",
            name=name,
            allowed=listed(SUFFIXES),
        ),
    )


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chunks(table: Table, start: int, size: int) -> Iterator[tuple[int, list[Row]]]:
    """The rows from `start` on, `size` at a time, each with the number of its first row."""
    rows = table.rows(start)
    while chunk := list(islice(rows, size)):
        yield start, chunk
        start += len(chunk)


class CsvTable:
    """A CSV file, read once through when opened: so its length and encoding are known."""

    def __init__(self, path: Path, encoding: str, name: str) -> None:
        self._path, self._name = path, name
        self._encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        self.names: list[str]
        self.total: int
        try:
            self.names = next((row for row in self._read() if row), [])
            self.total = sum(1 for _row in self.rows(0))
        except UnicodeDecodeError as error:
            raise BadInput(
                "encoding",
                _(
                    "%(name)s is not in %(encoding)s (at byte %(place)s). Put the right encoding"
                    " into the mapping; files from Chinese Excel are often gbk.",
                    name=name,
                    encoding=encoding,
                    place=error.start,
                ),
            ) from error

    def rows(self, start: int) -> Iterator[Row]:
        return islice((row for row in self._read() if row), 1 + start, None)

    def _read(self) -> Iterator[list[str]]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(file)
            try:
                yield from reader
            except csv.Error as error:
                raise BadInput(
                    "csv",
                    _(
                        "%(name)s cannot be read as CSV in line %(line)s: %(error)s.",
                        name=self._name,
                        line=reader.line_num,
                        error=error,
                    ),
                ) from error


@dataclass(frozen=True)
class ListTable:
    """Rows that are in memory already."""

    names: list[str]
    content: list[Row]

    @property
    def total(self) -> int:
        return len(self.content)

    def rows(self, start: int) -> Iterator[Row]:
        return iter(self.content[start:])


def _sheet(path: Path, name: str) -> ListTable:
    """The first sheet of a workbook; its first row holds the names."""
    try:
        with path.open("rb") as file:
            rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    except CalamineError as error:
        raise BadInput(
            "excel", _("%(name)s is not a workbook: %(error)s.", name=name, error=error)
        ) from error
    if not rows:
        raise BadInput("empty_file", _("The file %(name)s is empty.", name=name))
    filled = (row for row in rows[1:] if any(cell not in ("", None) for cell in row))
    return ListTable(list(map(_text, rows[0])), [tuple(map(_text, row)) for row in filled])


def _layer(path: Path) -> ListTable:
    """The first layer of a GeoJSON or GeoPackage file; its points become two columns."""
    with staged(path) as file:
        frame = read_layer(file, layer_names(file)[0], None)
    if frame.crs is not None:
        frame = frame.to_crs(WGS84)
    shapes = np.asarray(frame.geometry.array)
    points = np.where(shapely.get_type_id(shapes) == 0, shapes, shapely.centroid(shapes))
    fields = frame.drop(columns=frame.geometry.name)
    columns = [list(map(_text, fields[name])) for name in fields.columns]
    places = [list(map(_text, read(points))) for read in (shapely.get_x, shapely.get_y)]
    names = [*map(str, fields.columns), GEOMETRY_X, GEOMETRY_Y]
    return ListTable(names, list(zip(*columns, *places, strict=True)))


def _text(cell: Any) -> str:
    """A cell of any kind as a CSV file would have it."""
    if cell is None or cell != cell:  # NaN and NaT differ from themselves
        return ""
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
