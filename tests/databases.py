"""Databases for tests: SpatiaLite files and PostGIS databases, copied from migrated templates.

A template is built once in a run by the migrations, by the worker that needs it first. The run's
folder is handed down to the workers in WANGGE_TEST_RUN; the PostgreSQL server, unless
TEST_POSTGIS_URL names one, lives in it and ends with it.
"""

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url, text

from tools import postgres
from webapp.core.database import make_engine
from webapp.core.migrating import upgrade

KINDS = ("spatialite", "postgis")
RUN = "WANGGE_TEST_RUN"


def run_folder() -> Path:
    return Path(os.environ[RUN])


@contextlib.contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Engine]:
    """An engine on a new, migrated, otherwise empty database that is removed afterwards."""
    url = _spatialite_copy(folder) if kind == "spatialite" else _postgis_copy()
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()
        _remove(url)


@contextlib.contextmanager
def blank(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database in which nothing has been done, for tests of migrations and starts."""
    url = make_url(f"sqlite:///{folder / f'{_name()}.sqlite'}")
    if kind == "postgis":
        url = _server().set(database=_name())
        _administer(f'CREATE DATABASE "{url.database}"')
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        _remove(url)


def _remove(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(f"{url.database}{suffix}").unlink(missing_ok=True)
    else:
        _administer(f'DROP DATABASE "{url.database}" WITH (FORCE)')


def _spatialite_copy(folder: Path) -> URL:
    template = run_folder() / "template.sqlite"
    _once("spatialite", lambda: _migrate(make_url(f"sqlite:///{template}")))
    path = folder / f"{_name()}.sqlite"
    shutil.copyfile(template, path)
    return make_url(f"sqlite:///{path}")


def _template() -> URL:
    return _server().set(database=f"template_of_{run_folder().name}")


def drop_templates() -> None:
    """Leave a server that was given to us as it was; one of our own ends with its folder."""
    if os.environ.get("TEST_POSTGIS_URL"):
        _administer(f'DROP DATABASE IF EXISTS "{_template().database}"')


def _postgis_copy() -> URL:
    template = _template()
    _once("postgis", lambda: _make_postgis_template(template))
    url = template.set(database=_name())
    _administer(f'CREATE DATABASE "{url.database}" TEMPLATE "{template.database}"')
    return url


def _make_postgis_template(url: URL) -> None:
    _administer(f'CREATE DATABASE "{url.database}"')
    _migrate(url)


def _migrate(url: URL) -> None:
    engine = make_engine(url.render_as_string(hide_password=False))
    upgrade(engine)
    engine.dispose()


def _once(what: str, build: Callable[[], None]) -> None:
    """Build something in the run's folder unless another worker has."""
    built = run_folder() / f"{what}.built"
    if built.exists():
        return
    with (run_folder() / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            build()
            built.touch()


def _server() -> URL:
    return make_url(os.environ.get("TEST_POSTGIS_URL") or postgres.server(run_folder()))


def _administer(statement: str) -> None:
    url = _server().set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _name() -> str:
    return f"wangge_{uuid.uuid4().hex}"
