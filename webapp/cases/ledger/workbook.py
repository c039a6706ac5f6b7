"""The ledger as an Excel workbook, as the county takes it; rows are written as they are read.

Above the rows stand the title, the signature line and the merged heads of groups. Text is written
as text: what begins with `=`, `+`, `-` or `@` never becomes a formula.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from rustpy_xlsxwriter import Format, write_worksheets
from sqlalchemy.orm import Session

from webapp.cases.ledger.columns import Cell, Column, Kind
from webapp.cases.ledger.pictures import PICTURE_HEIGHT, PICTURE_WIDTH, Pictures
from webapp.cases.ledger.reading import Reading, lines
from webapp.cases.ledger.sums import Counts, Sum, Sums

TITLE_ROW, SIGNATURE_ROW, GROUP_ROW, HEAD_ROW = range(4)
FIRST_ROW = HEAD_ROW + 1
FROZEN_COLUMNS = 2
A4 = 9
PAGE_WIDTH = 150  # letters that can still be read on one A4 page
MOST_LETTERS = 32_767  # Excel's own limit of a cell
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # no characters of XML, and \r of \r\n
BLUE, PALE, LINE, RED = "#17426F", "#E6EFF9", "#8A97A8", "#C4281C"
MOMENT_FORMAT = "yyyy-mm-dd hh:mm"

Told = Callable[[int], None]
"""Is told how many rows are written."""


@dataclass(frozen=True)
class Wish:
    """What a ledger is to hold: which cases in which order, which columns, whether pictures."""

    ids: Sequence[int]
    columns: Sequence[Column]
    title: str
    period: str = ""  # which cases these are, in words
    pictures: Pictures | None = None


def fitting(text: str) -> str:
    """A text as a cell can hold it: no characters that XML forbids, not longer than Excel takes."""
    return _UNFIT.sub("", text)[:MOST_LETTERS]


def write_workbook(
    session: Session, reading: Reading, wish: Wish, path: Path, told: Told = lambda done: None
) -> None:
    """Write the ledger and its sheets of sums to `path`, in the language of the context."""
    sums, ledger = Sums(reading), _("Ledger")
    frames = {ledger: _ledger_frame(reading, wish)}
    frames |= {sheet.title: _sum_frame(sheet, wish) for sheet in sums.sheets}
    rows = _rows(session, reading, wish, sums, told)
    sheets: list[Any] = [
        (ledger, rows),
        *((sheet.title, _sum_rows(sheet)) for sheet in sums.sheets),
    ]
    options: dict[str, Any] = {name: {} for frame in frames.values() for name in frame}
    for title, frame in frames.items():
        for name, value in frame.items():
            options[name][title] = value
    write_worksheets(sheets, str(path), datetime_format=MOMENT_FORMAT, **options)


def _rows(
    session: Session, reading: Reading, wish: Wish, sums: Sums, told: Told
) -> Iterator[dict[str, Cell]]:
    heads = [column.name for column in wish.columns]
    moments = [i for i, column in enumerate(wish.columns) if column.kind is Kind.MOMENT]
    extra = dict.fromkeys(wish.pictures.heads) if wish.pictures else {}
    done = 0
    for chunk in lines(session, reading, wish.columns, wish.ids):
        for row, cells in chunk:
            sums.add(row)
            for i in moments:
                cells[i] = reading.local(cells[i])  # type: ignore[arg-type]
            fitted = [fitting(cell) if type(cell) is str else cell for cell in cells]
            yield dict(zip(heads, fitted, strict=True)) | extra
        done += len(chunk)
        told(done)


def _ledger_frame(reading: Reading, wish: Wish) -> dict[str, Any]:
    """How the sheet of cases looks and prints, in the writer's own words."""
    heads = [column.name for column in wish.columns]
    widths = [float(column.width) for column in wish.columns]
    heights = {TITLE_ROW: 30.0, SIGNATURE_ROW: 20.0, HEAD_ROW: 30.0}
    frame: dict[str, Any] = {}
    if wish.pictures:
        heads, widths = [*heads, *wish.pictures.heads], [*widths, PICTURE_WIDTH, PICTURE_WIDTH]
        heights |= {FIRST_ROW + at: PICTURE_HEIGHT for at in range(len(wish.ids))}
        frame["images"] = wish.pictures.placed(wish.ids, FIRST_ROW, len(wish.columns))
    last = max(len(heads) - 1, 1)
    return frame | {
        "header_row": HEAD_ROW,
        "header_format": _head(),
        "merge_ranges": [
            (TITLE_ROW, 0, TITLE_ROW, last, wish.title, _title()),
            (SIGNATURE_ROW, 0, SIGNATURE_ROW, last, _signature(reading, wish), _note()),
            *_group_heads(wish.columns),
        ],
        "freeze_panes": {"row": FIRST_ROW, "col": min(FROZEN_COLUMNS, last)},
        "column_widths": widths,
        "column_formats": {c.name: _of_column(c) for c in wish.columns},
        "row_heights": heights,
        "autofilter": True,
        "conditional_formats": _red_words(wish.columns),
        "page_setup": _page(HEAD_ROW, -(-sum(widths) // PAGE_WIDTH), FROZEN_COLUMNS),
    }


def _group_heads(columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    """One merged cell over the columns of each group; a column that stands alone has none."""
    chinese = str(get_locale()).startswith("zh")
    for group, members in groupby(enumerate(columns), key=lambda item: item[1].group):
        places = [place for place, _column in members]
        if len(places) > 1:
            name = group[0] if chinese else group[1]
            yield (GROUP_ROW, places[0], GROUP_ROW, places[-1], name, _head())


def _of_column(column: Column) -> Format:
    match column.kind:
        case Kind.LONG:  # the quote keeps a text a text, also after somebody has edited it
            return Format().set_text_wrap().set_align("top").set_quote_prefix()
        case Kind.MOMENT:
            return Format().set_align("top").set_num_format(MOMENT_FORMAT)
        case _other:
            return Format().set_align("top")


def _red_words(columns: Sequence[Column]) -> dict[str, Any]:
    red = Format().set_font_color(RED).set_bold()
    rule = {"type": "text", "criteria": "contains", "value": _("yes"), "format": red}
    return {column.name: rule for column in columns if column.key == "overdue"}


def _page(head_row: int, pages_wide: float, frozen: int) -> dict[str, Any]:
    signature = _("Filled in by: ________  Checked by: ________")
    page = {
        "landscape": True,
        "paper_size": A4,
        "margins": {"left": 0.4, "right": 0.4, "top": 0.5, "bottom": 0.6},
        "repeat_rows": (0, head_row),
        "fit_to_pages": (int(pages_wide), 0),
        "print_gridlines": True,
        "footer": f"&L{signature}&R&P / &N",
    }
    if frozen and pages_wide > 1:
        page["repeat_columns"] = (0, frozen - 1)
    return page


def _signature(reading: Reading, wish: Wish) -> str:
    made = reading.local(reading.now)
    parts = (
        _("Office: %(office)s", office=reading.office.name),
        wish.period,
        _("%(count)s cases", count=len(wish.ids)),
        _("Filled in by: ________  Checked by: ________  Approved by: ________"),
        _("Date: %(date)s", date=f"{made:%Y-%m-%d %H:%M}"),
    )
    return "    ".join(part for part in parts if part)


def _sum_frame(sheet: Sum, wish: Wish) -> dict[str, Any]:
    heads = (*sheet.heads, *_count_heads())
    last = len(heads) - 1
    note = _("In time: of those that were handled or whose limit has passed, without the exempted.")
    words = "    ".join(part for part in (wish.period, note) if part)
    return {
        "header_row": 2,
        "header_format": _head(),
        "merge_ranges": [
            (0, 0, 0, last, f"{wish.title} · {sheet.title}", _title()),
            (1, 0, 1, last, words, _note()),
        ],
        "freeze_panes": {"row": 3, "col": 0},
        "column_widths": [*[26.0] * len(sheet.heads), *[14.0] * len(_count_heads())],
        "column_formats": {_("On time rate"): Format().set_num_format("0.0%")},
        "row_heights": {0: 30.0, 1: 20.0, 2: 24.0},
        "page_setup": _page(2, 1, 0),
    }


def _count_heads() -> tuple[str, ...]:
    return (
        _("Cases"), _("Cases closed"), _("Cases overdue"),
        _("In time"), _("Of those due"), _("On time rate"),
    )  # fmt: skip


def _sum_rows(sheet: Sum) -> Iterator[dict[str, Cell]]:
    """A generator: it begins when the rows of the ledger have gone by and all is counted."""
    heads = (*sheet.heads, *_count_heads())
    for key, counts in sheet.rows():
        yield dict(zip(heads, (*map(fitting, key), *_numbers(counts)), strict=True))


def _numbers(counts: Counts) -> tuple[Cell, ...]:
    parts = (counts.cases, counts.closed, counts.overdue, counts.in_time, counts.due)
    return (*parts, counts.rate)


def _title() -> Format:
    return Format().set_bold().set_font_size(16).set_align("center").set_align("vertical_center")


def _note() -> Format:
    return Format().set_font_size(10).set_align("left").set_align("vertical_center")


def _head() -> Format:
    head = Format().set_bold().set_font_color(BLUE).set_background_color(PALE).set_text_wrap()
    head = head.set_align("center").set_align("vertical_center")
    return head.set_border("thin").set_border_color(LINE)
