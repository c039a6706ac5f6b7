"""`flask cases ledger` and `flask cases ledger-import`."""

import openpyxl
import pytest

from tests.factories.ledger import look_again
from webapp.cases.ledger.columns import COLUMNS


@pytest.fixture
def run(app, ledger):
    runner = app.test_cli_runner()

    def call(*arguments):
        return runner.invoke(args=["cases", *map(str, arguments)])

    return call


def test_a_ledger_is_written_with_its_filters(run, ledger, tmp_path):
    path = tmp_path / "台账.xlsx"
    centre = ledger.town.centre.code
    result = run(
        "ledger", path, "--from", "2026-11-01", "--to", "2026-12-31", "--department", centre
    )
    assert result.exit_code == 0, result.output
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[4]] == [column.name_zh for column in COLUMNS]
    own = [c.number for c in ledger.cases.values() if c.lead_department_id == ledger.town.centre.id]
    assert sorted(row[1] for row in sheet.iter_rows(min_row=5, values_only=True)) == sorted(own)
    assert f"{len(own)} cases written" in result.output


def test_what_cannot_be_written_is_told(run, tmp_path):
    assert "dbf is no format" in run("ledger", tmp_path / "a.dbf").output
    english = (tmp_path / "a.xlsx", "--language", "en")
    assert "no department" in run("ledger", *english, "--department", "D99").output
    assert "no cases" in run("ledger", *english, "--from", "2031-01-01").output
    assert not list(tmp_path.glob("*.xlsx"))


def test_a_ledger_comes_back_shown_first_and_done_when_told(run, ledger, session, tmp_path):
    path = tmp_path / "a.xlsx"
    assert run("ledger", path, "--language", "en").exit_code == 0
    assert "0 cells differ" in run("ledger-import", path).output
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(5, len(COLUMNS)).value = "回访过"
    book.save(path)
    shown = run("ledger-import", path)
    assert 'Remark: "" -> "回访过"' in shown.output
    first = min(ledger.cases.values(), key=lambda case: (case.reported_at, case.id))
    look_again(session)
    assert first.remark == ""
    done = run("ledger-import", path, "--apply")
    assert "1 cases corrected" in done.output
    look_again(session)
    assert first.remark == "回访过"


def test_a_sheet_with_refusals_does_nothing(run, ledger, session, tmp_path):
    path = tmp_path / "a.xlsx"
    run("ledger", path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet.cell(5, len(COLUMNS)).value = "回访过"
    sheet.cell(6, 2).value = "TJ000000-0000"
    book.save(path)
    result = run("ledger-import", path, "--apply")
    assert result.exit_code != 0
    assert "row 6, TJ000000-0000" in result.output
    look_again(session)
    assert {case.remark for case in ledger.cases.values()} == {"", "@all"}
