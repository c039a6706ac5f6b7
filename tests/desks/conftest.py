"""What the tests of the desks share: a town of two communities with eight grids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.people import make_department, make_office
from tests.factories.places import make_grids, middle_of
from tests.factories.standards import make_condition
from webapp.cases.models import Case, CaseKey, PlacedBy, Source, State
from webapp.core import clock
from webapp.people.models import Department, Office
from webapp.places.models import Grid
from webapp.standards.models import Condition, LimitUnit


@dataclass
class Town:
    office: Office
    grids: list[Grid]
    condition: Condition
    department: Department


@pytest.fixture
def town(session: Session) -> Town:
    office = make_office(session, code="640121001", name="团结西路街道")
    grids = make_grids(session, office)
    made = Town(office, grids, make_condition(session, office), make_department(session, office))
    session.commit()
    return made


@pytest.fixture
def put(session: Session, town: Town) -> Callable[..., Case]:
    """Put a case into a grid (by its place among the town's): `put(3, due_in=-2)`, in hours."""
    numbers = count(1)

    def put_case(at: int | None = 0, due_in: float = 48, **facts: Any) -> Case:
        now, grid = clock.now(), None if at is None else town.grids[at]
        lon, lat = middle_of(town.grids[at or 0])
        number = f"{town.office.number_prefix}{next(numbers):05}"
        defaults = {
            "office_id": town.office.id,
            "number": number,
            "state": State.DISPATCHED,
            "source": Source.PUBLIC,
            "condition_id": town.condition.id,
            "placed_by": PlacedBy.MAP,
            "location": None if grid is None else f"SRID=4326;POINT({lon} {lat})",
            "area_id": town.grids[0].area.parent.parent_id if grid is None else grid.area_id,
            "grid_id": grid and grid.id,
            "lead_department_id": town.department.id,
            "limit_amount": 2,
            "limit_unit": LimitUnit.WORK_DAY,
            "warn_at": now + timedelta(hours=due_in - 10),
            "due_at": now + timedelta(hours=due_in),
            "reported_at": now - timedelta(hours=60),
            "created_at": now,
        }
        case = Case(**defaults | facts)
        case.key = CaseKey(number=number)
        session.add(case)
        session.commit()
        return case

    return put_case


@pytest.fixture
def moment() -> datetime:
    return clock.now()
