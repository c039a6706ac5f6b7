"""When limits run out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.standards.rules import LIMITS, WorkClock, china, weekdays, with_overrides
from webapp.standards.rules.calendar import LAST_ANNOUNCED_YEAR

HOURS = [["08:00", "12:00"], ["14:00", "18:00"]]
YONGNING = ZoneInfo("Asia/Shanghai")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
CLOCK = WorkClock(HOURS, YONGNING, china)
WEST = WorkClock(HOURS, LOS_ANGELES, weekdays)


def local(text: str, zone: ZoneInfo = YONGNING) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(start: str, amount: int, unit: str, clock: WorkClock = CLOCK) -> str:
    deadline = clock.deadline(local(start, clock.zone), amount, unit)
    assert deadline.due_at.tzinfo is UTC
    return f"{deadline.due_at.astimezone(clock.zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        pytest.param("2026-11-20T17:00", 2, "work_hour", "2026-11-23 09:00", id="over a weekend"),
        pytest.param("2026-11-23T11:00", 2, "work_hour", "2026-11-23 15:00", id="over lunch"),
        pytest.param("2026-11-23T13:00", 1, "work_hour", "2026-11-23 15:00", id="begun at lunch"),
        pytest.param("2026-11-23T05:00", 1, "work_hour", "2026-11-23 09:00", id="before opening"),
        pytest.param("2026-11-23T20:00", 1, "work_hour", "2026-11-24 09:00", id="after closing"),
        pytest.param("2026-11-23T18:00", 1, "work_hour", "2026-11-24 09:00", id="at closing"),
        pytest.param("2026-11-23T08:00", 4, "work_hour", "2026-11-23 12:00", id="ends at noon"),
        pytest.param("2026-11-23T08:00", 1, "work_day", "2026-11-23 18:00", id="ends at closing"),
        pytest.param("2026-11-22T10:00", 1, "work_day", "2026-11-23 18:00", id="begun on Sunday"),
        pytest.param("2026-09-30T17:00", 1, "work_day", "2026-10-08 17:00", id="National Day"),
        pytest.param("2026-09-30T09:00", 3, "work_day", "2026-10-10 09:00", id="to make-up Sat"),
        pytest.param("2026-10-10T09:00", 1, "work_day", "2026-10-12 09:00", id="from make-up Sat"),
        pytest.param("2026-02-13T14:00", 2, "work_day", "2026-02-24 12:00", id="Spring Festival"),
        pytest.param("2026-11-23T23:30", 2, "urgent_hour", "2026-11-24 01:30", id="by night"),
        pytest.param("2026-10-01T10:00", 2, "urgent_day", "2026-10-03 10:00", id="in a holiday"),
    ],
)
def test_a_limit_runs_out_as_the_office_reckons(start, amount, unit, expected):
    assert due(start, amount, unit) == expected


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        pytest.param("2026-11-23T08:00", 1, "work_day", "2026-11-23 16:24", id="6.4 work hours"),
        pytest.param("2026-11-20T17:00", 5, "work_hour", "2026-11-23 11:00", id="over a weekend"),
        pytest.param("2026-11-20T17:00", 5, "urgent_hour", "2026-11-20 21:00", id="running on"),
    ],
)
def test_the_warning_comes_at_80_percent_by_the_same_clock(start, amount, unit, expected):
    deadline = CLOCK.deadline(local(start), amount, unit)
    assert deadline.warn_at == local(expected.replace(" ", "T"))


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        pytest.param("2026-03-06T17:00", 2, "work_hour", "2026-03-09 09:00", id="spring, office"),
        pytest.param("2026-03-07T23:30", 4, "urgent_hour", "2026-03-08 04:30", id="spring, urgent"),
        pytest.param("2026-10-30T17:00", 2, "work_hour", "2026-11-02 09:00", id="autumn, office"),
        pytest.param("2026-10-31T23:30", 4, "urgent_hour", "2026-11-01 02:30", id="autumn, urgent"),
        pytest.param("2026-10-05T09:00", 1, "work_day", "2026-10-06 09:00", id="no holiday here"),
    ],
)
def test_summer_time_moves_no_office_hour_and_no_hour_that_runs_on(start, amount, unit, expected):
    assert due(start, amount, unit, WEST) == expected


def test_an_hour_of_a_night_shift_that_summer_time_skips_is_not_worked():
    night = WorkClock([["01:00", "04:00"]], LOS_ANGELES, lambda day: True)
    assert due("2026-03-07T01:00", 3, "work_hour", night) == "2026-03-07 04:00"
    assert due("2026-03-08T01:00", 3, "work_hour", night) == "2026-03-09 02:00"


def test_an_override_makes_a_day_free_or_worked():
    own = with_overrides(china, {date(2026, 11, 23): False, date(2026, 11, 21): True})
    clock = WorkClock(HOURS, YONGNING, own)
    assert due("2026-11-20T17:00", 2, "work_hour", clock) == "2026-11-21 09:00"
    assert due("2026-11-20T17:00", 10, "work_hour", clock) == "2026-11-24 09:00"


class TestAYearNotAnnounced:
    """What touches a day that nobody can judge yet is provisional."""

    first_unknown = LAST_ANNOUNCED_YEAR + 1

    def provisional(self, start: str, amount: int, unit: str, clock: WorkClock = CLOCK) -> bool:
        return clock.deadline(local(start), amount, unit).provisional

    def test_is_reached_over_new_year(self):
        assert self.provisional(f"{LAST_ANNOUNCED_YEAR}-12-31T17:00", 2, "work_hour")

    def test_is_not_reached_on_its_eve(self):
        assert not self.provisional(f"{LAST_ANNOUNCED_YEAR}-12-31T14:00", 4, "work_hour")

    def test_holds_the_start_too(self):
        assert self.provisional(f"{self.first_unknown}-01-01T09:00", 1, "work_hour")

    def test_does_not_matter_to_hours_that_run_on(self):
        assert not self.provisional(f"{LAST_ANNOUNCED_YEAR}-12-31T23:00", 2, "urgent_day")

    def test_is_decided_by_overrides(self):
        days = [date(self.first_unknown, 1, day) for day in range(1, 6)]
        own = with_overrides(china, {day: day.day > 3 for day in days})
        clock = WorkClock(HOURS, YONGNING, own)
        start = f"{LAST_ANNOUNCED_YEAR}-12-31T17:00"
        assert not self.provisional(start, 2, "work_hour", clock)
        assert due(start, 2, "work_hour", clock) == f"{self.first_unknown}-01-04 09:00"

    def test_does_not_exist_for_an_office_that_keeps_weekdays(self):
        start = f"{LAST_ANNOUNCED_YEAR}-12-31T17:00"
        assert not self.provisional(start, 2, "work_hour", WEST)


def test_years_before_the_first_known_one_are_counted_by_weekdays():
    assert due("2003-10-01T09:00", 1, "work_day") == "2003-10-02 09:00"
    assert not CLOCK.deadline(local("2003-10-01T09:00"), 1, "work_day").provisional


class TestBadInput:
    """Each refusal names what was given and what is allowed."""

    def test_hours_that_make_no_day(self):
        for hours in ([], [["12:00", "08:00"]], [["08:00", "12:00"], ["11:00", "18:00"]]):
            with pytest.raises(ValueError, match="in order"):
                WorkClock(hours, YONGNING, china)

    def test_hours_that_are_no_times(self):
        for time in ("8", "25:00", "08:75", "noon"):
            with pytest.raises(ValueError, match=f"the time '{time}'"):
                WorkClock([[time, "24:00"]], YONGNING, china)

    def test_a_unit_that_is_none(self):
        with pytest.raises(ValueError, match="'fortnight'; allowed are urgent_hour"):
            CLOCK.deadline(local("2026-11-23T08:00"), 1, "fortnight")

    def test_an_amount_that_is_none(self):
        for amount in (0, -3):
            with pytest.raises(ValueError, match=f"amount {amount}; allowed are whole numbers"):
                CLOCK.deadline(local("2026-11-23T08:00"), amount, "work_day")

    def test_a_start_without_a_zone(self):
        with pytest.raises(ValueError, match="without a zone"):
            CLOCK.deadline(datetime(2026, 11, 23), 1, "work_day")  # noqa: DTZ001

    def test_a_start_that_is_missing(self):
        with pytest.raises(ValueError, match="NaT"):
            CLOCK.deadlines(np.array(["NaT"], "datetime64[us]"), 1, "work_day")

    def test_a_start_beyond_the_clock(self):
        with pytest.raises(ValueError, match="from 1900 to 2200"):
            CLOCK.deadline(datetime(2300, 1, 1, tzinfo=UTC), 1, "work_day")


def test_no_cases_have_no_deadlines():
    none = CLOCK.deadlines(np.array([], "datetime64[us]"), np.array([], int), np.array([], str))
    assert [len(column) for column in none] == [0, 0, 0]


moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.integers(1, 40)
units = st.sampled_from(sorted(LIMITS))
clocks = st.sampled_from([CLOCK, WEST])
patient = settings(deadline=None)  # a busy machine is no finding


@patient
@given(clocks, st.lists(st.tuples(moments, amounts, units), min_size=1, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(clock, limits):
    starts, lengths, names = zip(*limits, strict=True)
    naive = [start.replace(tzinfo=None) for start in starts]
    many = clock.deadlines(np.array(naive, "datetime64[us]"), lengths, names)
    fresh = WorkClock(HOURS, clock.zone, clock.working)  # a timeline that grew in another order
    for i, limit in enumerate(limits):
        one = fresh.deadline(*limit)
        assert one.due_at.replace(tzinfo=None) == many.due_at[i].astype(datetime)
        assert one.warn_at.replace(tzinfo=None) == many.warn_at[i].astype(datetime)
        assert one.provisional == many.provisional[i]


@patient
@given(clocks, moments, st.timedeltas(timedelta(0), timedelta(days=20)), amounts, units)
def test_who_begins_later_ends_no_earlier(clock, start, later, amount, unit):
    first, second = (clock.deadline(at, amount, unit) for at in (start, start + later))
    assert first.due_at <= second.due_at
    assert first.warn_at <= second.warn_at


@patient
@given(clocks, moments, amounts, units)
def test_more_time_is_never_less(clock, start, amount, unit):
    less, more = (clock.deadline(start, n, unit) for n in (amount, amount + 1))
    assert start < less.warn_at < less.due_at < more.due_at


def is_open(clock: WorkClock, instant: datetime) -> bool:
    """A second reading of the office's hours, minute by minute."""
    there = instant.astimezone(clock.zone)
    known = clock.working(there.date())
    works = there.weekday() < 5 if known is None else known
    return works and any(a <= f"{there:%H:%M}" < b for a, b in HOURS)


