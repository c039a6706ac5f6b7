"""The sweep tells who is concerned of what has passed, exactly once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests import scenes
from tests.at_once import at_once
from tests.factories.life import Town, make_town
from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.models import Notice
from webapp.cases.notices.rules import occasion_of
from webapp.cases.notices.vocabulary import NoticeKind
from webapp.cases.sweep import sweep
from webapp.cases.vocabulary import Action, Colour, State, SupervisionKind

K = NoticeKind
SECOND = timedelta(seconds=1)


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session: Session, database: Engine) -> Town:
    """In a database of its own: the sweep commits as it goes."""
    return scene.on(session)


def alerts(town: Town, case: Case) -> set[tuple[NoticeKind, str]]:
    """What the sweep has told of a case, and to whom."""
    names = {person.id: name for name, person in town.people.items()}
    rows = select(Notice.kind, Notice.person_id).where(
        Notice.case_id == case.id, Notice.event_id.is_(None)
    )
    return {(kind, names[person]) for kind, person in town.session.execute(rows).all()}


def swept(town: Town, case: Case, now: datetime) -> set[tuple[NoticeKind, str]]:
    """What a sweep at `now` tells of a case beyond what was told before."""
    town.session.commit()
    before = alerts(town, case)
    sweep(town.session, now)
    town.session.refresh(case)
    return alerts(town, case) - before


def test_yellow_warns_who_handles_red_tells_those_above_then_the_leader(town: Town) -> None:
    case = town.handling()
    assert swept(town, case, case.warn_at - SECOND) == set()
    warned = swept(town, case, case.warn_at)
    assert warned == {(K.DUE_SOON, "member"), (K.DUE_SOON, "head")}
    assert case.next_alert_at == case.due_at
    late = swept(town, case, case.due_at)
    assert late == {(K.OVERDUE, "head"), (K.OVERDUE, "dispatcher")}
    # 2 work days of limit: half of them more is the whole next work day
    assert case.next_alert_at == case.due_at + timedelta(days=1)
    assert swept(town, case, case.next_alert_at) == {(K.LONG_OVERDUE, "leader")}
    assert case.next_alert_at is None
    assert swept(town, case, case.due_at + timedelta(days=30)) == set()


def test_the_office_says_when_the_leader_hears(town: Town) -> None:
    town.ground.office.settings = {"leader_told_at_percent": 200}
    case = town.handling()
    swept(town, case, case.due_at)
    # 2 work days after a Thursday: a weekend lies between
    assert case.next_alert_at == case.due_at + timedelta(days=4)


def test_an_assigned_case_warns_the_assignee_and_the_head(town: Town) -> None:
    case = town.handling()
    town.step(case, Action.ASSIGN, "head", assignee_id=town.people["member"].id)
    assert swept(town, case, case.warn_at) == {(K.DUE_SOON, "member"), (K.DUE_SOON, "head")}


def test_stages_have_their_own_limits(town: Town) -> None:
    case = town.report()
    town.step(case, Action.ASK_VERIFICATION, "dispatcher")
    town.step(case, Action.VERIFY, "manager", found=True, note="在")
    assert swept(town, case, case.stage_warn_at) == {(K.STAGE_DUE_SOON, "dispatcher")}
    assert swept(town, case, case.stage_due_at) == {(K.STAGE_OVERDUE, "dispatcher")}
    dispatched = town.dispatched()
    told = swept(town, dispatched, dispatched.stage_due_at)
    assert {(K.STAGE_OVERDUE, "member"), (K.STAGE_OVERDUE, "head")} <= told
    checking = town.checking()
    told = swept(town, checking, checking.stage_due_at)
    assert (K.STAGE_OVERDUE, "manager") in told


def test_a_clock_that_stands_warns_nobody_and_an_ended_case_neither(town: Town) -> None:
    answered = town.handling()
    town.step(answered, Action.ANSWER, "member", note="换了")
    closed = town.closed()
    assert closed.next_alert_at is None
    later = answered.due_at + timedelta(days=9)
    told = swept(town, answered, later)
    assert told == {(K.STAGE_OVERDUE, "dispatcher")}  # that it was soon is no news any more
    assert alerts(town, closed) == set()


def test_a_moved_deadline_is_warned_of_anew(town: Town) -> None:
    case = town.handling()
    swept(town, case, case.warn_at)
    town.step(case, Action.ASK_EXTENSION, "head", note="等配件")
    town.step(case, Action.GRANT_EXTENSION, "dispatcher")
    town.session.commit()
    count = select(Notice.id).where(Notice.case_id == case.id, Notice.kind == K.DUE_SOON)
    assert len(town.session.scalars(count).all()) == 2
    sweep(town.session, case.warn_at)
    assert len(town.session.scalars(count).all()) == 4


def test_what_was_suspended_goes_on_by_itself_at_its_end(town: Town) -> None:
    case = town.handling()
    day = (town.now + timedelta(days=3)).date()
    town.step(case, Action.SUSPEND, "dispatcher", until=day, note="等天晴")
    until = case.suspended_until
    assert until is not None
    swept(town, case, until - SECOND)
    assert case.state is State.SUSPENDED
    assert case.next_alert_at == until
    swept(town, case, until)
    assert case.state is State.HANDLING
    last = town.session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id.desc())
    ).first()
    assert last is not None
    assert (last.action, last.actor_id) == (Action.RESUME, None)
    assert case.due_at > until


def test_who_was_called_and_does_not_come_is_told_to_the_dispatcher(town: Town) -> None:
    case = town.handling()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆")
    by = town.now + timedelta(minutes=30)
    town.step(case, Action.ASSIGN, "head", assignee_id=town.people["member"].id)
    assert case.next_alert_at == by  # an unrelated step does not put it off
    assert swept(town, case, by) == {(K.REPORT_IN_MISSED, "dispatcher")}
    came = town.handling()
    town.step(came, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆")
    by = town.now + timedelta(minutes=30)
    town.step(came, Action.REPORT_IN, "helper")
    assert swept(town, came, by) == set()


def test_a_reply_that_is_owed_is_told_to_the_leader_who_asked(town: Town) -> None:
    case = town.handling()
    reply_by = town.now + timedelta(hours=1)
    town.step(case, Action.SUPERVISE, "leader", kind=SupervisionKind.KEY, colour=Colour.RED,
              reply_by=reply_by, note="快")  # fmt: skip
    assert swept(town, case, reply_by) == {(K.REPLY_OVERDUE, "leader")}


def test_a_worker_that_slept_through_it_tells_all_of_it_once(town: Town) -> None:
    case = town.handling()
    later = case.due_at + timedelta(days=10)
    kinds = {kind for kind, _who in swept(town, case, later)}
    assert {K.DUE_SOON, K.OVERDUE, K.LONG_OVERDUE} <= kinds
    assert swept(town, case, later + timedelta(days=1)) == set()


def test_a_clock_set_back_tells_nothing_again(town: Town) -> None:
    case = town.handling()
    swept(town, case, case.due_at)
    assert swept(town, case, case.warn_at - timedelta(days=1)) == set()
    town.now = case.warn_at - timedelta(days=1)
    town.step(case, Action.ASSIGN, "head", assignee_id=town.people["member"].id)
    assert swept(town, case, case.due_at + SECOND) == set()


def test_two_sweeps_at_once_tell_each_once(database: Engine, town: Town) -> None:
    cases = [town.handling() for _ in range(120)]
    town.session.commit()
    now = max(case.due_at for case in cases)
    town.session.close()

    def one() -> None:
        with Session(database, expire_on_commit=False) as session:
            sweep(session, now)

    at_once(one, 3)
    rows = town.session.execute(
        select(Notice.key, Notice.person_id, Notice.kind).where(Notice.event_id.is_(None))
    ).all()
    occasions = {(occasion_of(key), person) for key, person, _kind in rows}
    assert len(occasions) == len(rows)
    told = [(kind, person) for _key, person, kind in rows]
    head, dispatcher = town.people["head"].id, town.people["dispatcher"].id
    for who in ((K.DUE_SOON, head), (K.OVERDUE, head), (K.OVERDUE, dispatcher)):
        assert told.count(who) == len(cases)


def test_a_case_that_cannot_be_read_keeps_no_other_waiting(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = town.handling(), town.handling()
    broken.limit_amount = 10**8  # no calendar reaches that far
    town.session.commit()
    sweep(town.session, datetime(2027, 1, 10, tzinfo=UTC))
    assert alerts(town, good)
    assert "could not be swept" in caplog.text
