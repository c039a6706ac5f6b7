"""A ledger with cases at every stage, and whoever looks at it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.ledger import Ledger, make_ledger
from tests.factories.people import make_person, sign_in
from webapp.people.models import Person, Role

scene = scenes.by(ledger=make_ledger)


@pytest.fixture
def ledger(scene, session: Session) -> Ledger:
    return scene.on(session)


@pytest.fixture
def dispatcher(session: Session, client: FlaskClient, ledger: Ledger) -> Person:
    """Signed in, and reading English."""
    person = make_person(session, ledger.town.ground.office, Role.DISPATCHER)
    session.commit()
    sign_in(client, person)
    client.post("/language/en")
    with client.session_transaction() as cookies:
        cookies["language"] = "en"
    return person
