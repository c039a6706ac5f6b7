"""Databases for tests: SpatiaLite files and PostGIS databases, copied from migrated templates.

A template is built once in a run by the migrations, by the worker that needs it first. The run's
folder is handed down to the workers in WANGGE_TEST_RUN and holds the SpatiaLite files; the
PostgreSQL server, unless TEST_POSTGIS_URL names one, lives and ends with it. Both are in memory
where there is enough of it (see `tools.postgres.lifetime`).

A database gets the name of one that has gone, and its engine the pool, dialect and compiled
statements of that one's: compiling them takes longer than most tests. What the program keeps by
engine it does not get, for the engine itself is new.
"""

import contextlib
import fcntl
import os
import shutil
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url, text

from tools import postgres
from webapp.core.database import make_engine
from webapp.core.migrating import upgrade

KINDS = ("spatialite", "postgis")
RUN = "WANGGE_TEST_RUN"
FILE_COPY_SINCE = (15,)  # older PostgreSQL knows no other way, and no word for it
LEAVING_S = 0.2  # that a connection may take to end after it was closed

_idle: dict[str, list[Engine]] = defaultdict(list)  # by kind: their databases are gone
_lasting: dict[tuple[str, URL | None], Engine] = {}
_left_over = contextlib.ExitStack()


def run_folder() -> Path:
    return Path(os.environ[RUN])


@contextlib.contextmanager
def fresh(kind: str, template: URL | None = None) -> Iterator[Engine]:
    """An engine on a copy of a template, else a migrated, otherwise empty database.

    The database is removed afterwards.
    """
    lasting = _idle[kind].pop() if _idle[kind] else make_engine(_new_url(kind))
    _copy(template or _migrated(kind), lasting.url)
    engine = lasting.execution_options()
    try:
        yield engine
    finally:
        engine.dispose()
        _remove(lasting.url)
        _idle[kind].append(lasting)


@contextlib.contextmanager
def template(kind: str) -> Iterator[Engine]:
    """An engine on a new, migrated database that this process copies later, by its URL."""
    engine = make_engine(_new_url(kind))
    _copy(_migrated(kind), engine.url)
    _left_over.callback(_remove, engine.url)
    try:
        yield engine
    finally:
        engine.dispose()


def lasting(kind: str, template: URL | None = None) -> Engine:
    """One database in this process for each template, for tests that leave nothing in it."""
    if (kind, template) not in _lasting:
        _lasting[kind, template] = _left_over.enter_context(fresh(kind, template))
    return _lasting[kind, template]


@contextlib.contextmanager
def blank(kind: str) -> Iterator[str]:
    """The URL of a database in which nothing has been done, for tests of migrations and starts."""
    url = make_url(_new_url(kind))
    if kind == "postgis":
        _administer(f'CREATE DATABASE "{url.database}"')
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        _remove(url)


def _new_url(kind: str) -> str:
    name = f"wangge_{uuid.uuid4().hex}"
    if kind == "spatialite":
        return f"sqlite:///{run_folder() / name}.sqlite"
    return _server().set(database=name).render_as_string(hide_password=False)


def _remove(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(f"{url.database}{suffix}").unlink(missing_ok=True)
    else:
        _wait_until_left(url)
        _administer(f'DROP DATABASE "{url.database}" WITH (FORCE)')


def _wait_until_left(url: URL) -> None:
    """PostgreSQL looks for connections ten times a second, and ours end in a millisecond."""
    others = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    deadline = time.monotonic() + LEAVING_S
    with _administrators().connect() as connection:
        while connection.scalar(others, {"name": url.database}) and time.monotonic() < deadline:
            time.sleep(0.001)


def _migrated(kind: str) -> URL:
    if kind == "spatialite":
        url = make_url(f"sqlite:///{run_folder() / 'template.sqlite'}")
        _once(kind, lambda: _migrate(url))
        return url
    _once(kind, lambda: _make_postgis_template(_template()))
    return _template()


def _copy(template: URL, url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        shutil.copyfile(str(template.database), str(url.database))
        return
    _wait_until_left(template)
    statement = f'CREATE DATABASE "{url.database}" TEMPLATE "{template.database}"'
    _administer(statement + _way_of_copying())


@cache
def _way_of_copying() -> str:
    """Files are copied faster than pages are logged, where a checkpoint costs nothing."""
    if "TEST_POSTGIS_URL" in os.environ:
        return ""
    with _administrators().connect() as connection:
        version = connection.dialect.server_version_info or ()
    return " STRATEGY FILE_COPY" if version >= FILE_COPY_SINCE else ""


def _template() -> URL:
    return _server().set(database=f"template_of_{run_folder().name}")


def drop_templates() -> None:
    """Leave a server that was given to us as it was; one of our own ends with its folder."""
    if os.environ.get("TEST_POSTGIS_URL"):
        _administer(f'DROP DATABASE IF EXISTS "{_template().database}"')


def leave() -> None:
    """End what this process holds open, and remove what it has kept."""
    _left_over.close()
    if _administrators.cache_info().currsize:
        _administrators().dispose()


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


@cache
def _administrators() -> Engine:
    url = _server().set(drivername="postgresql+psycopg")
    return create_engine(url, isolation_level="AUTOCOMMIT")


def _administer(statement: str) -> None:
    with _administrators().connect() as connection:
        connection.execute(text(statement))
