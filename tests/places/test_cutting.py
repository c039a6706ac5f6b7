"""Communities are cut into grids whose codes are never used twice."""

import pytest
import shapely
from sqlalchemy import func, select

from gis.errors import GeoDataError
from tests.factories.places import draw, make_grids
from tests.places.conftest import NOW, day
from webapp.core.errors import BadInput, Conflict
from webapp.places.locating import office_places
from webapp.places.models import Area, AreaLevel, Grid
from webapp.places.service import cut_community


def test_a_community_is_cut_without_gaps_and_numbered(session, office, bring):
    communities, _ = draw(communities=1, columns=4, rows=3)
    bring(communities, "communities")
    outcome = cut_community(session, office, "640121001001", 10_000, NOW, None)
    assert outcome.codes == tuple(f"640121001001{n:03}" for n in range(1, len(outcome.codes) + 1))
    assert len(outcome.codes) == 12
    shapes = shapely.from_wkb(
        [bytes(wkb) for wkb in session.scalars(select(func.ST_AsBinary(Grid.boundary)))]
    )
    assert shapely.union_all(shapes).symmetric_difference(communities.geometry[0]).area < 1e-12
    assert sum(shapely.area(shapes)) == pytest.approx(communities.geometry[0].area)


def test_the_other_communities_keep_their_grids(session, office):
    make_grids(session, office, communities=2, columns=2, rows=2)
    outcome = cut_community(session, office, "640121001002", 10_000, NOW, None, replace_grids=True)
    codes = list(office_places(session, office).codes)
    assert codes[:4] == [f"640121001001{n:03}" for n in range(1, 5)]
    assert codes[4:] == list(outcome.codes)


def test_codes_are_never_used_again(session, office):
    make_grids(session, office, communities=1, columns=2, rows=2)
    outcome = cut_community(session, office, "640121001001", 10_000, NOW, None, replace_grids=True)
    assert outcome.codes[0] == "640121001001005"
    assert set(outcome.changes.gone) == {f"640121001001{n:03}" for n in range(1, 5)}


def test_a_community_with_grids_is_cut_anew_only_when_that_is_said(session, office):
    make_grids(session, office, communities=1)
    with pytest.raises(Conflict, match="has 4 grids in force: say --replace"):
        cut_community(session, office, "640121001001", 10_000, NOW, None)


def test_when_the_999_are_used_up_it_says_so(session, office):
    [grid] = make_grids(session, office, communities=1, columns=1, rows=1)
    parent = session.get_one(Area, grid.area.parent_id)
    last = Area(
        code="640121001001998", name="998", level=AreaLevel.GRID, parent=parent,
        path=f"{parent.path}998/",
    )  # fmt: skip
    session.add(last)
    session.flush()
    with pytest.raises(GeoDataError, match="up to 998 and 1 are left"):
        cut_community(session, office, "640121001001", 2_000, NOW, None, replace_grids=True)


def test_an_unknown_community_is_refused(session, office):
    make_grids(session, office, communities=1)
    with pytest.raises(BadInput, match="flask places list"):
        cut_community(session, office, "640121001077", 10_000, NOW, None)


def test_grids_may_not_begin_before_those_they_follow(session, office):
    make_grids(session, office, valid_from=day("2026-02-01"))
    with pytest.raises(BadInput, match="is in force on 2026-01-15"):
        cut_community(
            session, office, "640121001001", 10_000, NOW, None,
            replace_grids=True, valid_from=day("2026-01-15"),
        )  # fmt: skip
