"""A ledger that comes back: what differs is told cell by cell, and done all or not at all."""

from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from openpyxl.styles import Alignment

from tests.factories.ledger import FORMULA, UNFIT
from webapp.cases.ledger.columns import BY_KEY, COLUMNS
from webapp.cases.ledger.correcting import apply
from webapp.cases.ledger.differing import compare
from webapp.cases.ledger.files import write_ledger
from webapp.cases.ledger.sheet import read_sheet
from webapp.cases.ledger.workbook import Wish
from webapp.cases.life.replay import differences
from webapp.cases.life.steps import LONGEST_NOTE
from webapp.cases.models import Case
from webapp.cases.telling import tell
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput, Conflict

HEAD, FIRST = 4, 5
SOME_DAY = datetime(2026, 11, 24, 3, 4)  # noqa: DTZ001 - as a sheet has it


class Workbook:
    """A ledger in a file, to be changed cell by cell as somebody in Excel would."""

    def __init__(self, ledger, path):
        self.ledger, self.path = ledger, path
        wish = Wish(ledger.ids(), COLUMNS, "台账")
        write_ledger(ledger.session, ledger.reading(), wish, path, "xlsx")
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book.worksheets[0]
        self.columns = {column.key: place for place, column in enumerate(COLUMNS, 1)}

    def row(self, name):
        return FIRST + list(self.ledger.cases).index(name)

    def cell(self, name, key):
        return self.sheet.cell(self.row(name), self.columns[key])

    def put(self, name, key, value):
        self.cell(name, key).value = value

    def plan(self, visible=None):
        self.book.save(self.path)
        office = self.ledger.town.ground.office
        visible = Case.office_id == office.id if visible is None else visible
        sheet = read_sheet(self.path)
        return compare(self.ledger.session, office, visible, sheet, self.ledger.town.now)


@pytest.fixture
def workbook(ledger, language, tmp_path):
    return Workbook(ledger, tmp_path / "ledger.xlsx")


@pytest.fixture
def english_workbook(ledger, english, tmp_path):
    return Workbook(ledger, tmp_path / "ledger.xlsx")


def told(plan):
    return [(refusal.at, refusal.words) for refusal in plan.refusals]


def test_a_ledger_that_comes_back_as_it_went_changes_nothing(workbook, ledger):
    raw = read_sheet(workbook.path)
    assert [row.number for row in raw.rows] == [case.number for case in ledger.cases.values()]
    plan = workbook.plan()
    assert (plan.rows, plan.changes, plan.refusals) == (len(ledger.cases), [], [])


def test_a_moment_at_midnight_is_no_difference(ledger, english, tmp_path):
    """Such a cell is read as a day."""
    case = ledger.cases["late"]
    case.answered_at = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)  # 00:00 at the office
    ledger.session.flush()
    plan = Workbook(ledger, tmp_path / "ledger.xlsx").plan()
    assert (plan.changes, plan.refusals) == ([], [])


def test_what_differs_by_the_clock_alone_is_no_difference(workbook, ledger):
    ledger.town.now += timedelta(days=400)
    plan = workbook.plan()
    assert (plan.changes, plan.refusals) == ([], [])


def test_two_edited_cells_are_two_changes_and_each_case_has_its_event(workbook, ledger, session):
    workbook.put("opened", "remark", "  催过两次 ")
    workbook.put("formula", "description", "路灯杆歪了")
    plan = workbook.plan()
    assert plan.refusals == []
    assert [(c.number, c.column.key, c.before, c.after) for c in plan.changes] == [
        (ledger.cases["formula"].number, "description", FORMULA, "路灯杆歪了"),
        (ledger.cases["opened"].number, "remark", "", "催过两次"),
    ]
    assert [c.at for c in plan.changes] == [workbook.row(name) for name in ("formula", "opened")]
    states = {name: case.state for name, case in ledger.cases.items()}
    versions = {name: case.version for name, case in ledger.cases.items()}

    assert apply(session, plan, ledger.town.people["dispatcher"], ledger.town.now) == 2
    session.commit()
    case = ledger.cases["opened"]
    assert case.remark == "催过两次"
    assert {name: case.state for name, case in ledger.cases.items()} == states
    changed = {name for name, case in ledger.cases.items() if case.version != versions[name]}
    assert changed == {"opened", "formula"}
    session.refresh(case)
    last = max(case.events, key=lambda event: (event.at, event.id))
    assert (last.action, last.actor) == (Action.CORRECTED, ledger.town.people["dispatcher"])
    assert last.detail["was"] == {"remark": ""}
    assert last.detail["set"]["remark"] == "催过两次"
    assert differences(session, case) == {}, "the events alone give the case"
    (line,) = tell(session, ledger.town.ground.office, case.events)[0].lines
    assert line.startswith(BY_KEY["remark"].name)
    assert line.endswith("“” → “催过两次”")

    again = workbook.plan()
    assert (again.changes, again.refusals) == ([], [])


def test_words_that_a_cell_cannot_hold_are_not_taken_for_changes(workbook, ledger, session):
    case = ledger.cases["unfit"]
    assert case.description == UNFIT
    assert workbook.plan().changes == []
    workbook.put("unfit", "address", "新地址")
    apply(session, workbook.plan(), None, ledger.town.now)
    assert (case.description, case.address) == (UNFIT, "新地址")


ONLY_STEPS = (
    ("closed", "lead", "别的部门"),
    ("closed", "closed", SOME_DAY),
    ("opened", "due", "2026-12-31 10:00"),
    ("closed", "reworks", 5),
    ("closed", "lon", 106.5),
    ("reported", "dispatched", SOME_DAY),
    ("reported", "checker", "张三"),
)


