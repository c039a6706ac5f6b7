"""The events alone give the present state, and the times in each stage."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.case_files import HEADER, MAPPING, TEN, row
from tests.factories.cases import INSIDE, LITTER
from tests.factories.life import Town, make_town
from webapp.cases.importing import import_cases, read_mapping
from webapp.cases.life.models import StageTimes
from webapp.cases.life.replay import differences, replay
from webapp.cases.life.times import rebuild
from webapp.cases.models import Case, CaseEvent
from webapp.cases.placing import place_at
from webapp.cases.vocabulary import Action, Colour, Source, SupervisionKind

DAY = timedelta(days=1)


def columns(row: StageTimes) -> dict[str, object]:
    return {name: getattr(row, name) for name in StageTimes.__table__.c.keys()}  # noqa: SIM118


def assert_told(town: Town, case: Case) -> None:
    """From what the database itself holds, also in the base of the indicators."""
    session: Session = town.session
    session.flush()
    session.expire_all()
    assert differences(session, case) == {}
    of_case = select(StageTimes).where(StageTimes.case_id == case.id)
    kept = columns(session.scalars(of_case).one())
    rebuild(session, [case.id])
    assert columns(session.scalars(of_case).one()) == kept


def eventful(town: Town) -> Case:
    """Nearly everything that can happen to one case."""
    case = town.report()
    town.step(case, Action.RECLASS, "dispatcher", condition_code=LITTER)
    town.step(case, Action.ASK_VERIFICATION, "dispatcher")
    town.step(case, Action.VERIFY, "manager", found=True, note="看到了")
    town.step(case, Action.OPEN, "dispatcher")
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
    town.now -= timedelta(seconds=55)
    town.step(case, Action.UNDO_DISPATCH, "dispatcher")
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
    town.step(case, Action.TAKE, "member")
    town.step(case, Action.ASSIGN, "member", assignee_id=town.people["head"].id)
    town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
    town.step(case, Action.ENDORSE_EXTENSION, "head")
    town.step(case, Action.GRANT_EXTENSION, "dispatcher")
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    town.step(case, Action.REPORT_IN, "helper", lon=INSIDE[0], lat=INSIDE[1])
    town.step(case, Action.FINISH_TASK, "helper", note="已拆")
    town.step(case, Action.SUPERVISE, "leader", note="尽快", kind=SupervisionKind.KEY,
              colour=Colour.BLUE, reply_by=town.now + DAY)  # fmt: skip
    town.step(case, Action.REPLY_SUPERVISION, "member", note="在修")
    until = town.now.date() + 30 * DAY
    town.step(case, Action.SUSPEND, "dispatcher", until=until, note="等开春")
    town.now = case.suspended_until
    town.step(case, Action.RESUME, "program")
    town.now = case.due_at + DAY
    town.step(case, Action.ANSWER, "member", note="修好了")
    town.step(case, Action.ASK_CHECK, "dispatcher")
    town.step(case, Action.FAIL_CHECK, "manager", note="还是不亮")
    town.step(case, Action.ANSWER, "member", note="又换了")
    town.step(case, Action.ASK_CHECK, "dispatcher")
    town.step(case, Action.PASS_CHECK, "manager", note="亮了")
    town.step(case, Action.SCORE, "dispatcher", department_id=town.helpers.id, score=90)
    town.step(case, Action.APPEAL, "member", note="停电三天")
    town.step(case, Action.GRANT_APPEAL, "leader", note="属实")
    town.step(case, Action.RATE, "resident", score=4)
    return case


def test_a_case_to_which_nearly_everything_happened(town: Town) -> None:
    case = eventful(town)
    assert_told(town, case)
    row = town.session.get_one(StageTimes, case.id)
    facts = row.dispatches, row.reworks, row.extensions, row.suspensions, row.handled_in_time
    assert facts == (1, 1, 1, 1, False)
    assert sum(row.spent.values()) == (row.since - case.reported_at) / timedelta(microseconds=1)


def events_of(town: Town, case: Case) -> list[CaseEvent]:
    of_case = select(CaseEvent).where(CaseEvent.case_id == case.id)
    return list(town.session.scalars(of_case.order_by(CaseEvent.at, CaseEvent.id)))


def test_a_note_stands_once_in_an_event_whatever_columns_it_went_into(town: Town) -> None:
    events = events_of(town, eventful(town))
    for event in events:
        if event.note:
            assert event.note not in json.dumps(event.detail, ensure_ascii=False)
    noted = {name for e in events for kept in (e.detail, *e.detail.get("rows", ()))
             for name in kept.get("noted", ())}  # fmt: skip
    assert {"task", "result", "reason", "reply", "words", "decision_note"} <= noted


def test_events_that_still_hold_their_note_twice_are_read_alike(town: Town) -> None:
    case = eventful(town)

    def as_before(detail: dict, note: str) -> dict:
        kept = dict(detail)
        kept["set"] = kept.get("set", {}) | dict.fromkeys(kept.pop("noted", ()), note)
        if "rows" in kept:
            kept["rows"] = [r if "gone" in r else as_before(r, note) for r in kept["rows"]]
        return kept

    events = events_of(town, case)
    former = [
        CaseEvent(action=e.action, to_state=e.to_state, note=e.note,
                  detail=as_before(e.detail, e.note))
        for e in events
    ]  # fmt: skip
    assert [e.detail for e in former] != [e.detail for e in events]
    assert replay(case, former) == replay(case, events)


def test_a_case_that_was_only_reported(town: Town) -> None:
    assert differences(town.session, town.report()) == {}


def test_a_case_placed_later(town: Town) -> None:
    case = town.report(draft={"lon": INSIDE[0] - 0.01, "lat": INSIDE[1]})
    place_at(town.session, case, *INSIDE, town.people["dispatcher"], town.now)
    town.session.expire_all()
    assert case.grid_id is not None
    assert differences(town.session, case) == {}


@pytest.mark.parametrize(
    ("column", "value"), [("rework_count", 3), ("assignee_id", None), ("result", "好了")]
)
def test_what_was_changed_without_an_event_is_found(town, column, value):
    case = town.handling()
    town.step(case, Action.ASSIGN, "member", assignee_id=town.people["head"].id)
    setattr(case, column, value)
    assert set(differences(town.session, case)) == {column}


@pytest.fixture
def imported(town: Town, tmp_path: Path) -> dict[str, Case]:
    """Cases that came from a file, by the state they came in."""
    path = tmp_path / "cases.csv"
    rows = [row("A1"), row("A2", state="busy"), row("A3", state="done", closed=TEN)]
    path.write_text(HEADER + "".join(rows), "utf-8")
    import_cases(town.session, town.ground.office, path, read_mapping(MAPPING.encode()))
    cases = town.session.scalars(select(Case).where(Case.source == Source.IMPORT))
    return {case.state.value: case for case in cases}


def test_what_was_imported_and_has_taken_no_step(town, imported):
    assert len(imported) == 3
    assert [differences(town.session, case) for case in imported.values()] == [{}, {}, {}]


def test_what_was_imported_goes_on_from_each_state(town, imported):
    reported, handling, closed = (imported[s] for s in ("reported", "handling", "closed"))
    town.step(reported, Action.RECLASS, "dispatcher", condition_code=LITTER)
    town.step(reported, Action.OPEN, "dispatcher")
    town.step(handling, Action.RETURN, "member", note="缺件")
    town.step(handling, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
    town.step(closed, Action.REOPEN, "dispatcher", note="没修")
    for case in (reported, handling, closed):
        assert_told(town, case)


def test_the_command_names_the_cases_whose_rows_were_changed_past_their_events(
    database, app, session
):
    town = make_town(session)
    good, bad = town.handling(), town.handling()
    session.commit()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["cases", "check-events"]).exit_code == 0
    session.execute(update(Case).where(Case.id == bad.id).values(rework_count=7))
    session.commit()
    run = runner.invoke(args=["cases", "check-events"])
    assert run.exit_code == 1
    assert bad.number in run.output
    assert "rework_count" in run.output
    assert good.number not in run.output
