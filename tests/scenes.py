"""Scenes: what many tests begin with, made once in each worker and then copied with its database.

    scene = scenes.by(town=make_town)

    @pytest.fixture
    def town(scene, session):
        return scene.on(session)

A test of that file or folder that asks for `town` has one in its database from the start.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

from tests import databases

SESSION = "the session"


@dataclass(frozen=True)
class Scene:
    """A database to copy, and the objects that stand for what is in it."""

    template: URL
    objects: bytes

    def on(self, session: Session) -> Any:
        """What the scene was made as, once more, in a session on a copy of its database."""
        reader = _Reader(BytesIO(self.objects))
        reader.session = session
        made, mapped = reader.load(), reader.load()
        session.add_all(mapped)
        return made


def by(**makers: Callable[[Session], Any]) -> Any:
    """The fixture `scene` of a file: by the first of these names that a test asks for."""

    @pytest.fixture
    def scene(request: pytest.FixtureRequest, database_kind: str) -> Scene | None:
        wanted = (make for name, make in makers.items() if name in request.fixturenames)
        make = next(wanted, None)
        return make and made(database_kind, make)

    return scene


@cache
def made(kind: str, make: Callable[[Session], Any]) -> Scene:
    """The scene that `make` makes in an empty database."""
    with databases.template(kind) as engine, Session(engine, expire_on_commit=False) as session:
        written = BytesIO()
        writer = _Writer(written)
        thing = make(session)
        session.commit()
        writer.dump(thing)
        writer.dump(list(writer.mapped.values()))
        return Scene(engine.url, written.getvalue())


class _Writer(pickle.Pickler):
    """Leaves the session out, and lists what belongs into one."""

    def __init__(self, file: BytesIO) -> None:
        super().__init__(file)
        self.mapped: dict[int, object] = {}

    def persistent_id(self, thing: object) -> str | None:
        if isinstance(thing, Session):
            return SESSION
        if hasattr(thing, "_sa_instance_state"):
            self.mapped[id(thing)] = thing
        return None


class _Reader(pickle.Unpickler):
    session: Session

    def persistent_load(self, _name: str) -> Session:
        return self.session
