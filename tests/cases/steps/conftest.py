"""People at their browsers, and cases for them to press on."""

from datetime import timedelta

import pytest

from tests import scenes
from tests.factories.life import make_town
from tests.factories.people import sign_in
from webapp.core.clock import now

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session, database):
    made = scene.on(session)
    made.now = now() - timedelta(hours=2)
    session.commit()
    return made


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    return app


@pytest.fixture
def browse(app, town):
    """A browser in which one of the town's people is signed in: `browse("member")`."""

    def open_as(name):
        client = app.test_client()
        sign_in(client, town.people[name])
        return client

    return open_as


@pytest.fixture
def case_at(session, town):
    """A case that has come to a state: `case_at("handling")`."""

    def make(stage):
        case = getattr(town, stage)()
        session.commit()
        return case

    return make
