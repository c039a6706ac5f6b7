"""What one test writes, no other test sees, on either database."""

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from tests import applications, databases, scenes
from tests.factories.people import make_office
from webapp.core.clock import now
from webapp.core.database import begin_write
from webapp.core.jobs import Job
from webapp.people.models import Office


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


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_sets_in_the_application_is_gone_in_the_next(app, turn):
    assert "WTF_CSRF_ENABLED" not in app.config or app.config["WTF_CSRF_ENABLED"]
    assert app.config["WANGGE"].public_map
    assert not app.extensions["waking"].wait(0)
    app.config["WTF_CSRF_ENABLED"] = False
    object.__setattr__(app.config["WANGGE"], "public_map", False)
    app.extensions["waking"].call()


@pytest.mark.parametrize("turn", [1, 2])
def test_an_application_that_a_test_has_changed_otherwise_is_used_by_no_other(app, turn):
    assert "shown" not in app.jinja_env.globals
    app.jinja_env.globals["shown"] = turn


def test_an_application_that_has_only_shown_an_error_is_used_again(database, tmp_path):
    with applications.lent(database, tmp_path) as first:
        assert first.test_client().get("/r/nothing").status_code == 404
    with applications.lent(database, tmp_path) as second:
        assert second is first


@pytest.fixture
def office(scene, session):
    return scene.on(session)


scene = scenes.by(office=make_office)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_scene_is_there_each_time_as_it_was_made(office, session, turn):
    assert session.scalars(select(Office)).one() is office
    assert office.code != "changed"
    office.code = "changed"
    session.commit()


def test_a_scene_is_there_for_those_alone_who_ask_for_it(session):
    assert session.scalars(select(Office)).all() == []


@pytest.mark.parametrize("turn", [1, 2])
def test_a_scene_is_in_a_database_of_the_tests_own_too(office, app, session, turn):
    with app.extensions["database"].session() as other:
        found = other.scalars(select(Office)).one()
        assert (found.id, found.code) == (office.id, office.code)
        assert found.code != "changed"
        found.code = "changed"
        other.commit()
