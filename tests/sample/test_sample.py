"""The sample loads whole, once, and nothing in it is empty."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests import applications, databases
from webapp.cases.life.models import CaseRequest
from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.models import Delivery, Notice
from webapp.cases.notices.queries import unread_count
from webapp.cases.notices.vocabulary import NoticeKind
from webapp.cases.vocabulary import Action, RequestKind, RequestState, State
from webapp.core.clock import now
from webapp.core.database import is_spatialite
from webapp.core.jobs import CHORES
from webapp.core.jobs_cli import do_chores
from webapp.people.models import Office, Person
from webapp.places.models import Area, AreaLevel, BoundaryVersion
from webapp.sample.people import ACCOUNTS, PASSWORD
from webapp.standards.models import PlanTask

USERNAMES = [account.username for account in ACCOUNTS]


@pytest.fixture(scope="module")
def sample(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose empty database the command has filled, for tests that look at it."""
    folder = tmp_path_factory.mktemp("sample")
    with databases.fresh(database_kind) as engine, applications.lent(engine, folder) as app:
        run = app.test_cli_runner().invoke
        assert run(args=["sample", "accounts"]).output == ""
        loaded = run(args=["sample", "load", "--if-empty"])
        assert loaded.exit_code == 0, loaded.output
        yield app


@pytest.fixture
def in_sample(sample: Flask) -> Iterator[Session]:
    with Session(sample.extensions["database"].engine) as session:
        yield session


def test_the_sample_fills_every_list(sample: Flask, in_sample: Session) -> None:
    assert in_sample.scalars(select(BoundaryVersion.illustrative)).all() == [True, True]
    levels = Counter(in_sample.scalars(select(Area.level)))
    assert levels[AreaLevel.COMMUNITY] == 10
    assert 110 <= levels[AreaLevel.GRID] <= 130
    assert in_sample.scalar(select(func.count()).select_from(PlanTask)) == 13
    states = Counter(in_sample.scalars(select(Case.state)))
    assert states.total() == 300
    assert {State.REPORTED, State.HANDLING, State.CLOSED, State.SUSPENDED} <= set(states)
    assert in_sample.scalar(select(func.count()).where(Case.grid_id.is_(None))) == 0
    newest = in_sample.scalars(select(func.max(Case.reported_at))).one()
    assert timedelta(0) < now() - newest < timedelta(days=2)
    see_that_the_cases_have_lived(in_sample)
    see_that_the_inboxes_are_those_of_a_usual_day(sample, in_sample)
    if is_spatialite(in_sample.get_bind()):
        known = in_sample.scalars(text("SELECT tbl FROM sqlite_stat1")).all()
        assert {"cases", "case_event", "grid"} <= set(known)
    again = sample.test_cli_runner().invoke(args=["sample", "load", "--if-empty"])
    assert again.output == ""


def test_the_demo_accounts_can_sign_in_and_are_printed(sample: Flask, in_sample: Session) -> None:
    printed = sample.test_cli_runner().invoke(args=["sample", "accounts"]).output
    assert PASSWORD in printed
    assert all(account.username in printed for account in ACCOUNTS)
    usernames = set(in_sample.scalars(select(Person.username).where(Person.username.is_not(None))))
    assert usernames == {account.username for account in ACCOUNTS}


def test_the_sample_stays_out_where_there_is_an_office(app: Flask, session: Session) -> None:
    session.add(Office(code="1", name="one", area_path="/1/", number_prefix="A"))
    session.commit()
    runner = app.test_cli_runner()
    quiet = runner.invoke(args=["sample", "load", "--if-empty"])
    assert (quiet.exit_code, quiet.output) == (0, "")
    loud = runner.invoke(args=["sample", "load"])
    assert loud.exit_code == 1
    assert loud.output.startswith("Error: ")


def see_that_the_inboxes_are_those_of_a_usual_day(app: Flask, session: Session) -> None:
    """Old thresholds were told then; neither the sweep nor the sending finds old things to do."""
    people = {person.username: person for person in session.scalars(select(Person))}
    unread = {name: unread_count(session, people[name], now()) for name in USERNAMES}
    assert 5 <= unread["dispatcher"] <= 15
    assert max(unread.values()) <= 15
    told = select(func.count()).select_from(Notice).where(Notice.kind == NoticeKind.OVERDUE)
    assert session.scalar(told) > 0
    before = session.scalar(select(func.count()).select_from(Notice))
    assert session.scalars(select(func.max(Notice.at))).one() <= now()
    session.rollback()
    with app.app_context():
        do_chores(CHORES)
    after = session.scalar(select(func.count()).select_from(Notice))
    assert after - before <= 5, "only what the minutes since then have brought"
    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def see_that_the_cases_have_lived(session: Session) -> None:
    """Each went its way step by step, and every kind of thing that a desk shows is there."""
    taken = Counter(session.scalars(select(CaseEvent.action)))
    assert taken[Action.REPORTED] == 300
    lived = {Action.FAIL_CHECK, Action.RETURN, Action.WHISTLE, Action.REPORT_IN, Action.SUPERVISE}
    assert all(taken[action] >= 3 for action in lived)
    pending = CaseRequest.state.in_((RequestState.ASKED, RequestState.ENDORSED))
    waiting = set(session.execute(select(CaseRequest.kind, CaseRequest.state).where(pending)))
    assert {
        (RequestKind.EXTENSION, RequestState.ASKED),
        (RequestKind.EXTENSION, RequestState.ENDORSED),
        (RequestKind.HELP, RequestState.ASKED),
        (RequestKind.CANCELLATION, RequestState.ASKED),
    } <= waiting
    ended = [case for case in session.scalars(select(Case)) if case.state is State.CLOSED]
    assert all(case.opened_at or case.self_handled for case in ended)
    assert session.scalars(select(func.max(CaseEvent.at))).one() <= now()
