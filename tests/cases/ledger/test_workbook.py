"""The workbook, read back: how it looks, that its sums are right, that no text becomes more."""

from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from PIL import Image

from tests.factories.cases import picture
from tests.factories.ledger import FORMULA, Ledger, photos_of
from webapp.cases.ledger.columns import COLUMNS, chosen
from webapp.cases.ledger.files import write_ledger
from webapp.cases.ledger.pictures import MOST_CASES, pictures_of
from webapp.cases.ledger.workbook import MOST_LETTERS, Wish, fitting
from webapp.cases.photos import photo_path
from webapp.cases.vocabulary import State
from webapp.core.errors import BadInput

HEAD, FIRST = 4, 5  # rows of the sheet, from 1
NAMES = {
    "zh": ("台账", "按部门", "按社区", "按类别"),
    "en": ("Ledger", "By department", "By community", "By class"),
}


def written(ledger: Ledger, path: Path, **facts: Any) -> Workbook:
    facts = {"ids": ledger.ids(), "columns": COLUMNS, "title": "案件台账"} | facts
    write_ledger(ledger.session, ledger.reading(), Wish(**facts), path, "xlsx")
    return openpyxl.load_workbook(path)


def table(sheet: Any, head: int = HEAD) -> list[dict[str, Any]]:
    heads, *rows = sheet.iter_rows(min_row=head, values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def test_the_sheet_is_made_up_as_the_county_takes_it(ledger, language, tmp_path):
    book = written(ledger, tmp_path / "台账.xlsx", period="2026-11-01 – 2026-11-30")
    assert tuple(book.sheetnames) == NAMES[language]
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "案件台账"
    assert "2026-11-01 – 2026-11-30" in sheet["A2"].value
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    assert {"A1:AH1", "A2:AH2", "A3:B3", "S3:W3", "AF3:AH3"} <= merged
    assert [cell.value for cell in sheet[HEAD]] == [column.name for column in COLUMNS]
    assert (sheet["S3"].value) == ("处置" if language == "zh" else "Handling")
    assert sheet.freeze_panes == "C5"
    assert sheet.auto_filter.ref == f"A4:AH{HEAD + len(ledger.cases)}"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$1:$4"
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.page_setup.fitToHeight == 0
    for extra in book.worksheets[1:]:
        assert extra.page_setup.orientation == "landscape"
        assert extra["A1"].value.startswith("案件台账")


def test_cells_are_what_the_ledger_reads(ledger, language, tmp_path):
    reading = ledger.reading()
    rows = table(written(ledger, tmp_path / "a.xlsx").worksheets[0])
    for line, row in zip(ledger.lines(), rows, strict=True):
        for column, cell in zip(COLUMNS, line.cells, strict=True):
            if column.kind.value == "moment":
                cell = reading.local(cell)
            told = fitting(cell) or None if isinstance(cell, str) else cell
            assert row[column.name] == told, column.key


def test_text_never_becomes_a_formula_or_broken_xml(ledger, english, tmp_path):
    sheet = written(ledger, tmp_path / "a.xlsx").worksheets[0]
    cells = {cell.value: cell for row in sheet.iter_rows(min_row=FIRST) for cell in row}
    for words in (FORMULA, "+86", "@all", "-1", "ab\nc", "长" * 5_000):
        assert cells[words].data_type == "s"
        assert cells[words].hyperlink is None
    assert cells[FORMULA].quotePrefix


def test_what_a_cell_cannot_hold_is_left_out():
    assert fitting("a\x00b\x1fc\ufffe\r\nd\te") == "abc\nd\te"
    assert fitting("字" * (MOST_LETTERS + 1)) == "字" * MOST_LETTERS
    assert fitting("<r>&</r>_x0041_") == "<r>&</r>_x0041_"


def brute_sums(ledger: Ledger, key: Any) -> dict[Any, list[Any]]:
    """Cases, closed, overdue, in time, due and the rate by key, from the objects."""
    sums: dict[Any, Counter[str]] = {}
    for case in ledger.cases.values():
        count = sums.setdefault(key(case), Counter())
        count["cases"] += 1
        count["closed"] += case.state is State.CLOSED
        if case.state in (State.NOT_ACCEPTED, State.CANCELLED, State.MERGED):
            continue
        ended = case.clock_stopped_at or case.closed_at or ledger.town.now
        late = ended > case.due_at
        handled = case.state in (State.ANSWERED, State.CHECKING, State.CLOSED)
        count["overdue"] += late
        if (late or handled) and not case.exempt:
            count["due"] += 1
            count["in_time"] += not late
    names = ("cases", "closed", "overdue", "in_time", "due")
    return {
        key: [*(count[name] for name in names),
              count["in_time"] / count["due"] if count["due"] else None]
        for key, count in sums.items()
    }  # fmt: skip


def test_sums_are_those_of_the_cases(session, ledger, language, tmp_path):
    ledger.cases["closed"].exempt = True
    session.flush()
    sheets = written(ledger, tmp_path / "a.xlsx").worksheets[1:]
    nobody = "无主办部门" if language == "zh" else "no department"
    nowhere = "不在任何网格" if language == "zh" else "in no grid"
    keys = (
        lambda c: (c.lead_department.name if c.lead_department else nobody,),
        lambda c: (c.area.parent.name if c.grid else nowhere,),
        lambda c: tuple(
            ledger.cells(next(n for n, other in ledger.cases.items() if other is c))[k]
            for k in ("group", "class")
        ),
    )
    for sheet, key in zip(sheets, keys, strict=True):
        told = brute_sums(ledger, key)
        _heads, *rows, total = sheet.iter_rows(min_row=3, values_only=True)
        size = len(next(iter(told)))
        assert {row[:size]: list(row[size:]) for row in rows} == told
        (summed,) = brute_sums(ledger, lambda c: "all").values()
        assert list(total[size:]) == summed
        assert sheet.cell(4, size + 6).number_format == "0.0%"


def test_chosen_columns_alone_are_written(ledger, english, tmp_path):
    columns = chosen(["number", "closed", "remark"])
    sheet = written(ledger, tmp_path / "a.xlsx", columns=columns).worksheets[0]
    assert [cell.value for cell in sheet[HEAD]] == [column.name for column in columns]
    assert sheet.page_setup.fitToWidth in (None, 1)
    assert "B3:C3" in {str(cells) for cells in sheet.merged_cells.ranges}


def test_small_photos_stand_in_the_cells(session, ledger, english, tmp_path):
    case, folder = ledger.cases["closed"], tmp_path / "photos"
    near, before, after = photos_of(session, case)
    for photo, colour in ((near, "red"), (before, "blue"), (after, "green")):
        path = photo_path(folder, photo.sha256, small=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture((32, 20), colour=colour))
    pictures = pictures_of(session, folder, ledger.ids())
    sheet = written(ledger, tmp_path / "a.xlsx", pictures=pictures).worksheets[0]
    heads = pictures.heads
    assert tuple(cell.value for cell in sheet[HEAD])[-2:] == heads
    row = HEAD - 1 + list(ledger.cases).index("closed") + 1
    anchors = [(i.anchor._from.row, i.anchor._from.col) for i in sheet._images]
    assert sorted(anchors) == [(row, 34), (row, 35)]
    colours = {i.anchor._from.col: Image.open(i.ref).getpixel((5, 5)) for i in sheet._images}
    assert colours[34][0] > 200, "the first of those before"
    assert colours[35][1] > 100, "the last after"


def test_too_many_cases_with_photos_are_refused_in_words(session, ledger, english, tmp_path):
    with pytest.raises(BadInput, match=str(MOST_CASES)):
        pictures_of(session, tmp_path, range(MOST_CASES + 1))


def test_nothing_to_write_and_unknown_formats_are_told(ledger, english, tmp_path):
    path = tmp_path / "a.xlsx"
    with pytest.raises(BadInput, match="no cases"):
        written(ledger, path, ids=[])
    wish = Wish(ledger.ids(), COLUMNS, "台账")
    with pytest.raises(BadInput, match="dbf"):
        write_ledger(ledger.session, ledger.reading(), wish, path, "dbf")
    assert not list(tmp_path.glob("*.xlsx"))
