"""Whatever happens in whatever order - reports, steps, placings, folds, things taken back - the
cube answers what a count over all cases does."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.factories.cases import LAMP_OUT, LITTER, NOW, OTHER
from tests.factories.life import make_town
from tests.insight.conftest import Counted, of
from webapp.cases.placing import place_in_grid
from webapp.cases.vocabulary import Action, Source, State
from webapp.insight.counts.keeping import fold

GRIDS = st.one_of(st.none(), st.integers(0, 7))
CLASSES = st.sampled_from([LAMP_OUT, LITTER, OTHER])
GROUPS = st.sampled_from([None, "K01", "E01", "/event/"])
COMMUNITIES = st.sampled_from([None, "640121001001", "640121001002"])
FRESH = (State.REPORTED, State.VERIFYING)


class AnyCounts(RuleBasedStateMachine):
    """Each run in a connection of its own, undone at the end."""

    engine: Engine

    def __init__(self):
        super().__init__()
        self.connection = self.engine.connect()
        self.connection.begin()
        options = {"join_transaction_mode": "create_savepoint", "expire_on_commit": False}
        self.session = Session(self.connection, **options)
        self.counted = Counted(make_town(self.session))
        self.cases = []

    def teardown(self):
        self.session.close()
        self.connection.close()

    def pick(self, number, right):
        some = [case for case in self.cases if right(case)]
        return some[number % len(some)] if some else None

    @rule(grid=GRIDS, condition=CLASSES, days=st.integers(0, 40), source=st.sampled_from(Source))
    def report(self, grid, condition, days, source):
        facts = {"condition_code": condition, "source": source}
        self.cases.append(self.counted.report(grid, days, **facts))

    @rule(number=st.integers(0, 99), condition=CLASSES)
    def correct_the_class(self, number, condition):
        case = self.pick(number, lambda c: c.state in FRESH and c.condition.code != condition)
        if case:
            self.counted.town.step(
                case, Action.RECLASS, "dispatcher", condition_code=condition, note="看过了"
            )

    @rule(number=st.integers(0, 99), code=st.integers(1, 4), community=st.integers(1, 2))
    def place(self, number, code, community):
        case = self.pick(number, lambda c: c.grid_id is None)
        if case:
            to = f"640121001{community:03}{code:03}"
            by = self.counted.town.people["dispatcher"]
            place_in_grid(self.session, case, to, by, NOW)

    @rule(number=st.integers(0, 99))
    def hand_over_to_the_helpers(self, number):
        case = self.pick(number, lambda c: c.state is State.REPORTED and c.grid_id)
        if case:
            town = self.counted.town
            town.step(case, Action.ASK_VERIFICATION, "dispatcher")
            town.step(case, Action.VERIFY, "manager", found=True, note="看到了")
            town.step(case, Action.OPEN, "dispatcher")
            town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id, note="z")

    @rule(grid=GRIDS)
    def report_and_take_it_back(self, grid):
        savepoint = self.session.begin_nested()
        self.counted.report(grid)
        savepoint.rollback()

    @rule()
    def fold(self):
        fold(self.session, self.counted.office)

    @rule(group=GROUPS, community=COMMUNITIES, days=st.integers(0, 45))
    def ask(self, group, community, days):
        since = NOW.date() - timedelta(days=days)
        self.counted.agrees(of(group=group, community=community, since=since))

    @invariant()
    def agrees(self):
        groups = (self.counted.agrees(of(group=group)) for group in ("K01", "E01", "E99"))
        assert self.counted.agrees() == sum(groups) == len(self.cases)


def test_the_cube_is_right_whatever_happens(lasting_database):
    machine = type("Here", (AnyCounts,), {"engine": lasting_database})
    quick = settings(max_examples=12, stateful_step_count=25)
    run_state_machine_as_test(machine, settings=quick)
