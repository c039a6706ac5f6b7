"""What part of the cases a view of the map shows, as its address says it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from webapp.cases.listing import ALL, ENDED, LAMPS, OPEN, one_of, read_day
from webapp.cases.models import FINAL_STATES
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import State
from webapp.core.errors import BadInput

STATE_GROUPS = (OPEN, ALL, ENDED)
MAX_ZOOM = 22


@dataclass(frozen=True)
class Box:
    """A box of WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class MapFilters:
    """Which cases; what is None or empty does not restrict."""

    state: str = OPEN  # one of STATE_GROUPS or a State
    group: str | None = None  # a class group's code
    department: str | None = None  # code
    community: str | None = None  # code
    lamps: frozenset[Lamp] = frozenset()
    since: date | None = None  # day of the report, at the office
    until: date | None = None  # the last day that counts

    @property
    def states(self) -> frozenset[State] | None:
        """The states that count, None for all of them; OPEN is said in SQL itself."""
        if self.state in (OPEN, ALL):
            return None
        return FINAL_STATES if self.state == ENDED else frozenset({State(self.state)})


def read_filters(args: Mapping[str, str]) -> MapFilters:
    """The filters in an address; raises BadInput in words for what none of them can be."""
    allowed = (*STATE_GROUPS, *State)
    lamps = [part for part in args.get("lamp", "").split(",") if part]
    since, until = (read_day(name, args.get(name, "")) for name in ("since", "until"))
    if since and until and since > until:
        raise BadInput(
            "dates",
            _("The first day, %(since)s, is after the last, %(until)s.", since=since, until=until),
        )
    return MapFilters(
        state=one_of("state", args.get("state") or OPEN, allowed),
        group=args.get("group") or None,
        department=args.get("department") or None,
        community=args.get("community") or None,
        lamps=frozenset(Lamp(one_of("lamp", lamp, LAMPS)) for lamp in lamps),
        since=since,
        until=until,
    )


def read_box(args: Mapping[str, str]) -> Box:
    """`bbox=west,south,east,north`, as GeoJSON writes it."""
    given = args.get("bbox", "")
    try:
        west, south, east, north = (float(part) for part in given.split(","))
    except ValueError:
        raise _bad_box(given) from None
    within = -540 <= west < east <= 540 and -90 <= south < north <= 90
    if not within:  # also where one is not a number
        raise _bad_box(given)
    return Box(west, south, east, north)


def read_zoom(args: Mapping[str, str]) -> float:
    given = args.get("zoom", "")
    try:
        zoom = float(given)
    except ValueError:
        zoom = math.nan
    if not 0 <= zoom <= MAX_ZOOM:
        raise BadInput(
            "zoom",
            _(
                'The zoom "%(given)s" is no zoom: give a number from 0 to %(most)d.',
                given=given[:40],
                most=MAX_ZOOM,
            ),
        )
    return zoom


def _bad_box(given: str) -> BadInput:
    return BadInput(
        "bbox",
        _(
            'The box "%(given)s" is no box: give bbox=west,south,east,north in degrees.',
            given=given[:80],
        ),
    )
