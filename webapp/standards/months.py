"""A year of an office's calendar, laid out in months and weeks for the page."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput
from webapp.people.models import CalendarKind, Office
from webapp.standards.models import CalendarDay
from webapp.standards.queries import overrides_of
from webapp.standards.rules.calendar import LAST_ANNOUNCED_YEAR
from webapp.standards.rules.clock import FIRST_YEAR, LAST_YEAR
from webapp.standards.service import CALENDARS

MONDAY_FIRST = calendar.Calendar(firstweekday=0)


@dataclass(frozen=True)
class Day:
    """One day: whether it is worked, as far as anybody knows, and the office's own word on it."""

    day: date
    working: bool
    known: bool
    own: CalendarDay | None

    @property
    def unusual(self) -> bool:
        """Off on a weekday, or worked at a weekend."""
        return self.working != (self.day.weekday() < 5)


@dataclass(frozen=True)
class YearPage:
    """What the calendar's page shows."""

    year: int
    months: list[list[list[Day | None]]]
    overrides: list[CalendarDay]
    working_days: int
    announced: bool
    last_announced: int | None  # None: this calendar needs no announcements
    first_year: int = FIRST_YEAR
    last_year: int = LAST_YEAR


def asked_year(text: str | None, today: date) -> int:
    """The year of the address, this one where none is named."""
    if text is None:
        return today.year
    if re.fullmatch(r"\d{4}", text, re.ASCII) and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    raise BadInput(
        "year",
        _(
            "The year is “%(given)s”; the calendar goes from %(first)s to %(last)s.",
            given=text[:20],
            first=FIRST_YEAR,
            last=LAST_YEAR,
        ),
    )


def year_page(session: Session, office: Office, year: int) -> YearPage:
    """The months of a year, each a list of weeks from Monday with None outside the month."""
    own = {row.day: row for row in overrides_of(session, office)}
    base = CALENDARS[office.calendar]

    def judged(day: date) -> Day:
        known = own[day].working if day in own else base(day)
        return Day(
            day, day.weekday() < 5 if known is None else known, known is not None, own.get(day)
        )

    months = [
        [
            [judged(day) if day.month == month else None for day in week]
            for week in MONDAY_FIRST.monthdatescalendar(year, month)
        ]
        for month in range(1, 13)
    ]
    days = [day for month in months for week in month for day in week if day]
    last = LAST_ANNOUNCED_YEAR if office.calendar is CalendarKind.CHINA else None
    return YearPage(
        year,
        months,
        [row for row in own.values() if row.day.year == year],
        sum(day.working for day in days),
        last is None or year <= last,
        last,
    )
