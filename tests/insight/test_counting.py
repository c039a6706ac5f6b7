"""The cube answers what a count over all cases would, at every moment, on both databases."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tests.factories.cases import CENTRE, LAMP_OUT, LITTER, NOW, make_draft, reported
from tests.factories.places import middle_of
from tests.insight.conftest import of
from webapp.cases.placing import place_in_grid
from webapp.cases.vocabulary import Action, Source
from webapp.core.errors import BadInput, Conflict
from webapp.insight.counts import snapshot
from webapp.insight.counts.keeping import fold
from webapp.insight.counts.points import case_points
from webapp.insight.counts.reading import breakdown, grid_counts, grid_series
from webapp.insight.counts.today import open_now
from webapp.insight.selection import days, months, weeks
from webapp.places.locating import office_places

TODAY = date(2026, 11, 24)
folded = pytest.mark.parametrize("fold", [False, True], ids=["changes", "pages"])


@pytest.fixture
def mixed(counted):
    """Reports of two classes through three doors, over a year, in five grids and in none."""
    doors = (Source.PUBLIC, Source.STAFF, Source.MEDIA)
    for number in range(40):
        counted.report(
            grid=None if number % 7 == 6 else number % 5,
            days=number * 9,
            condition_code=LITTER if number % 3 else LAMP_OUT,
            source=doors[number % 3 if number % 4 else 0],
        )
    return counted


SELECTIONS = [
    of(),
    of(since=date(2026, 11, 1), until=TODAY),
    of(since=date(2026, 3, 17)),
    of(until=date(2026, 3, 16)),
    of(group="K01"),
    of(group="E01-010", until=date(2026, 10, 1)),
    of(group="/component/"),
    of(group="/event/E01/E01-010/E01-010.1/"),
    of(department="D02"),
    of(department="D09"),
    of(source=Source.MEDIA, since=date(2026, 1, 31)),
    of(community="640121001002"),
    of(community="640121001001003", group="E01", source=Source.PUBLIC),
    of(state="open"),
    of(state="ended"),
    of(state="reported", group="K01", since=date(2026, 6, 1)),
]


@folded
@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda s: str(s.args()) or "all")
def test_every_filter_answers_what_looking_at_every_case_does(mixed, fold, selection):
    if fold:
        assert fold_counts(mixed) == 40
    mixed.agrees(selection)


def fold_counts(counted):
    return fold(counted.session, counted.office)


def test_the_filters_of_this_test_choose_some_and_leave_some(mixed):
    """Else agreeing would mean nothing."""
    sizes = [mixed.agrees(selection) for selection in SELECTIONS]
    assert sizes[0] == 40
    assert sum(0 < size < 40 for size in sizes) >= 12


@folded
def test_a_day_is_the_office_s_not_utc_s(counted, fold):
    """Until 16:00 UTC it is still this day at the office."""
    for hour, minute, second in ((15, 59, 59), (16, 0, 0)):
        at = datetime(2026, 11, 24, hour, minute, second, 999_999 if second else 0, tzinfo=UTC)
        reported(counted.session, counted.office, make_draft(), at)
    if fold:
        fold_counts(counted)
    for day in (TODAY, TODAY + timedelta(days=1)):
        assert counted.agrees(of(since=day, until=day)) == 1


@folded
def test_days_in_a_zone_with_summer_time_are_right_too(counted, fold):
    """New York changes its clocks on 8 March and 1 November 2026."""
    counted.office.time_zone = "America/New_York"
    for month, day in ((3, 7), (3, 8), (3, 9), (10, 31), (11, 1), (11, 2)):
        for hour in (3, 4, 5, 6):
            at = datetime(2026, month, day, hour, 30, tzinfo=UTC)
            reported(counted.session, counted.office, make_draft(), at)
    if fold:
        fold_counts(counted)
    sizes = [counted.agrees(of(since=d, until=d)) for d in map(date.fromisoformat, (
        "2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09", "2026-10-30", "2026-10-31",
        "2026-11-01", "2026-11-02"))]  # fmt: skip
    assert sizes == [2, 4, 3, 3, 1, 4, 5, 2]


def test_reports_before_1970_have_their_days_too(counted):
    reported(counted.session, counted.office, make_draft(), datetime(1969, 12, 31, 3, tzinfo=UTC))
    for _again in range(2):
        assert counted.agrees(of(since=date(1969, 12, 31), until=date(1969, 12, 31))) == 1
        fold_counts(counted)


def test_a_case_that_changes_moves_in_the_cube(counted):
    town, session = counted.town, counted.session
    case = town.report()
    outside = counted.report(None)
    place_in_grid(session, outside, "640121001002001", town.people["dispatcher"], NOW)
    assert counted.read()["002001"] == 1
    town.step(case, Action.RECLASS, "dispatcher", condition_code=LITTER, note="是垃圾")
    assert counted.read(of(group="E01"))["001003"] == 1
    assert not +counted.read(of(group="K01", community="640121001001"))
    counted.agrees()
    fold_counts(counted)
    counted.agrees()
    assert counted.agrees(of(group="E01")) == 1


def test_a_dispatch_to_another_department_moves_it(counted):
    case = counted.town.opened()
    counted.town.step(
        case, Action.DISPATCH, "dispatcher", department_id=counted.town.helpers.id, note="对口"
    )
    assert counted.agrees(of(department="D09")) == 1
    assert counted.agrees(of(department="D02")) == 0


def test_what_is_taken_back_is_in_no_count(counted):
    counted.report()
    savepoint = counted.session.begin_nested()
    counted.report()
    savepoint.rollback()
    assert counted.agrees() == 1


@folded
def test_series_add_up_to_the_counts_of_their_days(mixed, fold):
    if fold:
        fold_counts(mixed)
    since, until = date(2026, 2, 10), TODAY
    for edges in (weeks(since, until), months(since, until), days(since, until)):
        series = grid_series(mixed.session, mixed.office, of(group="E01"), edges)
        assert series.counts.shape == (len(series.at), len(edges) - 1)
        for period, (first, after) in enumerate(pairwise(edges)):
            if period % 9:
                continue  # every ninth day is enough
            within = of(group="E01", since=first, until=after - timedelta(days=1))
            alone = grid_counts(mixed.session, mixed.office, within)
            assert series.counts[:, period].tolist() == alone.counts.tolist()
            assert series.nowhere[period] == alone.nowhere


@folded
def test_of_a_place_the_classes_and_departments_are_told(mixed, fold):
    for _more in range(3):
        mixed.report(1, condition_code=LAMP_OUT)
    if fold:
        fold_counts(mixed)
    places = office_places(mixed.session, mixed.office)
    at = [places.codes.tolist().index(f"64012100100100{n}") for n in (2, 1)]
    found = breakdown(mixed.session, mixed.office, of(), np.array(at))
    counts = mixed.read()
    for place, code in enumerate(("001002", "001001")):
        assert sum(n for _class, n in found.classes[place]) == counts[code]
        assert sum(n for _department, n in found.departments[place]) == counts[code]
        numbers = [n for _class, n in found.classes[place]]
        assert numbers == sorted(numbers, reverse=True)
    assert dict(found.departments[0]).keys() == {0, mixed.town.centre.id}
    assert mixed.town.centre.name == CENTRE


def test_open_and_overdue_are_those_of_now(counted):
    for days_ago in (0, 10, 20):
        counted.report(0, days=days_ago)
    counted.town.closed()
    places = office_places(counted.session, counted.office)
    at = grid_counts(counted.session, counted.office, of()).at
    now = open_now(counted.session, counted.office, of(since=TODAY, until=TODAY), at, NOW)
    first = places.codes.tolist().index("640121001001001")
    assert (now.open[first], now.overdue[first]) == (3, 2)
    assert now.open.sum() == 3
    other = open_now(counted.session, counted.office, of(group="E01"), at, NOW)
    assert other.open.sum() == 0


def test_points_come_as_columns(counted):
    first = counted.report(2, days=3)
    second = counted.report(5, condition_code=LITTER)
    points = case_points(counted.session, counted.office, of())
    assert points.ids.tolist() == [first.id, second.id]
    lon, lat = middle_of(counted.town.ground.grids[2])
    assert (points.lon[0], points.lat[0]) == pytest.approx((lon, lat))
    assert (points.days[1] - points.days[0], points.without) == (3, 0)
    assert len(case_points(counted.session, counted.office, of(group="E01"))) == 1


def test_days_the_wrong_way_round_are_refused_with_a_sentence(counted):
    with pytest.raises(BadInput, match=r"first day, 2026-11-24, is after the last, 2026-11-23"):
        grid_counts(
            counted.session, counted.office, of(since=TODAY, until=TODAY - timedelta(days=1))
        )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"group": "Z99"}, 'no class group "Z99"'),
        ({"group": "/event/Z/"}, 'no class group "/event/Z/"'),
        ({"department": "D77"}, 'no department "D77"'),
        ({"community": "9"}, 'no community "9"'),
    ],
)
def test_what_the_office_does_not_have_is_refused(counted, facts, words):
    with pytest.raises(BadInput, match=words):
        grid_counts(counted.session, counted.office, of(**facts))


def test_with_too_much_not_yet_folded_it_says_so(counted, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_CHANGES", 2)
    for _case in range(3):
        counted.report()
    with pytest.raises(Conflict, match="The worker is counting"):
        counted.read()
    fold_counts(counted)
    assert counted.agrees() == 3


def test_days_counted_in_another_zone_are_not_shown(counted):
    counted.report()
    fold_counts(counted)
    counted.office.time_zone = "America/New_York"
    with pytest.raises(Conflict, match="The worker is counting"):
        counted.read()


def test_an_office_without_cases_has_zeros(counted):
    assert grid_counts(counted.session, counted.office, of()).counts.tolist() == [0] * 8
    assert fold_counts(counted) == 0
