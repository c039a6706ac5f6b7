"""When a limit runs out.

Urgent hours and days run on, nights and holidays included. Work hours run only while the office is
open on a working day, and a work day is 8 of them. A start while it is closed moves to the next
opening; a limit that is used up at a closing time ends there, not at the next opening.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from webapp.standards.rules.calendar import WorkingDay

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
_EPOCH, _MICRO = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
WORK_HOURS_A_DAY = 8
WARN_PERCENT = 80
FIRST_YEAR, LAST_YEAR = 1900, 2200

Micros = NDArray[np.int64]  # microseconds since 1970 UTC, or a length in microseconds


class Limit(NamedTuple):
    """What one unit of a limit is worth, and on which clock."""

    microseconds: int
    office_time: bool


LIMITS = {
    "urgent_hour": Limit(HOUR_US, office_time=False),
    "urgent_day": Limit(24 * HOUR_US, office_time=False),
    "work_hour": Limit(HOUR_US, office_time=True),
    "work_day": Limit(WORK_HOURS_A_DAY * HOUR_US, office_time=True),
}


class Deadline(NamedTuple):
    """When one limit is used up, and when 80 % of it is; provisional: see `Deadlines`."""

    due_at: datetime
    warn_at: datetime
    provisional: bool


class Deadlines(NamedTuple):
    """The same for many: datetime64[us] in UTC, and bool.

    `provisional` where the way from start to due touches a day that the calendar cannot judge yet:
    such a day was counted by its weekday, and the deadline is to be computed anew once it can.
    """

    due_at: NDArray[np.datetime64]
    warn_at: NDArray[np.datetime64]
    provisional: NDArray[np.bool_]


@dataclass(frozen=True)
class Timeline:
    """The open intervals of some whole years, in order, and what has run before each."""

    years: range
    opens: Micros
    lengths: Micros
    before: Micros  # working time of all intervals before this one
    midnights: Micros  # of each day, and of the day after the last
    unknown_before: NDArray[np.int64]  # days not announced before each midnight

    def elapsed(self, at: Micros) -> Micros:
        """Working time from the timeline's begin to each instant."""
        i = np.maximum(np.searchsorted(self.opens, at, side="right") - 1, 0)
        in_this: Micros = np.minimum(np.maximum(at - self.opens[i], 0), self.lengths[i])
        return self.before[i] + in_this

    def instant(self, elapsed: Micros) -> Micros:
        """The first instant at which that much working time has run."""
        i = np.maximum(np.searchsorted(self.before, elapsed, side="left") - 1, 0)
        return self.opens[i] + elapsed - self.before[i]

    def unknown_between(self, first: Micros, last: Micros) -> NDArray[np.bool_]:
        """Whether a day not announced is touched, both ends included."""
        from_day = np.searchsorted(self.midnights, first, side="right") - 1
        to_day = np.searchsorted(self.midnights, last, side="right")
        return self.unknown_before[to_day] > self.unknown_before[from_day]

    @property
    def total(self) -> int:
        return int(self.before[-1] + self.lengths[-1])


