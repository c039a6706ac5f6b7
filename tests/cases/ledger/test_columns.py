"""Every column of the ledger against what the case itself says."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.ledger import Ledger, photos_of
from webapp.cases.ledger.columns import COLUMNS, SHOWN, SORTABLE, chosen
from webapp.cases.ledger.reading import CHUNK, Reading, lines
from webapp.cases.life.models import Participant, Supervision
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, Part, PhotoKind
from webapp.cases.words import span_words
from webapp.core.errors import BadInput
from webapp.core.i18n import listed
from webapp.standards.rules import LIMITS
from webapp.standards.wording import class_name, limit_words

CUSTOMARY = (
    *(
        "序号",
        "案件编号",
        "来源",
        "上报时间",
        "上报人",
        "社区",
        "网格编码",
        "网格员",
        "大类",
        "小类",
    ),
    *("问题描述", "位置", "经度", "纬度", "坐标系", "责任领导", "主办", "协办", "派遣时间"),
    *("处置时限", "截止时间", "处置结果", "完成时间", "核查人", "核查结果", "是否超期", "超期时长"),
    *("返工次数", "延期次数", "挂账", "督办", "结案时间", "照片(前/后)", "备注"),
)


def test_the_columns_are_the_customary_ones_in_their_order():
    assert tuple(column.name_zh for column in COLUMNS) == CUSTOMARY
    assert len({column.key for column in COLUMNS}) == len({c.name_en for c in COLUMNS}) == 34


def test_an_import_may_change_words_only():
    changeable = {column.name_zh: column.field for column in COLUMNS if column.field}
    fields = {"问题描述": "description", "位置": "address", "处置结果": "result", "备注": "remark"}
    assert changeable == fields


def test_columns_are_chosen_by_key_and_keep_their_order():
    assert [column.key for column in chosen(["remark", "number"])] == ["number", "remark"]
    assert set(SHOWN) < set(COLUMNS)
    assert {"number", "reported", "due", "closed"} <= {column.key for column in SORTABLE}
    with pytest.raises(BadInput, match="colour"):
        chosen(["number", "colour"])


def expected(session: Session, ledger: Ledger, case: Case) -> dict[str, Any]:
    """The cells of a case, one by one from its objects."""
    now, clock = ledger.town.now, ledger.reading().clock
    area, grid, reporter = case.area, case.grid, case.reporter
    lonlat = case.lonlat
    assisting = [
        p.department.name
        for p in session.scalars(select(Participant).order_by(Participant.id))
        if p.case_id == case.id and p.part is Part.ASSISTING and p.called_off_at is None
    ]
    checks = [e for e in case.events if e.action in (Action.PASS_CHECK, Action.FAIL_CHECK)]
    pressed = session.scalar(select(Supervision).where(Supervision.case_id == case.id))
    photos = photos_of(session, case)
    after = sum(photo.kind is PhotoKind.AFTER for photo in photos)
    ended = case.clock_stopped_at or case.closed_at or now
    late = None if case.state.value in ("not_accepted", "cancelled", "merged") else (
        ended > case.due_at
    )  # fmt: skip
    by = clock.running(case.due_at, ended, case.limit_unit)
    chinese = listed("ab") == "a、b"
    return {
        "number": case.number,
        "source": str(case.source.label),
        "reported": case.reported_at,
        "reporter": reporter.name if reporter else None,
        "community": area.parent.name if grid else None,
        "grid": grid.code if grid else None,
        "manager": area.manager.name if grid and area.manager else None,
        "class": class_name(case.condition.case_class),
        "description": case.description,
        "address": case.address,
        "lon": round(lonlat[0], 6) if lonlat else None,
        "lat": round(lonlat[1], 6) if lonlat else None,
        "datum": "WGS-84" if lonlat else None,
        "leader": case.leader.name if case.leader else None,
        "lead": case.lead_department.name if case.lead_department else None,
        "assisting": listed(assisting),
        "dispatched": case.dispatched_at,
        "limit": limit_words(case.limit_amount, case.limit_unit),
        "due": case.due_at,
        "result": case.result,
        "answered": case.answered_at,
        "checker": checks[-1].actor.name if checks else None,
        "check": _checked(checks[-1], chinese=chinese) if checks else None,
        "overdue": {None: None, True: "是" if chinese else "yes", False: "否" if chinese else "no"}[
            late
        ],
        "late": span_words(by, office_time=LIMITS[case.limit_unit].office_time) if late else None,
        "reworks": case.rework_count,
        "extensions": case.extension_count,
        "supervised": listed((pressed.colour.label, pressed.kind.label)) if pressed else None,
        "closed": case.closed_at,
        "photos": f"{len(photos) - after}/{after}" if photos else None,
        "remark": case.remark,
    }


def _checked(event: CaseEvent, *, chinese: bool) -> str:
    outcomes = ("通过：", "未通过：") if chinese else ("passed: ", "failed: ")
    return f"{outcomes[event.action is Action.FAIL_CHECK]}{event.note}"


def test_cells_say_what_the_case_says(session, ledger, language):
    for name, case in ledger.cases.items():
        cells = ledger.cells(name)
        told = expected(session, ledger, case)
        assert {key: cells[key] for key in told} == told, name


def test_the_story_of_the_one_that_went_through_everything(ledger, language):
    cells = ledger.cells("closed")
    told = ("李四", "综合执法队", "换了灯泡", "王网格", 1, 1, "2/1")
    keys = ("reporter", "assisting", "result", "checker", "reworks", "extensions", "photos")
    assert tuple(cells[key] for key in keys) == told
    assert cells["check"].endswith("亮了")
    assert cells["group"] == ("公用设施" if language == "zh" else "public utilities")


def test_suspended_and_overdue_cases_say_so(ledger, language):
    assert ledger.cells("suspended")["suspended"].endswith("2027-03-01")
    assert ledger.cells("opened")["suspended"] is None
    late = ledger.cells("late")
    assert late["overdue"] == ("是" if language == "zh" else "yes")
    assert late["late"]
    assert ledger.cells("refused")["overdue"] is None


def test_a_late_case_stays_late_by_the_same_when_time_goes_on(ledger, english):
    before = ledger.cells("late")["late"]
    ledger.town.now += timedelta(days=30)
    assert ledger.cells("late")["late"] == before


def test_serials_count_on_over_chunks(session, ledger, english):
    ids = ledger.ids() * (CHUNK // len(ledger.cases) + 1)
    reading = Reading(session, ledger.town.ground.office, ledger.town.now)
    chunks = list(lines(session, reading, chosen(["serial"]), ids, first_serial=51))
    assert [len(chunk) for chunk in chunks] == [CHUNK, len(ids) - CHUNK]
    assert [line.cells[0] for chunk in chunks for line in chunk] == list(range(51, 51 + len(ids)))


def test_a_chunk_takes_as_many_statements_as_a_case(session, ledger, statements, english):
    counts = []
    for names in (["closed"], list(ledger.cases)):
        reading, ids = ledger.reading(), ledger.ids(*names)
        statements.clear()
        list(lines(session, reading, COLUMNS, ids))
        counts.append(sum(s.startswith("SELECT") for s in statements))
    assert counts == [5, 5]
