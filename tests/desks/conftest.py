"""What the tests of the desks share: a town of two communities with eight grids, and its cases."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Ground, make_ground
from tests.factories.town import put_case
from webapp.cases.models import Case


@pytest.fixture
def town(session: Session) -> Ground:
    ground = make_ground(session)
    session.commit()
    return ground


@pytest.fixture
def put(session: Session, town: Ground) -> Callable[..., Case]:
    """Put a case into a grid: `put(3, due_in=-2)`; see `put_case`."""
    return partial(put_case, session, town)