class WorkClock:
    """An office's clock: its hours, its zone and its calendar.

    Parameters
    ----------
    hours
        Opening and closing times of every working day, in order, not overlapping: ``"HH:MM"``,
        the last may be ``"24:00"``.
    zone
        Where those times are read; changes of summer time are counted as they happen.
    working
        The calendar, see `rules.calendar`.
    warn_percent
        How much of a limit is used up when one is warned.
    """

    def __init__(
        self,
        hours: Sequence[Sequence[str]],
        zone: ZoneInfo,
        working: WorkingDay,
        warn_percent: int = WARN_PERCENT,
    ) -> None:
        self.hours = _checked(hours)
        self.zone = zone
        self.working = working
        self.warn_percent = warn_percent
        self._timeline: Timeline | None = None

    def deadline(self, start: datetime, amount: int, unit: str) -> Deadline:
        """The deadline of one limit of `amount` units that begins at `start`."""
        if start.tzinfo is None:
            raise ValueError(f"a start without a zone was given: {start!r}; give it in UTC")
        limit = _limit(unit)
        if amount != int(amount) or amount < 1:
            raise _bad_amount(amount)
        length = timedelta(microseconds=int(amount) * limit.microseconds)
        if not limit.office_time:
            start = start.astimezone(UTC)
            return Deadline(start + length, start + length * self.warn_percent // 100, False)
        begin, lengths = np.array([(start - _EPOCH) // _MICRO]), np.array([length // _MICRO])
        due, warn, provisional = self._in_office_time(begin, lengths)
        due_at, warn_at = (_EPOCH + int(moments[0]) * _MICRO for moments in (due, warn))
        return Deadline(due_at, warn_at, bool(provisional[0]))

    def running(self, start: datetime, end: datetime, unit: str) -> timedelta:
        """How much of a limit in `unit` runs from `start` to `end`; never negative."""
        if not LIMITS[unit].office_time:
            return max(end - start, timedelta())
        at = np.array([(start - _EPOCH) // _MICRO, (end - _EPOCH) // _MICRO])
        elapsed = self._covering(_year(at.min()), _year(at.max())).elapsed(at)
        return timedelta(microseconds=max(int(elapsed[1] - elapsed[0]), 0))

    def after(self, start: datetime, span: timedelta, unit: str) -> datetime:
        """When `span` of a limit in `unit` has run from `start`: the inverse of `running`."""
        if not LIMITS[unit].office_time:
            return start.astimezone(UTC) + span
        begin, length = np.array([(start - _EPOCH) // _MICRO]), np.array([span // _MICRO])
        due, _warn, _provisional = self._in_office_time(begin, length)
        return _EPOCH + int(due[0]) * _MICRO

    def guesses(self, start: datetime, end: datetime, unit: str) -> bool:
        """Whether the way from `start` to `end` touches a day that the calendar cannot judge."""
        if not LIMITS[unit].office_time:
            return False
        moments = [m.astimezone(UTC).replace(tzinfo=None) for m in (start, end)]
        at = np.array(moments, "datetime64[us]").astype(np.int64)
        line = self._covering(_year(at.min()), _year(at.max()))
        return bool(line.unknown_between(at[:1], at[1:])[0])

    def deadlines(
        self, starts: NDArray[np.datetime64], amounts: ArrayLike, units: ArrayLike
    ) -> Deadlines:
        """The deadlines of many limits; the arguments are broadcast against each other.

        `starts` are datetime64 in UTC, `amounts` whole numbers from 1, `units` names in `LIMITS`.
        A value that is none of these raises ValueError, naming it.
        """
        if np.isnat(starts).any():
            raise ValueError("a start is missing (NaT); every limit needs a start")
        begin = np.asarray(starts, "datetime64[us]").astype(np.int64)
        length, office_time = _lengths(np.asarray(amounts), np.asarray(units))
        begin, length, office_time = np.broadcast_arrays(begin, length, office_time)
        due, warn = begin + length, begin + length * self.warn_percent // 100
        provisional = np.zeros(begin.shape, bool)
        if office_time.any():
            chosen = begin[office_time]
            due[office_time], warn[office_time], provisional[office_time] = self._in_office_time(
                chosen, length[office_time]
            )
        return Deadlines(due.astype("datetime64[us]"), warn.astype("datetime64[us]"), provisional)

    def _in_office_time(
        self, begin: Micros, length: Micros
    ) -> tuple[Micros, Micros, NDArray[np.bool_]]:
        line = self._covering(_year(begin.min()), _year(begin.max()))
        elapsed = line.elapsed(begin)
        while line.total <= (elapsed + length).max():
            line = self._covering(line.years[0], line.years[-1] + 1)
        due = line.instant(elapsed + length)
        warn = line.instant(elapsed + length * self.warn_percent // 100)
        return due, warn, line.unknown_between(begin, due)

    def _covering(self, first: int, last: int) -> Timeline:
        """The timeline, made longer where these years (and the one after) lie outside it.

        Years are only ever put behind or before the known ones, and the new timeline replaces the
        old one whole, so that threads may share a clock.
        """
        line, first, last = self._timeline, first - 1, last + 1
        if line is not None:
            first, last = min(first, line.years[0]), max(last, line.years[-1])
            if line.years == range(first, last + 1):
                return line
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise ValueError(
                f"a limit reaches into the year {first if first < FIRST_YEAR else last}; "
                f"the office's clock goes from {FIRST_YEAR} to {LAST_YEAR}"
            )
        self._timeline = self._built(range(first, last + 1))
        return self._timeline

    def _built(self, years: range) -> Timeline:
        opens, lengths, unknown = [], [], []
        first, end = date(years[0], 1, 1).toordinal(), date(years[-1] + 1, 1, 1).toordinal()
        days = [date.fromordinal(n) for n in range(first, end + 1)]
        midnights = [self._instant(day, 0) for day in days]
        for day, (midnight, next_midnight) in zip(
            days, itertools.pairwise(midnights), strict=False
        ):
            known = self.working(day)
            unknown.append(known is None)
            if known if known is not None else day.weekday() < 5:
                even = (
                    next_midnight - midnight == 24 * HOUR_US
                )  # the zone's clocks stay as they are
                for span in self.hours:
                    start, stop = (
                        midnight + minute * MINUTE_US if even else self._instant(day, minute)
                        for minute in span
                    )
                    opens.append(start)
                    lengths.append(stop - start)
        length = np.array(lengths, np.int64)
        return Timeline(
            years,
            np.array(opens, np.int64),
            length,
            np.cumsum(length) - length,
            np.array(midnights, np.int64),
            np.concatenate([[0], np.cumsum(unknown, dtype=np.int64)]),
        )

    def _instant(self, day: date, minute: int) -> int:
        local = datetime.combine(day, time()) + timedelta(minutes=minute)
        return int(local.replace(tzinfo=self.zone).timestamp()) * 1_000_000


def _checked(hours: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    """Office hours as minutes of the day; raises ValueError where they make no day."""
    spans = tuple((_minute(opening), _minute(closing)) for opening, closing in hours)
    edges = [minute for span in spans for minute in span]
    if not spans or any(a >= b for a, b in itertools.pairwise(edges)):
        raise ValueError(
            f"office hours {hours!r}: give pairs of opening and closing times in order, such as "
            '[["08:00", "12:00"], ["14:00", "18:00"]]'
        )
    return spans


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(minute) < 60):
        raise ValueError(f"office hours have the time {clock!r}; write it as 08:00")
    total = int(hour) * 60 + int(minute)
    if total > 24 * 60:
        raise ValueError(f"office hours have the time {clock!r}; a day ends at 24:00")
    return total


def _limit(unit: str) -> Limit:
    if unit in LIMITS:
        return LIMITS[unit]
    raise ValueError(f"a limit has the unit {unit!r}; allowed are {', '.join(LIMITS)}")


def _bad_amount(amount: object) -> ValueError:
    return ValueError(f"a limit has the amount {amount}; allowed are whole numbers from 1")


def _lengths(
    amounts: NDArray[np.int64], units: NDArray[np.str_]
) -> tuple[Micros, NDArray[np.bool_]]:
    """Each limit in microseconds, and whether it runs in office time."""
    if not np.issubdtype(amounts.dtype, np.integer) or (amounts < 1).any():
        raise _bad_amount(amounts.min())
    worth = np.zeros(units.shape, np.int64)
    office_time = np.zeros(units.shape, bool)
    for name, limit in LIMITS.items():
        here = units == name
        worth[here], office_time[here] = limit.microseconds, limit.office_time
    if (worth == 0).any():
        _limit(str(units[worth == 0].flat[0]))
    return amounts.astype(np.int64) * worth, office_time


def _year(micros: np.int64) -> int:
    return (_EPOCH + int(micros) * _MICRO).year
