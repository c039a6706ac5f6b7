"""Random people of random roles take random steps while the clock moves, also backwards.

Whatever they do: one lead from the dispatch on, no event without a change and no change without an
event, clocks that never run backwards, a result for what is closed, a way out of every state but
the final ones, and events that alone give the present state.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.factories.cases import LAMP_OUT, LITTER
from tests.factories.life import make_town
from tests.factories.people import make_person
from webapp.cases.life.closing import close_department
from webapp.cases.life.models import Participant, StageTimes
from webapp.cases.life.replay import Life, differences, present
from webapp.cases.life.scene import PROGRAM, RESIDENT, Actor, Given, actor_at
from webapp.cases.life.steps import open_to, take_step
from webapp.cases.life.table import STEPS, Way
from webapp.cases.life.times import rebuild
from webapp.cases.models import FINAL_STATES, Case, CaseEvent
from webapp.cases.rules import NEEDS_LEAD
from webapp.cases.vocabulary import Action, Colour, Part, Source, State, SupervisionKind
from webapp.core.errors import BadInput, Conflict, NotAllowed
from webapp.people.models import Duty, Role
from webapp.standards.service import office_standards

MINUTE = timedelta(minutes=1)
NEW_LIMIT = {Action.RECLASS, Action.UNDO_DISPATCH, Action.GRANT_EXTENSION}
PEOPLE = ("dispatcher", "manager", "inspector", "leader", "member", "head", "helper", "both",
          "resident", "program")  # fmt: skip
NOTES = [*["说明"] * 18, "  ", "字" * 5_001]
BEGINNINGS = ["report", "opened", "dispatched", "handling", "joint", "checking", "late"]
ENDS = {Action.REFUSE, Action.GRANT_CANCEL, Action.MERGE}  # else most would end early


class Lives(RuleBasedStateMachine):
    """A town on a real database; all is rolled back at the end."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.connection = engine.connect()
        self.connection.begin()
        options = {"join_transaction_mode": "create_savepoint", "expire_on_commit": False}
        self.session = Session(self.connection, **options)
        self.town = make_town(self.session)
        self.town.people["both"] = make_person(self.session, self.town.ground.office)
        duty = Duty(role=Role.DEPARTMENT_MEMBER, area_path="/640121/001/", is_head=True)
        duty.department = self.town.helpers
        self.town.people["both"].duties.append(duty)
        self.session.flush()
        self.clock = office_standards(self.session, self.town.ground.office).clock

    def teardown(self) -> None:
        try:
            for case in self.town.cases:
                self.rebuilt_times_are_the_kept_ones(case)
        finally:
            self.session.close()
            self.connection.close()

    @initialize(seed=st.integers(0, 2**64), begin=st.sampled_from(BEGINNINGS))
    def a_case_is_there(self, seed: int, begin: str) -> None:
        self.dice = Random(seed)
        town = self.town
        case = town.handling() if begin in ("joint", "late") else getattr(town, begin)()
        if begin == "joint":
            town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="来")
        if begin == "late":
            town.now = case.due_at + timedelta(days=1)
            town.step(case, Action.ANSWER, "member", note="修好了")
            town.step(case, Action.ASK_CHECK, "dispatcher")
            town.step(case, Action.PASS_CHECK, "manager", note="亮了")
        self.check(case)

    @precondition(lambda self: len(self.town.cases) < 3)
    @rule()
    def something_is_reported(self) -> None:
        source = self.dice.choice(list(Source))
        self.check(self.town.report(draft={"source": source}))

    @rule()
    def the_clock_moves(self) -> None:
        minutes = self.dice.choice([1, 10, 60, 60, 600, 600, 6_000, 60_000, -600, -6_000])
        self.town.now += self.dice.random() * minutes * MINUTE

    @rule()
    def somebody_presses_one_of_their_buttons(self) -> None:
        case = self.dice.choice(self.town.cases)
        if ways := list(self.open_steps(case)):
            self.press(case, *self.dice.choice(ways))

    @rule()
    def work_goes_on(self) -> None:
        """Some steps, of which what one alone may do is as likely as what many may."""
        case = self.dice.choice(self.town.cases)
        for _n in range(5):
            ways = {action: who for who, action in self.open_steps(case)}
            if ways:
                onward = [action for action in ways if moves_on(action)]
                action = self.dice.choice(
                    onward if self.dice.random() < 0.4 and onward else list(ways)
                )
                if action not in ENDS or self.dice.random() < 0.1:
                    self.press(case, ways[action], action)

    @rule()
    def somebody_tries_anything(self) -> None:
        case = self.dice.choice(self.town.cases)
        self.press(case, self.dice.choice(PEOPLE), self.dice.choice(list(Action)))

    @rule()
    def a_department_is_closed_down_and_opened_again(self) -> None:
        if self.dice.random() < 0.8:
            return
        helpers = self.town.helpers
        before = {case.id: case.version for case in self.town.cases}
        close_department(self.session, helpers, self.town.people["leader"], self.town.now)
        helpers.active = True
        self.session.flush()
        for case in self.town.cases:
            if case.version != before[case.id]:
                self.check(case)
            if case.lead_department_id == helpers.id:
                handling = {State.DISPATCHED, State.HANDLING, State.SUSPENDED}
                assert case.state not in handling

    def actor(self, who: str, case: Case) -> Actor:
        nobody = {"resident": RESIDENT, "program": PROGRAM}
        return nobody.get(who) or actor_at(self.session, self.town.people[who], case)

    def open_steps(self, case: Case) -> Iterator[tuple[str, Action]]:
        for who in PEOPLE:
            actor = self.actor(who, case)
            for action in open_to(self.session, actor, case, self.town.now):
                yield who, action

    def press(self, case: Case, who: str, action: Action) -> None:
        given = self.given()
        before, left = present(self.session, case), self.left(case)
        version, count = case.version, self.count(case)
        actor = self.actor(who, case)
        try:
            event = take_step(self.session, case, action, actor, self.town.now, given)
        except (BadInput, Conflict, NotAllowed):
            assert not self.session.dirty
            assert not self.session.new
            assert (case.version, self.count(case)) == (version, count)
            assert present(self.session, case) == before
            return
        assert self.count(case) == count + 1
        assert case.version == version + 1
        assert facts(present(self.session, case)) != facts(before), "an event without a change"
        assert event.at == case.changed_at > before.case["changed_at"]
        anew = action is Action.DISPATCH and event.detail["clock_anew"]
        if not anew and action not in NEW_LIMIT:
            assert self.left(case) <= left, "the handling clock ran backwards"
        self.check(case)

    def given(self) -> Given:
        town, now, pick = self.town, self.town.now, self.dice.choice
        days = pick([1, 30, 30, 30, 365, 0, 400])
        return Given(
            note=pick(NOTES),
            department_id=pick([*[town.centre.id, town.helpers.id] * 5, None]),
            assignee_id=pick([person.id for person in town.people.values()]),
            condition_code=pick([LAMP_OUT, LITTER]),
            into_number=pick([*(case.number for case in town.cases), "X"]),
            found=pick([True, True, False]),
            until=(now + timedelta(days=days)).date(),
            reply_by=now + pick([60, 600, 6_000, -60]) * MINUTE,
            kind=pick(list(SupervisionKind)),
            colour=pick(list(Colour)),
            score=pick([1, 5, 5, 90, 101]),
            lon=pick([106.25, None]),
            lat=38.28,
        )

    def left(self, case: Case) -> timedelta:
        """What the handling limit still held at the last event."""
        at = case.clock_stopped_at or case.changed_at
        return self.clock.running(at, case.due_at, case.limit_unit)

    def count(self, case: Case) -> int:
        query = select(func.count()).where(CaseEvent.case_id == case.id)
        return self.session.scalar(query) or 0

    def check(self, case: Case) -> None:
        """What must hold of a case after whatever happened to it."""
        assert differences(self.session, case) == {}
        leads = self.session.scalars(
            select(Participant.department_id).where(
                Participant.case_id == case.id, Participant.part == Part.LEAD
            )
        ).all()
        assert leads == ([] if case.dispatched_at is None else [case.lead_department_id])
        assert case.state not in NEEDS_LEAD or len(leads) == 1
        assert (case.state is State.CLOSED) == (case.closed_at is not None)
        assert case.state is not State.CLOSED or case.result
        assert (case.state is State.SUSPENDED) == (case.suspended_until is not None)
        assert (case.state is State.MERGED) == (case.merged_into_id is not None)
        assert (case.next_alert_at is None) == (case.state in FINAL_STATES)
        assert case.state not in FINAL_STATES or case.pressed is None
        assert case.extension_count <= 2
        assert case.suspension_count <= 1
        moments = self.session.scalars(
            select(CaseEvent.at).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
        ).all()
        assert list(moments) == sorted(set(moments)), "events out of order"
        if case.state not in FINAL_STATES:
            assert any(moves_on(action) for _who, action in self.open_steps(case)), case.state

    def rebuilt_times_are_the_kept_ones(self, case: Case) -> None:
        of_case = select(StageTimes).where(StageTimes.case_id == case.id)
        kept = [columns(row) for row in self.session.scalars(of_case)]
        rebuild(self.session, [case.id])
        assert [columns(row) for row in self.session.scalars(of_case)] == kept


def moves_on(action: Action) -> bool:
    return STEPS[action].to is not Way.STAYS


def facts(life: Life) -> Any:
    """All but when it was."""
    return {**life.case, "changed_at": None}, life.beside


def columns(row: StageTimes) -> dict[str, Any]:
    return {name: getattr(row, name) for name in StageTimes.__table__.c.keys()}  # noqa: SIM118


def test_any_life_keeps_the_rules(lasting_database: Engine) -> None:
    run_state_machine_as_test(
        lambda: Lives(lasting_database),
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
