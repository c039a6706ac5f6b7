"""A town, and steps that are refused."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.life import Town, make_town
from webapp.cases.models import Case
from webapp.cases.vocabulary import Action
from webapp.core.errors import WanggeError

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session: Session) -> Town:
    return scene.on(session)


@pytest.fixture
def refused(town: Town) -> Callable[..., str]:
    """Try a step that must be refused; answers the message."""

    def attempt(case: Case, action: Action, by: str, **given: object) -> str:
        version = case.version
        with pytest.raises(WanggeError) as error:
            town.step(case, action, by, **given)
        assert case.version == version
        return str(error.value)

    return attempt
