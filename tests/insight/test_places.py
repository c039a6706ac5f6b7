"""Whose counts somebody sees, and what becomes of counts when boundaries change."""

from datetime import date
from functools import partial

import pytest
import shapely
from sqlalchemy import select

from tests.factories.cases import LAMP_OUT, LITTER, NOW
from tests.factories.people import make_person
from tests.factories.places import SOUTH, STEP, WEST, make_grids, middle_of, table
from tests.insight.conftest import of
from webapp.cases.access import visible_to
from webapp.cases.models import Case
from webapp.cases.vocabulary import Action
from webapp.insight.counts.keeping import fold
from webapp.insight.counts.points import case_points, conditions_behind
from webapp.insight.counts.reading import breakdown, grid_counts, grid_series
from webapp.insight.counts.today import open_now
from webapp.insight.rights import narrowed, rights_of
from webapp.insight.selection import Rights
from webapp.people.models import Duty, Role
from webapp.places.locating import office_places

WEST_HALF, EAST_HALF = "/640121/001/001/", "/640121/001/002/"


@pytest.fixture
def spread(counted):
    """In each of 8 grids a lamp, which the centre leads, and a litter, which nobody does."""
    for grid in range(8):
        counted.report(grid, condition_code=LAMP_OUT)
        counted.report(grid, condition_code=LITTER)
    counted.report(None)
    return counted


def member(counted, area_path):
    return make_person(counted.session, counted.office, Role.DEPARTMENT_MEMBER,
                       area_path=area_path, department=counted.town.centre)  # fmt: skip


def test_who_looks_after_the_whole_office_is_not_narrowed(spread):
    assert rights_of(spread.town.people["leader"]) is None
    assert narrowed(of(group="K01"), spread.town.people["leader"]) == of(group="K01")


def test_a_community_sees_its_own_area_alone(spread):
    person = make_person(spread.session, spread.office, Role.GRID_MANAGER, area_path=EAST_HALF)
    found = grid_counts(spread.session, spread.office, narrowed(of(), person))
    places = office_places(spread.session, spread.office)
    assert all(path.startswith(EAST_HALF) for path in places.paths[found.at])
    assert (found.counts.tolist(), found.nowhere) == ([2] * 4, 0)
    assert found.whole.all()


@pytest.mark.parametrize("folded", [False, True], ids=["changes", "pages"])
def test_a_department_sees_its_own_elsewhere_and_the_sum_in_its_area(spread, folded):
    if folded:
        fold(spread.session, spread.office)
    person = member(spread, WEST_HALF)
    wanted = narrowed(of(), person)
    assert wanted.rights == Rights((WEST_HALF,), (spread.town.centre.id,))
    found = grid_counts(spread.session, spread.office, wanted)
    assert found.counts.tolist() == [2] * 4 + [1] * 4
    assert found.whole.tolist() == [True] * 4 + [False] * 4
    series = grid_series(
        spread.session, spread.office, wanted, (date(2026, 11, 1), date(2026, 12, 1))
    )
    assert series.counts[:, 0].tolist() == found.counts.tolist()
    parts = breakdown(spread.session, spread.office, wanted, found.at)
    assert [sum(n for _id, n in place) for place in parts.classes] == found.counts.tolist()
    assert {i for place in parts.departments[4:] for i, _n in place} == {spread.town.centre.id}
    now = open_now(spread.session, spread.office, wanted, found.at, NOW)
    assert now.open.tolist() == found.counts.tolist()
    assert len(case_points(spread.session, spread.office, wanted)) == 12 + 1  # one lies outside


