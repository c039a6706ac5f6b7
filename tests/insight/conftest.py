"""A town whose reports are counted, and a plain count over its cases to compare with."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.factories.cases import NOW, OUTSIDE, make_draft, reported
from tests.factories.life import Town, make_town
from tests.factories.places import middle_of
from webapp.cases.models import FINAL_STATES, Case
from webapp.insight.counts.reading import grid_counts
from webapp.insight.selection import Selection
from webapp.places.locating import office_places

ALL = Selection()


@dataclass
class Counted:
    """A town, and two ways of counting in it."""

    town: Town

    @property
    def session(self):
        return self.town.session

    @property
    def office(self):
        return self.town.ground.office

    def report(self, grid=0, days=0, **facts):
        """A report in the grid of that number, or outside all with None, so many days ago."""
        at = OUTSIDE if grid is None else middle_of(self.town.ground.grids[grid])
        draft = make_draft(lon=at[0], lat=at[1], **facts)
        return reported(self.session, self.office, draft, NOW - timedelta(days=days))

    def read(self, selection=ALL):
        """What the cube says: the end of each grid's code with its reports."""
        found = grid_counts(self.session, self.office, selection)
        codes = office_places(self.session, self.office).codes[found.at]
        pairs = dict(zip((code[-6:] for code in codes), found.counts.tolist(), strict=True))
        return Counter(pairs | {"nowhere": found.nowhere})

    def count(self, selection=ALL):
        """The same by looking at every case."""
        cases = self.session.scalars(
            select(Case).where(Case.office_id == self.office.id)
            .execution_options(populate_existing=True)
        )  # fmt: skip
        return Counter(
            case.grid.code[-6:] if case.grid else "nowhere"
            for case in cases
            if self.selects(selection, case)
        )

    def selects(self, wanted, case):
        day = case.reported_at.astimezone(ZoneInfo(self.office.time_zone)).date()
        of, lead = case.condition, case.lead_department
        return all((
            wanted.since is None or day >= wanted.since,
            wanted.until is None or day <= wanted.until,
            wanted.group in (None, of.case_class.group_code, of.case_class.code)
            or of.path.startswith(wanted.group),
            wanted.department is None or (lead is not None and lead.code == wanted.department),
            wanted.source in (None, case.source),
            wanted.community is None or case.area.code.startswith(wanted.community),
            wanted.state in ("all", case.state)
            or (wanted.state == "ended") == (case.state in FINAL_STATES),
        ))  # fmt: skip

    def agrees(self, selection=ALL):
        """Whether both say the same, and how many reports it is."""
        read, counted = +self.read(selection), self.count(selection)
        assert read == counted, selection
        return sum(counted.values())


@pytest.fixture
def counted(session):
    return Counted(make_town(session))


def of(**facts):
    return replace(ALL, **facts)
