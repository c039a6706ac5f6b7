"""A town with a hot corner: 60 grids with one report each, four of which have twelve more."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.cases import LAMP_OUT, LITTER, NOW, Ground, make_draft, make_ground, reported
from tests.factories.places import middle_of
from webapp.cases.models import Case

HOT = (0, 1, 5, 6)  # the north-western corner of the first community
WEEKS = 12
SINCE, UNTIL = date(2026, 9, 2), date(2026, 11, 24)
PERIOD = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
FIRST, SECOND = "640121001001", "640121001002"  # communities


@dataclass
class Heat:
    """The town; grids are numbered 20 a community, five in a row."""

    ground: Ground
    session: Session

    @property
    def office(self) -> Any:
        return self.ground.office

    def report(self, grid: int, days: int = 0, **facts: Any) -> Case:
        """A report in the middle of a grid, so many days ago."""
        lon, lat = middle_of(self.ground.grids[grid])
        draft = make_draft(**{"lon": lon, "lat": lat} | facts)
        return reported(self.session, self.office, draft, NOW - timedelta(days=days))

    def area(self, grid: int) -> int:
        return self.ground.grids[grid].area_id


def make_heat(session: Session) -> Ground:
    """Lamps that are out everywhere, and litter every week in the hot corner."""
    ground = make_ground(session, plan={"communities": 3, "columns": 5, "rows": 4})
    heat = Heat(ground, session)
    for grid in range(60):
        heat.report(grid, grid * 5 % 84, condition_code=LAMP_OUT)
    for grid in HOT:
        for week in range(WEEKS):
            heat.report(grid, week * 7 + grid, condition_code=LITTER)
    return ground
