"""The leader's desk: what is late, what asks for approval, who owes a reply; and the numbers."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import scenes
from tests.factories.desks import in_order, looking, notes_of, numbers
from tests.factories.life import Town, make_town
from tests.factories.people import make_office, make_person, sign_in
from webapp.cases.life.models import CaseRequest, StageTimes, Supervision
from webapp.cases.models import FINAL_STATES, Case
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import (
    Action,
    Colour,
    RequestKind,
    RequestState,
    State,
    SupervisionKind,
)
from webapp.cases.words import lamp_of
from webapp.desks.frame.counts import count_tabs
from webapp.desks.leader.figures import LATELY, figures
from webapp.desks.leader.views import DESK
from webapp.desks.map.filters import MapFilters
from webapp.people.models import Role

TEN_YEARS = 24 * 365 * 10  # hours
in_app = pytest.mark.usefixtures("in_the_application")
CEILING = 22  # statements for a page with all numbers counted anew, whatever lies on the desk


def press(town: Town, case: Case, hours: float) -> None:
    """Supervise a case; the reply is due in so many hours from now."""
    given = {"kind": SupervisionKind.LEADER, "colour": Colour.RED, "note": "请尽快"}
    town.step(case, Action.SUPERVISE, "leader", reply_by=town.now + timedelta(hours=1), **given)
    row = town.session.scalars(select(Supervision).where(Supervision.case_id == case.id)).one()
    row.reply_by = town.now + timedelta(hours=hours)


def make_busy(session) -> Town:
    town = make_town(session)
    town.opened()
    town.handling()
    town.checking()
    for state in (town.opened, town.handling, town.dispatched):
        late = state()
        late.due_at = town.now - timedelta(hours=2)
    stopped = town.checking()
    stopped.due_at = town.now - timedelta(hours=2)
    town.step(town.opened(), Action.ASK_CANCEL, "dispatcher", note="重复上报")
    appealed = town.closed()
    appealed.due_at = appealed.answered_at - timedelta(hours=1)
    town.session.flush()
    town.step(appealed, Action.APPEAL, "member", note="等业主同意")
    town.closed()
    soon = town.handling()
    soon.warn_at = town.now - timedelta(hours=1)
    town.session.flush()
    silent, owed, replied, ended = (town.handling() for _ in range(4))
    press(town, owed, 5)
    press(town, replied, 5)
    town.step(replied, Action.REPLY_SUPERVISION, "member", note="明天完工")
    press(town, ended, 5)
    town.step(ended, Action.END_SUPERVISION, "leader")
    press(town, silent, -1)
    return town


scene = scenes.by(busy=make_busy, town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


@pytest.fixture
def busy(town) -> Town:
    """A town made by `make_busy`."""
    return town


def expected(town: Town, tab: str) -> list[Case]:
    """What the tab means, said once more without SQL."""
    session, now = town.session, town.now
    cases = session.scalars(select(Case)).all()
    requests = session.scalars(select(CaseRequest)).all()
    stands = {s.case_id: s for s in session.scalars(select(Supervision)) if not s.ended_at}

    def asked(case: Case, kind: RequestKind) -> bool:
        return any(r.case_id == case.id and r.kind is kind and r.state is RequestState.ASKED
                   for r in requests)  # fmt: skip

    def reply(case: Case) -> str:
        row = stands.get(case.id)
        if row is None:
            return "none"
        if row.replied_at:
            return "replied"
        return "owed" if row.reply_by >= now else "silent"

    if tab == "appeals":
        return [c for c in cases if asked(c, RequestKind.APPEAL)]
    cases = [c for c in cases if c.state not in FINAL_STATES]
    if tab == "open":
        return cases
    if tab == "red":
        return [c for c in cases if lamp_of(c, now) is Lamp.RED]
    if tab == "cancel":
        return [c for c in cases if asked(c, RequestKind.CANCELLATION)]
    return [c for c in cases if reply(c) == tab]


@in_app
@pytest.mark.parametrize("tab", [tab.name for tab in DESK.tabs])
def test_a_tab_holds_what_it_means_the_next_due_first(busy, tab):
    found = numbers(busy, DESK, tab, busy.people["leader"])
    assert found == in_order(expected(busy, tab))
    assert found


@in_app
def test_the_number_on_each_tab_is_the_length_of_its_list(busy):
    leader = busy.people["leader"]
    counts = count_tabs(busy.session, DESK, looking(busy, leader))
    assert counts == {tab.name: len(numbers(busy, DESK, tab.name, leader)) for tab in DESK.tabs}


@in_app
def test_a_leader_of_one_community_sees_that_one_alone(busy):
    paths = {grid.area.path.rsplit("/", 2)[0] + "/" for grid in busy.ground.grids}
    where = {case.area.path.rsplit("/", 2)[0] + "/" for case in busy.session.scalars(select(Case))}
    empty = next(iter(paths - where))
    for path, sees in ((empty, False), (next(iter(where)), True)):
        leader = make_person(busy.session, busy.ground.office, role=Role.LEADER, area_path=path)
        assert bool(numbers(busy, DESK, "red", leader)) is sees


def test_another_offices_leader_sees_nothing(busy):
    leader = make_person(busy.session, make_office(busy.session), role=Role.LEADER)
    view = looking(busy, leader)
    assert set(count_tabs(busy.session, DESK, view).values()) == {0}
    assert figures(busy.session, view, DESK.scope(view)).open == 0


@in_app
def test_a_row_says_what_is_asked_and_what_was_replied(busy):
    leader = busy.people["leader"]
    asks = [w for words in notes_of(busy, DESK, "cancel", leader).values() for w in words]
    assert asks == [f"{busy.people['dispatcher'].name} asks: 重复上报"]
    replies = [w for words in notes_of(busy, DESK, "replied", leader).values() for w in words]
    assert replies == ["reply: 明天完工"]
    silent = [w for words in notes_of(busy, DESK, "silent", leader).values() for w in words]
    assert len(silent) == 1
    assert silent[0].startswith("no reply; it was due")


def test_the_figures_are_those_of_the_cases(busy):
    view = looking(busy, busy.people["leader"])
    found = figures(busy.session, view, DESK.scope(view))
    cases = busy.session.scalars(select(Case)).all()
    still_open = [c for c in cases if c.state not in FINAL_STATES]
    closed = [c for c in cases if c.state is State.CLOSED and c.closed_at >= busy.now - LATELY]
    in_time = [c for c in closed
               if busy.session.get(StageTimes, c.id).handled_in_time is not False]  # fmt: skip
    assert found.open == len(still_open)
    lamps = Counter(lamp_of(c, busy.now) for c in still_open)
    assert (found.late, found.soon, found.paused) == (
        lamps[Lamp.RED], lamps[Lamp.AMBER], lamps[Lamp.PAUSED]
    )  # fmt: skip
    assert min(found.late, found.soon, found.paused) > 0
    assert found.pressed == sum(c.pressed is not None for c in still_open)
    assert (found.closed, found.in_time) == (len(closed), len(in_time))
    assert len(closed) >= 2
    assert found.share(1, 3) == 33
    assert found.share(0, 0) == 0


def test_each_figure_opens_a_list_of_as_many(busy):
    leader = busy.people["leader"]
    view = looking(busy, leader)
    found = figures(busy.session, view, DESK.scope(view))
    counts = count_tabs(busy.session, DESK, view)
    assert (found.open, found.late) == (counts["open"], counts["red"])
    for lamp, number in ((Lamp.AMBER, found.soon), (Lamp.PAUSED, found.paused)):
        through = replace(view, filters=MapFilters(lamps=frozenset({lamp})))
        assert count_tabs(busy.session, DESK, through)["open"] == number


@in_app
def test_what_was_late_when_its_clock_stopped_is_late_what_stopped_in_time_is_not(town):
    in_time, late = town.checking(), town.checking()
    late.due_at = late.clock_stopped_at - timedelta(hours=1)
    town.now += timedelta(days=60)
    town.session.flush()
    view = looking(town, town.people["leader"])
    found = figures(town.session, view, DESK.scope(view))
    assert (found.late, found.paused) == (1, 1)
    assert numbers(town, DESK, "red", town.people["leader"]) == [late.number]
    assert lamp_of(in_time, town.now) is Lamp.PAUSED


def test_the_numbers_of_what_is_open_are_read_from_the_index_of_open_cases(
    busy, database, statements
):
    view = looking(busy, busy.people["leader"])
    figures(busy.session, view, DESK.scope(view))
    (counted,) = [s for s in statements if s.startswith("SELECT count(*) AS count_1, sum")
                  and "stage_times" not in s]  # fmt: skip
    assert "cases.state NOT IN ('cancelled', 'closed'" in counted
    if database.dialect.name != "sqlite":
        return  # PostgreSQL chooses by its statistics; there are too few cases here
    with database.connect() as connection:
        words = f"EXPLAIN QUERY PLAN {counted}"
        plan = str(connection.exec_driver_sql(words, ("",) * counted.count("?")).all())
    assert "COVERING INDEX ix_cases_open" in plan


@in_app
def test_what_is_decided_leaves_the_desk(busy):
    leader = busy.people["leader"]
    for tab, action in (("cancel", Action.REFUSE_CANCEL), ("appeals", Action.GRANT_APPEAL)):
        number = numbers(busy, DESK, tab, leader)[0]
        case = busy.session.scalars(select(Case).where(Case.number == number)).one()
        busy.step(case, action, "leader", note="看过了")
        assert number not in numbers(busy, DESK, tab, leader)


def test_a_page_asks_the_database_the_same_few_times_however_much_there_is(
    client, busy, statements
):
    sign_in(client, busy.people["leader"])
    client.get(f"{DESK.path}?tab=owed")
    asked = []
    for more in (1, 13):
        for _ in range(more):
            press(busy, busy.handling(), TEN_YEARS)
        busy.session.commit()
        statements.clear()
        assert client.get(f"{DESK.path}?tab=owed").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1] <= CEILING


def test_the_page_shows_the_figures_also_of_an_empty_office(client, town):
    town.session.commit()
    sign_in(client, town.people["leader"])
    page = client.get(DESK.path)
    assert page.status_code == 200
    assert page.text.count("desk-figures") == 1
