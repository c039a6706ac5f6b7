"""The database: engine, session, column types, and everything in which the two dialects differ.

SpatiaLite (a file) by default, PostGIS when the URL says so. No other module asks which it is.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

# SQLite loads mod_spatialite with its PROJ and GEOS into the global symbol scope. A wheel that
# brings its own copy and is loaded later would bind to those and crash at exit: so load them first.
import pyogrio  # noqa: F401
import pyproj  # noqa: F401
import shapely  # noqa: F401
from flask import current_app, g
from geoalchemy2 import Geometry
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.sql.functions import FunctionElement

WGS84 = 4326
LONGEST_WAIT_MS = 30_000  # of a writer for others, on SQLite

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """The parent of all tables."""

    metadata = metadata


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. Naive values are refused: they hide a wrong zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(
                DATETIME(
                    storage_format="%(year)04d-%(month)02d-%(day)02dT"
                    "%(hour)02d:%(minute)02d:%(second)02d.%(microsecond)06d",
                    regexp=r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)",
                )
            )
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone was given: {value!r}; give it in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite's rowid is an INTEGER PRIMARY KEY only under that very name, and its R-tree needs it.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored by value; its reference table (see `reference_table`) guards the values."""

    impl = String(32)
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.members(value)


REFERENCE_TABLES: dict[str, type[StrEnum]] = {}


def reference_table(name: str, members: type[StrEnum]) -> Table:
    """A small table with one row for each member, so that a new state needs no rebuilt CHECK.

    The migrations write its rows; a test compares them with the enum.
    """
    REFERENCE_TABLES[name] = members
    return Table(name, metadata, Column("value", String(32), primary_key=True))


def enum_column(table: Table, members: type[StrEnum], **options: Any) -> Any:
    """The arguments of a mapped column that holds a member of `members`."""
    return mapped_column(EnumText(members), ForeignKey(table.c.value), **options)


def geometry(kind: str, **options: Any) -> Geometry:
    """A geometry type in WGS-84, as all our tables have it."""
    return Geometry(kind, srid=WGS84, **options)


# --- engine -----------------------------------------------------------------------------------


def sqlite_driver() -> Any:
    """The standard sqlite3 where it can load extensions, else pysqlite3."""
    if hasattr(sqlite3.Connection, "enable_load_extension"):
        return sqlite3
    import pysqlite3

    return pysqlite3


def make_engine(url: str) -> Engine:
    """An engine on a SpatiaLite file or a PostGIS database; other URLs are refused."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite":
        raise ValueError(f"DATABASE_URL begins with {parsed.drivername!r}: sqlite or postgresql")
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, module=sqlite_driver())
    event.listen(engine, "connect", _open_spatialite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_spatialite(connection: DBAPIConnection, _record: Any) -> None:
    raw: Any = connection
    raw.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    raw.enable_load_extension(True)
    raw.load_extension(os.environ.get("SPATIALITE_LIBRARY_PATH", "mod_spatialite"))
    raw.enable_load_extension(False)
    for pragma in (
        f"busy_timeout = {LONGEST_WAIT_MS}",  # after the extension, which sets 5 seconds
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = FULL",  # what was acknowledged survives a power cut
        "wal_autocheckpoint = 8000",  # 32 MB: whoever commits when it is full waits for it
        "cache_size = -65536",
        "temp_store = MEMORY",
    ):
        raw.execute(f"PRAGMA {pragma}")


def small_page_cache(engine: Engine) -> None:
    """For a process of many connections: each keeps 2 MB of a SQLite file's pages, not 64 MB.

    Those are for imports, which would else write the same pages many times.
    """
    if is_spatialite(engine):
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA cache_size = -2048"))


def _begin_sqlite(connection: Any) -> None:
    """Writers take the write lock at once: a read snapshot that turns writer fails when busy."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_spatialite(bind: Any) -> bool:
    return bool(bind.dialect.name == "sqlite")


