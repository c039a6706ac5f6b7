"""Reading a table that somebody keeps in a spreadsheet: CSV or Excel, rows of text by column name.

Nothing about a file is guessed in silence. A CSV that is not UTF-8 is refused with a proposal, and
all rows that cannot be used are named at once.
"""

import csv
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from webapp.core.errors import BadInput
from webapp.core.i18n import listed

EXCEL = {".xlsx", ".xlsm", ".xls", ".ods"}
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ROWS = 100_000
HEADING_WITHIN = 10  # rows: a title may stand above the headings
PROPOSED_ENCODINGS = ("gb18030", "big5", "utf-16")


@dataclass(frozen=True)
class Row:
    """One row of a table: its number in the file and its cells by column name."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Problem:
    """Why one row cannot be used."""

    row: int
    words: str


def refuse_problems(problems: Sequence[Problem], file_name: str) -> None:
    """Raise BadInput that names every row with a problem; nothing happens if there is none."""
    if problems:
        lines = [_("row %(row)s: %(words)s", row=p.row, words=p.words) for p in problems]
        message = _(
            "%(file)s: %(count)s rows cannot be used, so nothing was taken in. %(lines)s",
            file=file_name,
            count=len({problem.row for problem in problems}),
            lines="; ".join(lines),
        )
        raise BadInput(
            "rows", message, problems=[{"row": p.row, "words": p.words} for p in problems]
        )


def read_table(
    path: Path,
    headings: Mapping[str, Sequence[str]],
    *,
    optional: Collection[str] = (),
    encoding: str | None = None,
) -> list[Row]:
    """The rows below the headings that have any text in them.

    Parameters
    ----------
    path
        A CSV, Excel or OpenDocument file; of a workbook the first sheet is read.
    headings
        The columns, and what else each may be called.
    optional
        Those of them that may be absent: their cells are empty then.
    encoding
        Of a CSV file; without it the file must be UTF-8.

    Raises
    ------
    BadInput
        The file cannot be read, is in another encoding, has no such headings, or has no rows.
    """
    lines = _sheet(path) if path.suffix.lower() in EXCEL else _csv(path, encoding)
    at, known = _find_headings(lines, headings)
    if missing := [c for c in headings if c not in known and c not in optional]:
        given = listed(lines[0][:20]) if lines else ""
        raise BadInput(
            "columns",
            _(
                "%(file)s lacks the columns %(missing)s. Its first row is: %(given)s.",
                file=path.name,
                missing=listed(missing),
                given=given,
            ),
        )
    rows = list(_rows(lines[at + 1 :], at + 2, known, headings))
    if not rows:
        raise BadInput("empty", _("%(file)s has no rows below its headings.", file=path.name))
    return rows


def inherit(rows: Sequence[Row], columns: Sequence[str], key: str | None = None) -> list[Row]:
    """Fill empty cells of `columns` from the row above, as merged cells leave them.

    With a `key` column only while that cell is empty or the same as above: a new class does not
    inherit the former one's department. The key cell is filled too.
    """
    filled: list[Row] = []
    above: dict[str, str] = {}
    for row in rows:
        cells = dict(row.cells)
        if key is None or cells[key] in ("", above.get(key)):
            wanted = columns if key is None else (key, *columns)
            cells |= {c: above.get(c, "") for c in wanted if not cells[c]}
        filled.append(Row(row.number, cells))
        above = cells
    return filled


def _find_headings(
    lines: Sequence[Sequence[str]], headings: Mapping[str, Sequence[str]]
) -> tuple[int, list[str | None]]:
    """The row that has the most of the headings in it, and the column of each of its cells."""
    names = {alias.casefold(): column for column, more in headings.items() for alias in more}
    names |= {column.casefold(): column for column in headings}
    known = [[names.get(cell.casefold()) for cell in line] for line in lines[:HEADING_WITHIN]]
    at = max(range(len(known)), key=lambda i: len(set(known[i])), default=0)
    return at, known[at] if known else []


def _rows(
    lines: Sequence[Sequence[str]],
    first: int,
    known: Sequence[str | None],
    columns: Collection[str],
) -> Iterator[Row]:
    for number, line in enumerate(lines, first):
        if any(line):
            cells = dict.fromkeys(columns, "")
            cells |= {name: cell for name, cell in zip(known, line, strict=False) if name}
            yield Row(number, cells)


def _csv(path: Path, encoding: str | None) -> list[list[str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode(encoding or "utf-8-sig")
    except (UnicodeDecodeError, LookupError):
        raise _not_readable(path.name, raw, encoding) from None
    try:
        lines = [[cell.strip() for cell in line] for line in csv.reader(StringIO(text, newline=""))]
    except csv.Error as error:
        raise BadInput(
            "csv", _("%(file)s is no CSV table: %(error)s.", file=path.name, error=str(error))
        ) from None
    return _few_enough(lines, path.name)


def _not_readable(file: str, raw: bytes, encoding: str | None) -> BadInput:
    """The refusal, with the first encoding in which the text is Chinese as a proposal."""
    if encoding:
        return BadInput(
            "encoding",
            _("%(file)s is not in the encoding %(given)s.", file=file, given=encoding),
        )
    for proposal in PROPOSED_ENCODINGS:
        try:
            text = raw.decode(proposal)
        except UnicodeDecodeError:
            continue
        if sample := next(
            (word for word in text.split(",") if "\u4e00" <= word[:1] <= "\u9fff"), ""
        ):
            return BadInput(
                "encoding",
                _(
                    "%(file)s is not in UTF-8. In %(proposal)s it has words such as “%(sample)s”: "
                    "if that is right, give the encoding %(proposal)s.",
                    file=file,
                    proposal=proposal,
                    sample=sample[:20],
                ),
                proposal=proposal,
            )
    return BadInput("encoding", _("%(file)s is not text in UTF-8; give its encoding.", file=file))


def _sheet(path: Path) -> list[list[str]]:
    _refuse_bomb(path)
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        values = sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS + 1)
    except (CalamineError, OSError, IndexError) as error:
        raise BadInput(
            "workbook",
            _(
                "%(file)s cannot be read as a workbook: %(error)s.",
                file=path.name,
                error=str(error),
            ),
        ) from None
    return _few_enough([[_text(cell) for cell in line] for line in values], path.name)


def _refuse_bomb(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise BadInput(
                "too_large",
                _(
                    "%(file)s unpacks to %(size)s MB; allowed are %(allowed)s MB.",
                    file=path.name,
                    size=size // 2**20,
                    allowed=MAX_UNPACKED_BYTES // 2**20,
                ),
            )


def _few_enough(lines: list[list[str]], file: str) -> list[list[str]]:
    if len(lines) > MAX_ROWS:
        raise BadInput(
            "too_many_rows",
            _("%(file)s has more than %(allowed)s rows.", file=file, allowed=MAX_ROWS),
        )
    return lines


def _text(cell: object) -> str:
    """A spreadsheet's value as a person reads it: 1.0 is 1, a date is 2021-01-01."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