@patient
@given(clocks, moments, st.integers(1, 3), st.sampled_from(["work_hour", "work_day"]))
def test_counting_open_minutes_one_by_one_gives_the_limit_back(clock, start, amount, unit):
    start = start.replace(second=0, microsecond=0)
    end = clock.deadline(start, amount, unit).due_at
    minutes = range(int((end - start) / timedelta(minutes=1)))
    worked = sum(is_open(clock, start + timedelta(minutes=m)) for m in minutes)
    assert worked == amount * (60 if unit == "work_hour" else 480)
    assert is_open(clock, end - timedelta(minutes=1))


def test_what_is_left_is_counted_as_the_limit_runs():
    friday, monday = local("2026-11-20T17:00"), local("2026-11-23T09:00")
    assert CLOCK.running(friday, monday, "work_hour") == timedelta(hours=2)
    assert CLOCK.running(friday, monday, "urgent_hour") == timedelta(hours=64)
    assert CLOCK.running(monday, friday, "work_hour") == timedelta()


def test_an_office_may_warn_earlier():
    careful = WorkClock(HOURS, YONGNING, china, warn_percent=50)
    deadline = careful.deadline(local("2026-11-23T08:00"), 1, "work_day")
    assert deadline.warn_at == local("2026-11-23T12:00")


def test_a_way_into_a_year_not_announced_is_a_guess():
    guessed = local(f"{LAST_ANNOUNCED_YEAR + 1}-01-04T09:00")
    before = local(f"{LAST_ANNOUNCED_YEAR}-12-28T09:00")
    assert CLOCK.guesses(before, guessed, "work_hour")
    assert not CLOCK.guesses(before, before, "work_hour")
    assert not CLOCK.guesses(before, guessed, "urgent_hour")