def test_what_only_steps_change_is_refused_with_its_row(english_workbook, ledger, session):
    english_workbook.put("formula", "remark", "另一格")
    for name, key, value in ONLY_STEPS:
        before = english_workbook.cell(name, key).value
        english_workbook.put(name, key, value)
        plan = english_workbook.plan()
        ((at, words),) = told(plan)
        assert at == english_workbook.row(name)
        assert BY_KEY[key].name in words
        assert "step" in words
        with pytest.raises(BadInput, match="Nothing was changed"):
            apply(session, plan, None, ledger.town.now)
        english_workbook.put(name, key, before)
    assert ledger.cases["formula"].remark == "@all"


def test_a_result_can_be_reworded_but_neither_given_nor_taken(english_workbook, ledger):
    english_workbook.put("closed", "result", "更换灯泡一只")
    assert [change.after for change in english_workbook.plan().changes] == ["更换灯泡一只"]
    english_workbook.put("closed", "result", None)
    english_workbook.put("reported", "result", "修好了")
    plan = english_workbook.plan()
    assert [at for at, _words in told(plan)] == [
        english_workbook.row("reported"),
        english_workbook.row("closed"),
    ]
    assert all("answer of the department" in words for _at, words in told(plan))


def test_a_number_that_is_not_there_or_there_twice_is_told_by_row(english_workbook, ledger):
    english_workbook.put("opened", "number", "TJ19990101-0001")
    english_workbook.put("late", "number", ledger.cases["closed"].number)
    english_workbook.put("suspended", "number", None)
    words = dict(told(english_workbook.plan()))
    assert "no such case" in words[english_workbook.row("opened")]
    assert f"row {english_workbook.row('closed')}" in words[english_workbook.row("late")]
    assert "no case number" in words[english_workbook.row("suspended")]


def test_cases_that_one_may_not_see_are_not_there(english_workbook, ledger):
    visible = Case.id == ledger.cases["closed"].id
    words = told(english_workbook.plan(visible))
    assert len(words) == len(ledger.cases) - 1
    assert all("not yours to see" in said for _at, said in words)


def test_texts_that_are_too_long_are_refused(english_workbook):
    english_workbook.put("opened", "remark", "长" * (LONGEST_NOTE + 1))
    ((_at, words),) = told(english_workbook.plan())
    assert str(LONGEST_NOTE + 1) in words


def test_merged_cells_inherit_from_above(english_workbook, ledger):
    """As offices merge the class of neighbouring rows; and a merged remark holds for all."""
    sheet, columns = english_workbook.sheet, english_workbook.columns
    first, last = english_workbook.row("reported"), english_workbook.row("unfit")
    for key in ("class", "group", "remark"):
        english_workbook.put("reported", key, "一批" if key == "remark" else
                             english_workbook.cell("reported", key).value)  # fmt: skip
        sheet.merge_cells(
            start_row=first, end_row=last, start_column=columns[key], end_column=columns[key]
        )
        sheet.cell(first, columns[key]).alignment = Alignment(vertical="center")
    plan = english_workbook.plan()
    assert plan.refusals == []
    batch = list(ledger.cases.values())[: last - first + 1]
    assert [(c.number, c.after) for c in plan.changes] == [(case.number, "一批") for case in batch]


def test_an_empty_line_and_a_signature_below_are_no_cases(english_workbook):
    sheet = english_workbook.sheet
    sheet.cell(sheet.max_row + 2, 1).value = "填表人：王"
    plan = english_workbook.plan()
    assert (plan.changes, plan.refusals) == ([], [])


def test_a_sheet_may_hold_few_columns_in_any_order(english, ledger, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["备注", "案件编号"])
    book.active.append(["已电话回访", ledger.cases["closed"].number])
    book.save(tmp_path / "few.xlsx")
    sheet = read_sheet(tmp_path / "few.xlsx")
    assert sheet.language == "zh"
    office = ledger.town.ground.office
    plan = compare(ledger.session, office, Case.office_id == office.id, sheet, ledger.town.now)
    assert [(c.at, c.column.key, c.after) for c in plan.changes] == [(2, "remark", "已电话回访")]


@pytest.mark.parametrize(
    ("heads", "words"),
    [
        (["编号", "备注"], "tells which case"),
        (["案件编号", "颜色"], "颜色"),
        (["案件编号", "备注", "备注"], "twice"),
    ],
)
def test_wrong_heads_are_named(english, tmp_path, heads, words):
    book = openpyxl.Workbook()
    book.active.append(heads)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match=words):
        read_sheet(tmp_path / "a.xlsx")


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 half a zip"])
def test_what_is_no_workbook_is_told_so(english, tmp_path, content):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read"):
        read_sheet(tmp_path / "a.xlsx")


def test_a_case_that_changed_meanwhile_stops_all(english_workbook, ledger, session):
    english_workbook.put("opened", "remark", "甲")
    english_workbook.put("formula", "remark", "乙")
    plan = english_workbook.plan()
    case = ledger.cases["opened"]
    ledger.town.step(case, Action.DISPATCH, "dispatcher", department_id=ledger.town.centre.id)
    session.commit()
    with pytest.raises(Conflict, match=case.number):
        apply(session, plan, None, ledger.town.now)
    session.rollback()
    session.expire_all()
    assert {case.remark for case in ledger.cases.values()} == {"", "@all"}
    assert english_workbook.plan().digest != plan.digest
