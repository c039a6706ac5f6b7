"""A ledger that comes back: the rows of its first sheet, by column and by row number."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from webapp.cases.ledger.columns import BY_KEY, BY_NAME, Column
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

HEADS_WITHIN = 20  # rows in which the heads are looked for
NUMBER = BY_KEY["number"]
SERIAL = BY_KEY["serial"]
PICTURES = ("照片（处置前）", "照片（处置后）", "Photo before", "Photo after")


@dataclass(frozen=True)
class SheetRow:
    """A row as it stands in the sheet; `cells` by the key of their column, merged ones filled."""

    at: int  # its number in the sheet, from 1
    cells: dict[str, Any]

    @property
    def number(self) -> str:
        return str(self.cells[NUMBER.key]).strip()


@dataclass(frozen=True)
class Sheet:
    """The rows that speak of cases, and the language of the heads."""

    language: str
    columns: tuple[Column, ...]
    rows: list[SheetRow]


def read_sheet(path: Path) -> Sheet:
    """Read the first sheet; `BadInput` says what is wrong with the file or its heads."""
    try:
        with CalamineWorkbook.from_path(path) as book:
            sheet = book.get_sheet_by_index(0)
            table = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
    except PasswordError:
        raise _unreadable(_("It is locked with a password: save it without one.")) from None
    except (CalamineError, ZipError, IndexError, OSError):
        raise _unreadable(_("Bring the workbook (.xlsx) that the ledger was saved as.")) from None
    head_at, columns = _heads(table)
    inherited = _inherited(merged)
    rows = []
    for at in range(head_at + 1, len(table)):
        cells = {
            column.key: _cell(table, *inherited.get((at, place), (at, place)))
            for place, column in columns.items()
        }
        if _speaks_of_a_case(cells):
            rows.append(SheetRow(at + 1, cells))
    chinese = any(table[head_at][place] == column.name_zh for place, column in columns.items())
    return Sheet("zh" if chinese else "en", tuple(columns.values()), rows)


def _unreadable(what: str) -> BadInput:
    return BadInput("workbook", _("This file cannot be read.") + " " + what, field="file")


def _heads(table: list[list[Any]]) -> tuple[int, dict[int, Column]]:
    """The row of the heads, and the column of the ledger at each place."""
    for at, row in enumerate(table[:HEADS_WITHIN]):
        names = {place: str(cell).strip() for place, cell in enumerate(row) if str(cell).strip()}
        if NUMBER.name_zh in names.values() or NUMBER.name_en in names.values():
            return at, _known(names)
    raise BadInput(
        "heads",
        _(
            'No row among the first %(most)s has the head "%(number)s": it tells which case a row'
            " is about.",
            most=HEADS_WITHIN,
            number=NUMBER.name,
        ),
        field="file",
    )


def _known(names: dict[int, str]) -> dict[int, Column]:
    unknown = [n for n in names.values() if n not in BY_NAME and n not in PICTURES]
    if unknown:
        raise BadInput(
            "heads",
            _(
                "These heads are none of the ledger's: %(heads)s. Remove their columns, or give"
                " them their names back.",
                heads=listed(unknown),
            ),
            field="file",
        )
    columns = {place: BY_NAME[name] for place, name in names.items() if name in BY_NAME}
    double = {c.name for c in columns.values() if list(columns.values()).count(c) > 1}
    if double:
        raise BadInput(
            "heads",
            _("These columns are there twice: %(heads)s. Keep one.", heads=listed(sorted(double))),
            field="file",
        )
    return columns


def _inherited(merged: list[Any]) -> dict[tuple[int, int], tuple[int, int]]:
    """Where the value of each merged cell stands: at the upper left of its range."""
    return {
        (row, column): (top, left)
        for (top, left), (bottom, right) in merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


def _cell(table: list[list[Any]], row: int, column: int) -> Any:
    return table[row][column]


def _speaks_of_a_case(cells: dict[str, Any]) -> bool:
    """Not empty lines, nor a line of words (a signature) in the first column alone."""
    return any(str(cell).strip() for key, cell in cells.items() if key != SERIAL.key)
