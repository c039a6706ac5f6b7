"""What the tests of the desks share: a town of two communities with eight grids, and its cases."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.cases import Ground, make_ground
from tests.factories.town import put_case
from webapp.cases.models import Case

scene = scenes.by(town=make_ground)


@pytest.fixture
def town(scene, session: Session) -> Ground:
    return scene.on(session)


@pytest.fixture
def put(session: Session, town: Ground) -> Callable[..., Case]:
    """Put a case into a grid: `put(3, due_in=-2)`; see `put_case`."""
    return partial(put_case, session, town)


@pytest.fixture
def in_the_application(app: Flask) -> Iterator[None]:
    """Rows say moments, in the language and the zone of an application."""
    with app.app_context():
        yield
