"""The database: same shape on both dialects, reference rows, guarded events, spatial search."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from tests.factories.cases import make_case, make_ground
from webapp import models  # noqa: F401 - so that the metadata knows every table
from webapp.cases.models import Case
from webapp.core.database import (
    REFERENCE_TABLES,
    begin_write,
    intersects_box,
    is_spatialite,
    make_engine,
    many_texts,
    metadata,
)
from webapp.core.jobs import Job, JobState
from webapp.people.models import Office

SPATIALITE_OWN = {
    "ElementaryGeometries", "KNN", "KNN2", "SpatialIndex", "data_licenses", "sql_statements_log",
}  # fmt: skip
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def add_office(session: Session, code: str = "T") -> Office:
    office = Office(code=code, name="office", area_path="/1/", number_prefix=code)
    session.add(office)
    session.flush()
    return office


@pytest.mark.filterwarnings("ignore:.*expression-based index:sqlalchemy.exc.SAWarning")
@pytest.mark.filterwarnings("ignore:.*expression-based index:UserWarning")
def test_a_migrated_database_has_exactly_the_tables_of_the_models(lasting_database: Engine) -> None:
    with lasting_database.connect() as connection:
        options = {"include_object": alembic_helpers.include_object, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)
    foreign = [d for d in differences if d[0] == "remove_table" and d[1].name in SPATIALITE_OWN]
    assert [d for d in differences if d not in foreign] == []


@pytest.mark.parametrize("name", sorted(REFERENCE_TABLES))
def test_a_reference_table_has_one_row_for_each_member(session: Session, name: str) -> None:
    values = set(session.scalars(select(metadata.tables[name].c.value)))
    assert values == {member.value for member in REFERENCE_TABLES[name]}


def test_a_value_outside_its_reference_table_is_refused(session: Session) -> None:
    office = add_office(session)
    statement = "INSERT INTO department (office_id, code, name, kind, active)"
    values = " VALUES (:office, 'D', 'D', 'guild', true)"
    with pytest.raises(IntegrityError):
        session.execute(text(statement + values), {"office": office.id})


@pytest.mark.parametrize("verb", ["UPDATE case_event SET note = 'x'", "DELETE FROM case_event"])
def test_events_can_be_neither_changed_nor_removed(session: Session, verb: str) -> None:
    make_case(session, make_ground(session).office)
    with pytest.raises(DatabaseError, match="case_event is only ever added to"):
        session.execute(text(verb))


def test_a_time_comes_back_in_utc_as_the_same_moment(session: Session) -> None:
    local = MOMENT.astimezone(timezone(timedelta(hours=8)))
    session.add(Job(kind="x", created_at=local, state=JobState.WAITING))
    session.flush()
    session.expire_all()
    back = session.scalars(select(Job.created_at)).one()
    assert back == MOMENT
    assert back.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(session: Session) -> None:
    session.add(Job(kind="x", created_at=MOMENT.replace(tzinfo=None), state=JobState.WAITING))
    with pytest.raises(Exception, match="without a zone"):
        session.flush()


def test_two_writers_wait_for_each_other_instead_of_failing(database: Engine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with Session(database) as session:
        add_office(session)
        session.commit()

    def raise_revision(_: int) -> None:
        with Session(database, expire_on_commit=False) as session:
            session.scalars(select(Office)).one()  # a read comes first, as in a request
            begin_write(session)
            session.execute(text("UPDATE office SET revision = revision + 1"))
            session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(raise_revision, range(40)))
    with Session(database) as session:
        assert session.scalars(select(Office.revision)).one() == 40


def test_a_writer_waits_half_a_minute_though_spatialite_sets_five_seconds(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'own.sqlite'}")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30_000
    engine.dispose()


def test_intersects_box_finds_what_lies_in_the_box_and_uses_the_index(session: Session) -> None:
    case = make_case(session, make_ground(session).office)
    located = text("SELECT ST_X(location), ST_Y(location) FROM cases")
    lon, lat = session.execute(located).one()
    near = intersects_box(Case.location, lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001)
    far = intersects_box(Case.location, lon + 1, lat + 1, lon + 2, lat + 2)
    assert session.scalars(select(Case.id).where(near)).all() == [case.id]
    assert session.scalars(select(Case.id).where(far)).all() == []


def test_spatialite_searches_boxes_by_its_r_tree(session: Session) -> None:
    statement = select(Case.id).where(intersects_box(Case.location, 0.0, 0.0, 1.0, 1.0))
    sql = str(statement.compile(session.connection()))
    assert ("SpatialIndex" in sql) == is_spatialite(session.connection())
    assert ("&&" in sql) != is_spatialite(session.connection())


def test_another_database_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(ValueError, match="sqlite or postgresql"):
        make_engine("mysql://localhost/x")


def test_thousands_of_texts_are_one_parameter(session: Session) -> None:
    awkward = ["T", 'a"b', "a'b", "a\\b", "网格", ""]
    for code in awkward:
        add_office(session, code)
    wanted = [*awkward[1:], *(f"other {n}" for n in range(40_000))]
    found = select(Office.code).where(Office.code.in_(many_texts(session.get_bind(), wanted)))
    assert set(session.scalars(found)) == set(awkward[1:])