def test_what_is_counted_is_never_more_than_may_be_seen(spread):
    """The sums are those of the cases that the lists show to the same person."""
    person = member(spread, f"{WEST_HALF}002/")
    helpers = make_person(spread.session, spread.office, Role.DEPARTMENT_MEMBER,
                          area_path=EAST_HALF, department=spread.town.helpers)  # fmt: skip
    helpers.duties.append(Duty(role=Role.GRID_MANAGER, area_path=f"{WEST_HALF}003/"))
    case = spread.town.opened()
    spread.town.step(
        case, Action.DISPATCH, "dispatcher", department_id=spread.town.helpers.id, note="对口"
    )
    spread.session.flush()
    for somebody in (person, helpers):
        found = grid_counts(spread.session, spread.office, narrowed(of(), somebody))
        ids = spread.session.scalars(select(Case.id).where(visible_to(somebody))).all()
        assert found.counts.sum() + found.nowhere == len(ids)
        assert len(ids) < 18


def test_the_cases_behind_a_place_are_those_that_were_counted(spread):
    person = member(spread, WEST_HALF)
    for wanted in (of(), of(group="E01"), narrowed(of(), person), of(state="open")):
        found = grid_counts(spread.session, spread.office, wanted)
        for place, count in zip(found.at.tolist(), found.counts.tolist(), strict=True):
            listed = conditions_behind(spread.session, spread.office, wanted, place)
            assert len(spread.session.scalars(select(Case.id).where(*listed)).all()) == count


# --- other boundaries ---------------------------------------------------------------------------


def test_counts_of_a_former_version_go_to_the_grid_of_the_same_code(spread):
    before = spread.read()
    make_grids(spread.session, spread.office, valid_from=date(2026, 11, 1))
    after = grid_counts(spread.session, spread.office, of())
    assert spread.read() == before
    assert after.relocated == 0
    spread.report(0)  # in the new row of the same grid
    assert spread.read() == before + spread.count() - before


@pytest.fixture
def redrawn(spread, monkeypatch):
    """The first community has two tall grids, 011 and 012, in place of four; less in the east."""
    area = partial(shapely.box, ymin=SOUTH, ymax=SOUTH + 2 * STEP)
    communities, grids = [], []
    for number in (1, 2):
        left = WEST + (number - 1) * 2 * STEP
        code = f"640121001{number:03}"
        communities.append((code, code, "", area(xmin=left, xmax=left + 2 * STEP)))
        for column in range(2):
            name = f"{code}{11 + column:03}"
            x = left + column * STEP
            grids.append((name, name, code, area(xmin=x, xmax=x + STEP)))
    monkeypatch.setattr(
        "tests.factories.places.draw", lambda *_: (table(communities), table(grids[:3]))
    )
    make_grids(spread.session, spread.office, valid_from=date(2026, 11, 2))
    return spread


@pytest.mark.parametrize("folded", [False, True], ids=["changes", "pages"])
def test_cases_of_lost_grids_are_located_anew_and_their_number_is_told(redrawn, folded):
    if folded:
        fold(redrawn.session, redrawn.office)
    found = grid_counts(redrawn.session, redrawn.office, of())
    assert found.counts.tolist() == [4, 4, 4]
    assert (found.nowhere, found.relocated) == (1 + 4, 16)
    only = grid_counts(redrawn.session, redrawn.office, of(group="E01", community="640121001001"))
    assert (only.counts.tolist(), only.relocated) == ([2, 2], 8)
    months = (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1))
    series = grid_series(redrawn.session, redrawn.office, of(), months)
    assert series.counts.tolist() == [[0, 4]] * 3
    assert series.nowhere.tolist() == [0, 5]
    listed = conditions_behind(redrawn.session, redrawn.office, of(), 0)
    cases = redrawn.session.scalars(select(Case).where(*listed)).all()
    assert sorted(case.grid.code[-6:] for case in cases) == ["001001"] * 2 + ["001003"] * 2
    parts = breakdown(redrawn.session, redrawn.office, of(), found.at)
    assert [[n for _id, n in place] for place in parts.classes] == [[2, 2]] * 3


def test_the_new_grids_count_what_comes_in_and_what_came_before(redrawn):
    lon, lat = middle_of(redrawn.town.ground.grids[0])
    redrawn.town.report(draft={"lon": lon, "lat": lat})
    found = grid_counts(redrawn.session, redrawn.office, of())
    assert found.counts.tolist() == [5, 4, 4]
    assert found.relocated == 16
