"""What every test may ask for. Those that touch the database run on SpatiaLite and on PostGIS.

database   an engine on a fresh database, this test's own; what is committed is seen by all
scene      what that begins with, made once a worker: see tests/scenes.py
session    a session whose work is rolled back at the end, also after `commit()`; in a test that
           asks for `database`, `app` or `client` too it is a plain session on that database
statements what was sent to `database` so far, for ceilings on the number of queries; `clear()` it
app        the application on `database`; `client` is its test client
own_app    one that no other test has used or will, to add addresses to
live_server, browser, page, new_page: see tests/browser/conftest.py
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests import applications, databases
from tests.scenes import Scene
from tools import postgres, spatialite
from tools.prepare import compile_translations

running = contextlib.ExitStack()

# Each test's time depends on what else the machine does: speed is measured in bench/.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """The controller makes the run's folder; the workers of pytest-xdist inherit its name."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's background job is deaf to it,
        signal.signal(signal.SIGINT, signal.default_int_handler)  # and so would be what we start
    if not hasattr(config, "workerinput"):
        spatialite.set_library_path()
        compile_translations()
        os.environ[databases.RUN] = str(running.enter_context(postgres.lifetime(in_memory=True)))
        running.callback(databases.drop_templates)
    running.callback(databases.leave)  # called first, while the server is there


def pytest_unconfigure() -> None:
    running.close()


@pytest.fixture(params=databases.KINDS, scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def scene() -> Scene | None:
    """What is in the databases from the start: nothing, unless a file says so."""
    return None


@pytest.fixture
def database(database_kind: str, scene: Scene | None) -> Iterator[Engine]:
    """An engine on a fresh database, migrated and otherwise empty."""
    with databases.fresh(database_kind, scene and scene.template) as engine:
        yield engine


@pytest.fixture
def statements(database: Engine) -> Iterator[list[str]]:
    """The SQL statements that the engine has executed, transactions' own not counted."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database, "before_cursor_execute", note)
    yield seen
    event.remove(database, "before_cursor_execute", note)


@pytest.fixture
def lasting_database(database_kind: str, scene: Scene | None) -> Engine:
    """One database a worker, for tests that leave nothing in it."""
    return databases.lasting(database_kind, scene and scene.template)


@pytest.fixture
def session(request: pytest.FixtureRequest, database_kind: str) -> Iterator[Session]:
    if "database" in request.fixturenames:
        with Session(request.getfixturevalue("database"), expire_on_commit=False) as session:
            yield session
        return
    engine: Engine = request.getfixturevalue("lasting_database")
    with engine.connect() as connection:
        outer = connection.begin()
        options = {"join_transaction_mode": "create_savepoint", "expire_on_commit": False}
        with Session(connection, **options) as session:
            yield session
        outer.rollback()


@pytest.fixture
def app(database: Engine, tmp_path: Path) -> Iterator[Flask]:
    with applications.lent(database, tmp_path) as app:
        yield app


@pytest.fixture
def own_app(database: Engine, tmp_path: Path) -> Flask:
    return applications.make(database, tmp_path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
