"""Every migration on a database that is in use: nothing is lost, moved or left unguarded.

A town with some hundreds of cases is built in the present shape, its rows are put into a database
of each earlier shape as far as that has the columns, and that one is brought to the present.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests import databases
from tests.factories.cases import INSIDE
from tests.factories.life import Town, make_town
from tests.factories.places import STEP, middle_of
from webapp.cases.life.scene import actor_at
from webapp.cases.life.steps import take_step
from webapp.cases.models import Case, CaseEvent, Photo
from webapp.cases.vocabulary import Action, PhotoKind, State
from webapp.core import clock
from webapp.core.audit import note_change
from webapp.core.database import (
    REFERENCE_TABLES,
    intersects_box,
    is_spatialite,
    make_engine,
    metadata,
)
from webapp.core.migrating import alembic_config, upgrade
from webapp.insight.counts.keeping import differences, fold_all
from webapp.insight.follows.models import HotspotFollow, HotspotTold
from webapp.insight.hotspots.neighbours import keep_neighbours
from webapp.insight.hotspots.rules import QUEEN
from webapp.insight.models import GridNeighbours
from webapp.people.models import Duty, Office, Role

CASES = 300
COUNTED = {"count_change", "count_page", "count_cube"}  # written by triggers as the cases come
SCRIPTS = ScriptDirectory.from_config(alembic_config(None))  # type: ignore[arg-type]
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]  # the oldest first
SPATIAL_COLUMNS = {
    "spatialite": "SELECT f_table_name, f_geometry_column, geometry_type, srid,"
    " spatial_index_enabled FROM geometry_columns",
    "postgis": "SELECT f_table_name, f_geometry_column, type, srid FROM geometry_columns",
}
GUARDS = {  # triggers, and on PostGIS the spatial indexes
    "spatialite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgis": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    " UNION ALL SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%gist%'",
}


@pytest.fixture(scope="module")
def in_use(database_kind: str) -> Iterator[Engine]:
    """A database of the present shape with a town in which much has happened."""
    with databases.fresh(database_kind) as engine:
        with Session(engine, expire_on_commit=False) as session:
            live(make_town(session))
            session.commit()
        yield engine


def live(town: Town) -> None:
    for number in range(CASES):
        lon, lat = middle_of(town.ground.grids[number % len(town.ground.grids)])
        town.report(draft={"lon": lon, "lat": lat, "name": "马建国", "contact": "139"})
    for case in town.cases[:40]:
        row = {"sha256": "a" * 64, "width": 60, "height": 40, "bytes": 9, "kind": PhotoKind.NEAR}
        town.session.add(Photo(case_id=case.id, added_at=town.now, **row))
    joint = town.handling()
    town.step(joint, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    town.step(joint, Action.ASK_EXTENSION, "member", note="等配件")
    town.closed()
    town.checking()
    leader = town.people["leader"]
    told = {"person_id": leader.id, "area_id": town.ground.grids[0].area_id, "case_group": "K01"}
    town.session.add(HotspotTold(**told, pattern="new", week=town.now.date()))
    town.session.add(
        HotspotFollow(person_id=leader.id, area_path="", case_group="K01", since=town.now)
    )
    note_change(town.session, "person.add", leader, leader, town.now, new={"name": leader.name})


def rows_of(connection: Connection, table: str) -> list[dict[str, Any]]:
    found = connection.execute(text(f'SELECT * FROM "{table}"')).mappings()
    return [{name: written(value) for name, value in row.items()} for row in found]


def written(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def put_into(source: Engine, target: Engine) -> None:
    """The rows of one database into another that is older: what it has no place for is left out."""
    there = set(inspect(target).get_table_names())
    with source.connect() as old, target.connect() as new:
        new = new.execution_options(writes=True)
        allowed = {name: {r["value"] for r in rows_of(new, name)} for name in REFERENCE_TABLES
                   if name in there}  # fmt: skip
        for table in metadata.sorted_tables:
            if table.name not in there or table.name in {*REFERENCE_TABLES, *COUNTED}:
                continue
            columns = list(new.execute(text(f'SELECT * FROM "{table.name}" LIMIT 0')).keys())
            coded = {
                key.parent.name: allowed[key.column.table.name]
                for key in table.foreign_keys
                if key.column.table.name in allowed
            }
            rows = [
                {name: row[name] for name in columns}
                for row in rows_of(old, table.name)
                if all(row[c] is None or row[c] in coded[c] for c in coded)
            ]
            if rows:
                names = ", ".join(f'"{name}"' for name in columns)
                values = ", ".join(f":{name}" for name in columns)
                insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({values})'
                new.execute(text(insert), rows)
        new.commit()


def contents(engine: Engine, tables: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """What these columns of these tables hold, in any order."""
    with engine.connect() as connection:
        return {
            table: sorted(
                (tuple(row[name] for name in names) for row in rows_of(connection, table)), key=repr
            )
            for table, names in tables.items()
        }


def columns_of(engine: Engine) -> dict[str, list[str]]:
    """The columns of our own tables as they are now."""
    there = set(inspect(engine).get_table_names()) & set(metadata.tables)
    with engine.connect() as connection:
        return {
            name: list(connection.execute(text(f'SELECT * FROM "{name}" LIMIT 0')).keys())
            for name in sorted(there - set(REFERENCE_TABLES))
        }


def guards(engine: Engine) -> dict[str, Any]:
    """What keeps the data right besides the tables: spatial columns, triggers, indexes."""
    with engine.connect() as connection:
        kind = "spatialite" if is_spatialite(engine) else "postgis"
        return {
            "geometry": {tuple(row) for row in connection.execute(text(SPATIAL_COLUMNS[kind]))},
            "triggers": set(connection.scalars(text(GUARDS[kind]))),
        }


def assert_sound(engine: Engine) -> None:
    """No broken reference, and each spatial index knows what its table holds."""
    if not is_spatialite(engine):
        return  # PostgreSQL checks both itself
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        indexed = "SELECT f_table_name, f_geometry_column FROM geometry_columns"
        for table, column in connection.execute(text(indexed)).all():
            check = text("SELECT CheckSpatialIndex(:table, :column)")
            assert connection.scalar(check, {"table": table, "column": column}) == 1, table


def assert_guarded(engine: Engine) -> None:
    fixed = {"case_event": "note", "audit": "subject"}
    with engine.connect() as connection:  # an older shape had no audit, so none has come from it
        filled = [table for table in fixed if rows_of(connection, table)]
    verbs = [f"UPDATE {table} SET {fixed[table]} = 'x'" for table in filled]
    for verb in (*verbs, *(f"DELETE FROM {table}" for table in filled)):
        with Session(engine) as session, pytest.raises(DatabaseError, match="only ever added to"):
            session.execute(text(verb))


@pytest.mark.parametrize("start", REVISIONS)
def test_a_database_in_use_comes_to_the_present_whole(
    in_use: Engine, database_kind: str, start: str
) -> None:
    with databases.blank(database_kind) as url:
        engine = make_engine(url)
        upgrade(engine, start)
        put_into(in_use, engine)
        for revision in REVISIONS[REVISIONS.index(start) :]:
            columns, guarded = columns_of(engine), guards(engine)
            before = contents(engine, columns)
            upgrade(engine, revision)
            assert contents(engine, columns) == before
            now = guards(engine)
            assert guarded["geometry"] <= now["geometry"]
            assert guarded["triggers"] <= now["triggers"]
            assert_sound(engine)
        assert len(before["cases"]) == CASES + 3
        assert_guarded(engine)
        assert_usable(engine)
        engine.dispose()


def assert_usable(engine: Engine) -> None:
    """The map finds every case by the spatial index, an old case goes on its way, the daily counts
    are those of the cases, and the grids' neighbours are kept."""
    west, south = INSIDE[0] - STEP, INSIDE[1] - STEP
    with Session(engine) as session:
        box = intersects_box(Case.location, west, south, west + 9 * STEP, south + 9 * STEP)
        found = session.scalar(select(func.count(Case.id)).where(box))
        assert found == session.scalar(select(func.count(Case.id)))
        case = session.scalars(select(Case).where(Case.state == State.REPORTED).limit(1)).one()
        people = {duty.role: duty.person for duty in session.query(Duty)}
        actor = actor_at(session, people[Role.DISPATCHER], case)
        take_step(session, case, Action.ASK_VERIFICATION, actor, clock.now())
        session.commit()
        assert session.scalar(select(func.count(CaseEvent.id))) > CASES
        office = session.scalars(select(Office)).one()
        assert differences(session, office) == 0
        assert fold_all(session, office) >= CASES
        assert differences(session, office) == 0
        kept = keep_neighbours(session, office, QUEEN)
        session.rollback()
        assert session.scalar(select(func.count()).select_from(GridNeighbours)) == 1
        assert kept.cardinalities.all()
