"""What the tests of the ledger share: a town whose cases have been through all of it."""

from collections.abc import Iterator

import pytest
from flask import Flask, g
from flask_babel import force_locale
from sqlalchemy.orm import Session

from tests import databases, scenes
from tests.factories.ledger import Ledger, make_ledger
from webapp import create_app

scene = scenes.by(ledger=make_ledger)


@pytest.fixture
def ledger(scene, session: Session) -> Ledger:
    return scene.on(session)


@pytest.fixture(scope="session")
def speaker(database_kind: str) -> Flask:
    """An application for its languages alone; the tests here read by their own session."""
    return create_app(
        engine=databases.lasting(database_kind),
        testing=True,
        secret_key="only for tests",
        rate_limits=False,
    )


def speaking(app: Flask, language: str) -> Iterator[str]:
    with app.app_context():
        g.time_zone = "Asia/Shanghai"
        with force_locale(language):
            yield language


@pytest.fixture
def english(speaker: Flask) -> Iterator[str]:
    yield from speaking(speaker, "en")


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest, speaker: Flask) -> Iterator[str]:
    yield from speaking(speaker, request.param)
