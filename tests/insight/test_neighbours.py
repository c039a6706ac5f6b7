"""Neighbours of the grids in the database: worked out once, never those of other boundaries."""

import threading
from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.weights import Weights
from tests import scenes
from tests.factories.hotspots import PERIOD, Heat, make_heat
from tests.factories.people import make_office, make_person, sign_in
from tests.factories.places import make_grids
from webapp.core import clock
from webapp.core.jobs import CHORES, Job, JobState
from webapp.core.jobs_cli import do_chores, work_one
from webapp.insight.hotspots import field, neighbours
from webapp.insight.hotspots.neighbours import keep_neighbours, neighbours_of, work_out
from webapp.insight.hotspots.places import grids_of
from webapp.insight.hotspots.rules import BANDS, QUEEN, Near
from webapp.insight.models import GridNeighbours
from webapp.people.models import Office, Role

CHORE = next(one for one in CHORES if one.work is neighbours.look_after_neighbours)
DATA = "/insight/hotspots/data.json"
OUTLINES = ("SELECT grid.id, AsBinary", "SELECT grid.id, ST_AsBinary")
scene = scenes.by(heat=make_heat)


@pytest.fixture
def heat(scene, session):
    return Heat(scene.on(session), session)


def same(one: Weights, other: Weights) -> bool:
    return np.array_equal(one.indptr, other.indptr) and np.array_equal(one.indices, other.indices)


def rows(session):
    found = session.scalars(select(GridNeighbours).order_by(GridNeighbours.rule))
    return list(found.unique().all())


def rules(session):
    return {row.rule for row in rows(session)}


@pytest.mark.parametrize("near", [QUEEN, Near("band", 150)], ids=lambda near: near.text)
def test_what_is_kept_is_what_is_worked_out(session, heat, near):
    places = grids_of(session, heat.office)
    plain = work_out(session, places, near)
    assert same(keep_neighbours(session, heat.office, near), plain)
    [row] = rows(session)
    assert np.frombuffer(row.grid_ids, "<i8").tolist() == places.grid_ids.tolist()
    assert same(neighbours_of(session, heat.office, near), plain)
    assert plain.cardinalities.max() > 2


def test_the_first_view_keeps_them_and_the_next_process_only_reads(
    client, session, heat, statements, database
):
    sign_in(client, make_person(session, heat.office, Role.LEADER))
    session.commit()
    answers = []
    for outlines_read in (True, False):
        field._kept.pop(database, None)  # as in a process that has just begun
        statements.clear()
        answers.append(client.get(DATA, query_string=PERIOD).json)
        assert any(one.startswith(OUTLINES) for one in statements) == outlines_read
        assert rules(session) == {"queen"}
    assert answers[0] == answers[1]


def test_a_net_is_not_kept(client, session, heat):
    sign_in(client, make_person(session, heat.office, Role.LEADER))
    session.commit()
    assert client.get(DATA, query_string=PERIOD | {"by": "square:150"}).status_code == 200
    assert rows(session) == []


def test_other_boundaries_have_other_neighbours(session, heat):
    former = keep_neighbours(session, heat.office, QUEEN)
    make_grids(session, heat.office, communities=3, columns=4, rows=5, valid_from=date(2026, 2, 1))
    assert len(grids_of(session, heat.office)) == len(former)  # as many, otherwise drawn
    now = neighbours_of(session, heat.office, QUEEN)
    assert not same(now, former)
    assert same(now, work_out(session, grids_of(session, heat.office), QUEEN))


def test_boundaries_drawn_anew_under_the_same_numbers_are_others(session, heat):
    places = grids_of(session, heat.office)
    before = neighbours.key_of(session, heat.office, places)
    for version in {grid.version for grid in heat.ground.grids}:
        version.made_at = datetime(2026, 11, 1, tzinfo=UTC)
    session.flush()
    assert neighbours.key_of(session, heat.office, places) != before


@pytest.mark.parametrize("fault", ["order", "bytes", "places"])
def test_what_does_not_fit_is_worked_out_again_and_replaced(session, heat, fault):
    plain = keep_neighbours(session, heat.office, QUEEN)
    [row] = rows(session)
    if fault == "order":
        row.grid_ids = np.frombuffer(row.grid_ids, "<i8")[::-1].tobytes()
    elif fault == "bytes":
        row.weights = row.weights[: len(row.weights) // 2]
    else:
        row.weights = plain.only(np.arange(len(plain)) < 30).to_bytes()
    session.flush()
    assert same(neighbours_of(session, heat.office, QUEEN), plain)
    assert same(keep_neighbours(session, heat.office, QUEEN), plain)
    session.expire_all()
    [row] = rows(session)
    assert same(Weights.from_bytes(row.weights), plain)


def test_two_that_keep_at_once_both_succeed(database, heat, session):
    session.commit()
    together, found = threading.Barrier(2), []

    def go():
        with Session(database) as own:
            office = own.scalars(select(Office)).one()
            grids_of(own, office)
            together.wait()
            found.append(keep_neighbours(own, office, QUEEN))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert same(*found)
    assert rules(session) == {"queen"}


def test_of_bands_that_somebody_thought_of_the_newest_stay(session, heat):
    keep_neighbours(session, heat.office, QUEEN)
    for metres in range(100, 100 + neighbours.MOST_RULES + 5):
        keep_neighbours(session, heat.office, Near("band", metres))
    kept = rules(session)
    assert len(kept) <= neighbours.MOST_RULES
    assert {"queen", f"band:{100 + neighbours.MOST_RULES + 4}"} <= kept
    assert "band:100" not in kept


def test_the_worker_keeps_them_after_each_change_of_boundaries(app, session, heat, statements):
    session.commit()
    offered = {near.text for near in (QUEEN, *BANDS)}
    with app.app_context():
        do_chores([CHORE])
        do_chores([CHORE])
        assert session.scalar(select(func.count(Job.id))) == 1
        assert work_one()
        session.rollback()
        first = {row.places for row in rows(session)}
        assert (len(first), rules(session)) == (1, offered)
        statements.clear()
        do_chores([CHORE])  # nothing has changed: it looks at the offices alone
        assert len([one for one in statements if one != "BEGIN"]) == 1
        make_grids(session, heat.office, communities=3, columns=4, rows=5,
                   valid_from=date(2026, 2, 1))  # fmt: skip
        session.commit()
        do_chores([CHORE])
        assert work_one()
        session.rollback()
        session.expire_all()
        assert {row.places for row in rows(session)}.isdisjoint(first)
        assert rules(session) == offered
        states = session.scalars(select(Job.state)).all()
        assert states == [JobState.DONE] * 2


def test_an_office_without_boundaries_gives_the_worker_nothing_to_do(session):
    make_office(session)
    neighbours.look_after_neighbours(session, clock.now())
    assert session.scalar(select(func.count(Job.id))) == 0
