"""What one test writes, no other test sees, on either database."""

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from tests import databases
from webapp.core.clock import now
from webapp.core.database import begin_write
from webapp.core.jobs import Job


def jobs(bind: Session | Engine) -> int:
    if isinstance(bind, Engine):
        with Session(bind) as session:
            return jobs(session)
    return bind.scalar(select(func.count()).select_from(Job)) or 0


@pytest.mark.parametrize("turn", [1, 2])
def test_a_commit_in_a_session_is_undone_at_the_end(session, turn):
    assert jobs(session) == 0
    session.add(Job(kind="isolation", created_at=now()))
    session.commit()
    assert jobs(session) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_a_write_begun_by_us_is_undone_too(session, turn):
    begin_write(session)
    assert jobs(session) == 0
    session.add(Job(kind="isolation", created_at=now()))
    session.commit()
    begin_write(session)
    assert jobs(session) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_a_rollback_in_a_session_leaves_it_usable(session, turn):
    session.add(Job(kind="isolation", created_at=now()))
    session.flush()
    session.rollback()
    assert jobs(session) == 0


@pytest.mark.parametrize("turn", [1, 2])
def test_what_the_application_commits_is_seen_by_the_test_and_by_no_other(app, session, turn):
    assert jobs(app.extensions["database"].engine) == 0
    with app.extensions["database"].session() as other:
        other.add(Job(kind="isolation", created_at=now()))
        other.commit()
    assert jobs(session) == 1


def test_the_database_is_the_one_its_name_says(database, database_kind):
    function = {"spatialite": "spatialite_version()", "postgis": "postgis_lib_version()"}
    with database.connect() as connection:
        assert connection.execute(text(f"SELECT {function[database_kind]}")).scalar()


def test_a_database_that_takes_over_from_another_begins_anew_with_an_engine_of_its_own(
    database_kind,
):
    with databases.fresh(database_kind) as first, Session(first) as session:
        session.add(Job(kind="isolation", created_at=now()))
        session.commit()
    with databases.fresh(database_kind) as second:
        assert second.url == first.url
        assert second is not first  # the program keeps what it has read by engine
        assert jobs(second) == 0


def test_statements_are_counted(database, statements):
    with Session(database) as session:
        jobs(session)
        jobs(session)
    assert len([s for s in statements if "FROM job" in s]) == 2
