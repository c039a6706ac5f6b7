"""What an analysis of hot spots may be asked for, and what its levels mean: pure rules."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from flask_babel import gettext as _

from gis.significance import LIMITS
from webapp.core.errors import BadInput
from webapp.insight.selection import WEEK, months, weeks

SIGNIFICANT = LIMITS[0]
"""What is coloured is significant: the levels are those of `gis.significance`."""
SMALLEST_M, LARGEST_M = 1, 100_000
MOST_WEEKS = 60  # of a longer time the months are looked at


class Rate(StrEnum):
    """What is compared between places."""

    COUNT = "count"
    AREA = "area"  # cases by square kilometre


@dataclass(frozen=True)
class By:
    """The places: grids of the office, or cells of a regular net."""

    kind: str  # grids, square or hex
    size_m: int = 0  # of a net: the side of a square, between opposite sides of a hexagon

    @property
    def text(self) -> str:
        return f"{self.kind}:{self.size_m}" if self.size_m else self.kind


GRIDS = By("grids")


@dataclass(frozen=True)
class Near:
    """Which places are neighbours: those that touch (queen), or whose middles are near (band)."""

    kind: str  # queen or band
    metres: int = 0

    @property
    def text(self) -> str:
        return f"{self.kind}:{self.metres}" if self.metres else self.kind


QUEEN = Near("queen")
BANDS = (Near("band", 500), Near("band", 1000), Near("band", 2000))
"""What the page offers besides."""


def read_by(given: str) -> By:
    """`grids`, `square:500` or `hex:250`.

    >>> read_by("square:500").size_m, read_by("").text
    (500, 'grids')
    """
    kind, colon, size = given.partition(":")
    if given in ("", "grids"):
        return GRIDS
    if kind not in ("square", "hex") or not colon:
        raise BadInput(
            "by",
            _(
                '"%(given)s" are no places: use grids, square:500 or hex:250 (metres).',
                given=given[:40],
            ),
        )
    return By(kind, _metres("by", size))


def read_near(given: str) -> Near:
    """`queen` or `band:1000`.

    >>> read_near("band:1000").metres, read_near("").kind
    (1000, 'queen')
    """
    kind, colon, size = given.partition(":")
    if given in ("", "queen"):
        return QUEEN
    if kind != "band" or not colon:
        raise BadInput(
            "weights",
            _('"%(given)s" are no neighbours: use queen or band:1000 (metres).', given=given[:40]),
        )
    return Near("band", _metres("weights", size))


def _metres(name: str, given: str) -> int:
    if given.isdecimal() and len(given) < 9 and SMALLEST_M <= int(given) <= LARGEST_M:
        return int(given)
    raise BadInput(
        name,
        _(
            '"%(given)s" metres cannot be used: give a whole number from %(least)d to %(most)d.',
            given=given[:40],
            least=SMALLEST_M,
            most=LARGEST_M,
        ),
    )


def periods(since: date, until: date) -> tuple[date, ...]:
    """The edges of the weeks or months in which development is looked at, after a first part.

    The first edge is `since`: where no whole week begins there, the days before the first whole
    one are a period by themselves (see `begins_whole`).

    >>> [str(day) for day in periods(date(2026, 11, 1), date(2026, 11, 15))]
    ['2026-11-01', '2026-11-02', '2026-11-09', '2026-11-16']
    """
    edges = weeks(since, until)
    if len(edges) > MOST_WEEKS + 1:
        edges = months(since, until)
    after = until + timedelta(days=1)
    return tuple(sorted({since, *edges, after}))


def whole(edges: tuple[date, ...]) -> slice:
    """Which of these periods are whole weeks or months: not a shorter first or last one.

    >>> whole(periods(date(2026, 11, 1), date(2026, 11, 15)))
    slice(1, 3, None)
    """
    days = [(after - day).days for day, after in pairwise(edges)]
    least = 28 if max(days) > WEEK.days else WEEK.days
    return slice(int(days[0] < least), len(days) - int(len(days) > 1 and days[-1] < least))