def prepare_spatial(connection: Any) -> None:
    """Give an empty database its spatial functions: metadata tables, or the extension."""
    if not is_spatialite(connection):
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    elif not connection.execute(text("SELECT CheckSpatialMetaData()")).scalar():
        connection.execute(text("SELECT InitSpatialMetaData(0, 'WGS84')"))


class intersects_box(FunctionElement[bool]):  # noqa: N801 - reads as the SQL function it is
    """`intersects_box(column, west, south, east, north)`: boxes that meet, by the spatial index."""

    type = Boolean()
    inherit_cache = True


@compiles(intersects_box)
def _box_by_gist(element: Any, compiler: Any, **kw: Any) -> str:
    column, *box = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} && ST_MakeEnvelope({', '.join(box)}, {WGS84})"


@compiles(intersects_box, "sqlite")
def _box_by_rtree(element: Any, compiler: Any, **kw: Any) -> str:
    """SpatiaLite uses its R-tree only when asked through the SpatialIndex table."""
    column = next(iter(element.clauses))
    rendered, *box = (compiler.process(clause, **kw) for clause in element.clauses)
    owner = rendered.rpartition(".")[0]
    return (
        f"{owner}.ROWID IN (SELECT ROWID FROM SpatialIndex WHERE f_table_name = "
        f"'{column.table.name}' AND f_geometry_column = '{column.name}'"
        f" AND search_frame = BuildMbr({', '.join(box)}, {WGS84}))"
    )


class seconds_since_1970(FunctionElement[int]):  # noqa: N801 - as above
    """`seconds_since_1970(moment)`: whole seconds, rounded down."""

    type = BigInteger()
    inherit_cache = True


@compiles(seconds_since_1970)
def _seconds_of_timestamp(element: Any, compiler: Any, **kw: Any) -> str:
    return f"floor(extract(epoch FROM {compiler.process(element.clauses, **kw)}))::bigint"


@compiles(seconds_since_1970, "sqlite")
def _seconds_of_text(element: Any, compiler: Any, **kw: Any) -> str:
    """Without the fraction, which SQLite would round."""
    moment = compiler.process(element.clauses, **kw)
    return f"CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER)"


def many_texts(bind: Any, texts: Sequence[str]) -> Select[str]:
    """The texts as a query with one parameter, for `column.in_(...)`: a list of thousands of
    parameters takes longer to write and to read than to look up."""
    each = func.json_each if is_spatialite(bind) else func.json_array_elements_text
    return select(each(literal(list(texts), JSON)).table_valued("value").c.value)


# --- session ----------------------------------------------------------------------------------


class Database:
    """One engine and its sessions; the application keeps one under `app.extensions["database"]`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.sessions() as session:
            yield session


def current_session() -> Session:
    """The session of this request or command; it is closed when that ends."""
    if "session" not in g:
        g.session = current_app.extensions["database"].sessions()
    session: Session = g.session
    return session


def close_session(_error: BaseException | None = None) -> None:
    if session := g.pop("session", None):
        session.close()


def drop_changes() -> None:
    """Roll back what this request has begun, so that its session can be read from again."""
    if session := g.get("session"):
        session.rollback()


def can_write_together(bind: Any) -> bool:
    """Whether one statement may write to several tables (WITH … INSERT); SQLite cannot."""
    return not is_spatialite(bind)


def begin_write(session: Session) -> None:
    """Say that this transaction is going to write.

    On SQLite the reading done so far ends and the write lock is taken (waiting for it), so that no
    later statement fails as busy; objects already loaded stay usable. PostgreSQL needs none of it.
    """
    if is_spatialite(session.get_bind()):
        if session.in_transaction():
            session.commit()
        session.connection(execution_options={"writes": True})


def one_snapshot(session: Session, *, writes: bool) -> None:
    """See to it that all this session reads until it commits is of one moment.

    What it has read so far ends, as with `begin_write`. On PostgreSQL a statement that changes what
    somebody else has changed meanwhile fails then: do it again.
    """
    if session.in_transaction():
        session.commit()
    if not is_spatialite(session.get_bind()):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    elif writes:
        begin_write(session)
