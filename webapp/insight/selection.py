"""Which cases an analysis counts, as an address or a command says it: pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import gettext as _

from webapp.cases.listing import ALL, LAMPS, STATES, one_of, read_day
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import Source
from webapp.core.errors import BadInput

DAYS = 90
"""So many days are looked at where an address names none."""
CLASS_DEPTH = 3  # of a class's path: /component/K01/K01-037/
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Rights:
    """What somebody may count: all cases in these areas, and those that these departments lead."""

    areas: tuple[str, ...]  # paths
    departments: tuple[int, ...] = ()  # ids


@dataclass(frozen=True)
class Selection:
    """Which cases count; what is None or empty does not restrict.

    `state` and `lamps` are those of today; the cube of daily counts knows neither.
    """

    since: date | None = None  # day of the report, at the office
    until: date | None = None  # the last day that counts
    group: str | None = None  # code of a class group or of a class, or a class path
    department: str | None = None  # code; of the lead
    source: Source | None = None
    community: str | None = None  # code or path of any area: a community, a street, a grid
    state: str = ALL  # one of cases.listing.STATES
    lamps: frozenset[Lamp] = frozenset()
    rights: Rights | None = None  # None: all of the office

    def in_cube(self) -> bool:
        """Whether the daily counts answer it; else the cases themselves are counted."""
        return self.state == ALL and not self.lamps and not self._by_condition

    @property
    def _by_condition(self) -> bool:
        """A class path that goes on to one condition."""
        return bool(self.group) and len(str(self.group).strip("/").split("/")) > CLASS_DEPTH

    def args(self) -> dict[str, str]:
        """The arguments of an address that say it; what somebody may see is no part of them."""
        given = {
            "since": self.since,
            "until": self.until,
            "group": self.group,
            "department": self.department,
            "source": self.source,
            "community": self.community,
            "state": None if self.state == ALL else self.state,
            "lamp": ",".join(sorted(self.lamps)),
        }
        return {name: str(value) for name, value in given.items() if value}

    def between(self, since: date | None, until: date | None) -> "Selection":
        """The same of other days."""
        return replace(self, since=since, until=until)

    def former(self) -> "Selection":
        """The same for as many days just before, to compare with."""
        if self.since is None or self.until is None:
            raise BadInput("dates", _("To compare two periods, say the first and the last day."))
        days = self.until - self.since + timedelta(days=1)
        return self.between(self.since - days, self.until - days)


def read_selection(args: Mapping[str, str], today: date) -> Selection:
    """The selection in an address, whose arguments are named as on `/map`, and `source`.

    Without days it is the last `DAYS` until `today`. Raises BadInput in words for what cannot be.
    """
    since, until = (read_day(name, args.get(name, "")) for name in ("since", "until"))
    until = until or today
    since = since or until - timedelta(days=DAYS - 1)
    lamps = [part for part in args.get("lamp", "").split(",") if part]
    source = args.get("source")
    return checked(
        Selection(
            since=since,
            until=until,
            group=args.get("group") or None,
            department=args.get("department") or None,
            source=Source(one_of("source", source, tuple(Source))) if source else None,
            community=args.get("community") or None,
            state=one_of("state", args.get("state") or ALL, STATES),
            lamps=frozenset(Lamp(one_of("lamp", lamp, LAMPS)) for lamp in lamps),
        )
    )


def checked(selection: Selection) -> Selection:
    """The same; raises BadInput where its days are the wrong way round."""
    since, until = selection.since, selection.until
    if since and until and since > until:
        raise BadInput(
            "dates",
            _("The first day, %(since)s, is after the last, %(until)s.", since=since, until=until),
        )
    return selection


def weeks(since: date, until: date) -> tuple[date, ...]:
    """The edges of the whole weeks that end with `until` and begin at `since` or later.

    k weeks have k + 1 edges: week i holds the days from edge i to before edge i + 1.

    >>> [str(day) for day in weeks(date(2026, 11, 1), date(2026, 11, 22))]
    ['2026-11-02', '2026-11-09', '2026-11-16', '2026-11-23']
    """
    end = until + timedelta(days=1)
    count = (end - since) // WEEK
    return tuple(end - WEEK * back for back in range(count, -1, -1))


def months(since: date, until: date) -> tuple[date, ...]:
    """The edges of the whole calendar months from `since` to `until`.

    >>> [str(day) for day in months(date(2026, 9, 2), date(2026, 11, 30))]
    ['2026-10-01', '2026-11-01', '2026-12-01']
    """
    edges = [since if since.day == 1 else next_month(since)]
    while (after := next_month(edges[-1])) <= until + timedelta(days=1):
        edges.append(after)
    return tuple(edges)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def days(since: date, until: date) -> tuple[date, ...]:
    """The edges of the days from `since` to `until`."""
    count = (until - since).days + 1
    return tuple(since + timedelta(days=number) for number in range(count + 1))
