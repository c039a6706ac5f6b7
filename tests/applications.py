"""One application in each worker, lent to its tests in turn on the database of each.

Making one takes longer than most tests. Its settings are put back after each; one that a test has
changed otherwise is not lent again. A test that adds addresses, which Flask refuses after the first
request, asks for `own_app`.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine

from tests import databases
from webapp import create_app
from webapp.core.settings import settings_from

_idle: list[Flask] = []


def make(engine: Engine, folder: Path) -> Flask:
    """An application for tests; its files lie in the folder."""
    app = create_app(engine=engine, **_settings(folder))
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(databases.run_folder()))
    return app


@contextlib.contextmanager
def lent(engine: Engine, folder: Path) -> Iterator[Flask]:
    """An application as `make` makes it, used before and to be used again."""
    app = _idle.pop() if _idle else make(engine, folder)
    settings = settings_from(engine=engine, **_settings(folder))
    app.config["WANGGE"] = settings
    waking, database = app.extensions["waking"], app.extensions["database"]
    waking.settings, waking.opened = settings, None
    database.engine = engine
    database.sessions.configure(bind=engine)
    config, before = dict(app.config), _state(app)
    yield app
    app.config.clear()
    app.config.update(config)
    if _state(app) == before:
        _idle.append(app)


def _settings(folder: Path) -> dict[str, Any]:
    return {
        "testing": True,
        "secret_key": "only for tests",
        "photo_dir": folder / "photos",
        "upload_dir": folder / "uploads",
        "rate_limits": False,
    }


def _state(app: Flask) -> list[object]:
    """What a test could change in an application besides its settings."""
    by_blueprint = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.template_context_processors,
        app.error_handler_spec,
    )
    return [
        dict(app.extensions),
        dict(vars(app.extensions["database"])),
        dict(app.view_functions),
        dict(app.jinja_env.globals),
        dict(app.jinja_env.filters),
        *map(_filled, by_blueprint),
    ]


def _filled(known: Any) -> Any:
    """A copy without the empty places that Flask makes in its registers where it only looks."""
    if not isinstance(known, dict):
        return list(known) if isinstance(known, list) else known
    return {name: kept for name, found in known.items() if (kept := _filled(found))}
