"""The ledger as a file: an Excel workbook, or its rows as CSV, GeoJSON or GeoPackage."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.cases import exporting
from webapp.cases.ledger.columns import Cell, Column, Kind
from webapp.cases.ledger.reading import Line, Reading, lines
from webapp.cases.ledger.workbook import Told, Wish, write_workbook
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

FORMATS = ("xlsx", *exporting.FORMATS)


def write_ledger(
    session: Session,
    reading: Reading,
    wish: Wish,
    path: Path,
    kind: str,
    told: Told = lambda done: None,
) -> None:
    """Write a ledger to a new file, whole or not at all, in the language of the context."""
    if kind not in FORMATS:
        raise BadInput(
            "format",
            _("%(kind)s is no format of ours: use %(all)s.", kind=kind[:40], all=listed(FORMATS)),
        )
    if not wish.ids:
        raise BadInput("empty", _("There are no cases to write."))
    with exporting.whole(path) as partial:
        if kind == "xlsx":
            write_workbook(session, reading, wish, partial, told)
        else:
            texts = [c.name for c in wish.columns if c.kind in (Kind.TEXT, Kind.LONG)]
            exporting.write_rows(partial, kind, _rows(session, reading, wish, told), texts)


def _rows(
    session: Session, reading: Reading, wish: Wish, told: Told
) -> Iterator[list[exporting.Row]]:
    """Batches for the writers of `exporting`: cells by the names of their columns, and `point`."""
    done = 0
    for chunk in lines(session, reading, wish.columns, wish.ids):
        yield [_row(reading, wish, line) for line in chunk]
        done += len(chunk)
        told(done)


def _row(reading: Reading, wish: Wish, line: Line) -> exporting.Row:
    facts: dict[str, Any] = {
        column.name: _plain(reading, column, cell)
        for column, cell in zip(wish.columns, line.cells, strict=True)
    }
    lon, lat = line.row.lon, line.row.lat
    return facts | {"point": None if lon is None else shapely.Point(lon, lat)}


def _plain(reading: Reading, column: Column, cell: Cell) -> Cell:
    """A moment as text by the office's clock, so that every row's field is of one type."""
    if isinstance(cell, datetime):
        return f"{reading.local(cell):%Y-%m-%d %H:%M}"
    return "" if cell is None and column.kind is not Kind.NUMBER else cell
