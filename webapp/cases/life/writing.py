"""What steps have changed, written in few plain statements.

The unit of work would give the same rows for several times the price. Objects that are loaded hold
the new values afterwards, as if it had written them; only a savepoint that is undone does not give
them their former ones.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, insert, update
from sqlalchemy.orm import Session, make_transient_to_detached, object_session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from webapp.cases.models import Case
from webapp.core.database import Base, can_write_together

Names = tuple[str, ...]
Row = tuple[Base, dict[str, Any]]
FEW = 6
"""New rows of a table that go along with others: each number of them is a statement of its own."""


class Writing:
    """New rows, new values and ends, gathered until `write`."""

    def __init__(self) -> None:
        self._changed: dict[tuple[type[Base], Names], list[Row]] = defaultdict(list)
        self._added: dict[tuple[type[Base], Names], list[Row]] = defaultdict(list)
        self._put: dict[tuple[type[Base], Names, bool], list[dict[str, Any]]] = defaultdict(list)
        self._removed: list[Base] = []

    def change(self, row: Base, values: Mapping[str, Any]) -> None:
        """The object has the new values at once: what comes after is to see them."""
        if isinstance(row, Case):
            values = {**values, "version": row.version + 1}
        self._changed[type(row), tuple(values)].append((row, dict(values)))
        for name, value in values.items():
            set_committed_value(row, name, value)
        _forget_related(row, values)

    def add(self, row: Base, values: Mapping[str, Any]) -> None:
        """`values` are those the row begins with; the object has them at once."""
        for name, value in values.items():
            setattr(row, name, value)
        self._added[type(row), tuple(values)].append((row, dict(values)))

    def put(
        self, model: type[Base], values: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> None:
        """A row of which nobody holds an object: a new one, or what differs from `before`."""
        if before is None:
            self._put[model, tuple(values), True].append(dict(values))
        elif different := {n: value for n, value in values.items() if value != before[n]}:
            key = {"its_key": values[_key_name(model)]}
            self._put[model, tuple(different), False].append({**different, **key})

    def remove(self, row: Base) -> None:
        self._removed.append(row)

    def write(self, session: Session) -> None:
        """Send it all, in the order in which rows depend on each other; commits nothing.

        Raises StaleDataError where somebody else has changed a case meanwhile.
        """
        connection = session.connection()
        for row in self._removed:
            connection.execute(_delete(type(row)), {"its_key": _key(row)})
            session.expunge(row)
        for batch in _batches(list(self._writes()), can_write_together(connection)):
            _send(connection, batch)
        for rows in self._added.values():
            for row, _values in rows:
                make_transient_to_detached(row)
                session.add(row)
        self.__init__()  # type: ignore[misc]  # empty again

    def _writes(self) -> Iterator[tuple["Write", list[dict[str, Any]]]]:
        for (model, names), rows in self._changed.items():
            yield Write(model, names, False), [_sent(row, values) for row, values in rows]
        for (model, names), rows in self._added.items():
            yield Write(model, names, True), [values for _row, values in rows]
        for (model, names, is_new), lines in self._put.items():
            yield Write(model, names, is_new), lines


class Write(NamedTuple):
    """What one kind of statement does to one table: new rows, or new values of one."""

    model: type[Base]
    names: Names
    is_new: bool

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to a default of ours, which a part of a statement has not."""
        return not self.is_new or _with_default(self.model) <= set(self.names)


Lines = list[dict[str, Any]]


def _batches(
    writes: list[tuple[Write, Lines]], together: bool
) -> Iterator[list[tuple[Write, Lines]]]:
    """What is sent as one statement: a few rows, those of each table alike."""
    batch: list[tuple[Write, Lines]] = []
    for write, lines in writes:
        few = len(lines) == 1 or (write.is_new and len(lines) <= FEW)
        alone = not (together and few and write.is_whole)
        if batch and (alone or write.model in {other.model for other, _lines in batch}):
            yield batch
            batch = []
        if alone:
            yield [(write, lines)]
        else:
            batch.append((write, lines))
    if batch:
        yield batch


def _send(connection: Connection, batch: list[tuple[Write, Lines]]) -> None:
    write, lines = batch[0]
    if len(batch) == 1:
        done = connection.execute(_statement(write), lines if len(lines) > 1 else lines[0])
    else:
        parts = [(kind, line) for kind, lines in batch for line in lines]
        values: dict[str, Any] = {
            f"{number}{name}": value
            for number, (_kind, line) in enumerate(parts)
            for name, value in line.items()
        }
        done = connection.execute(_one_statement(tuple(kind for kind, _line in parts)), values)
    if not write.is_new and done.rowcount != len(lines):
        raise StaleDataError(f"{write.model.__tablename__}: changed by somebody else meanwhile")


@cache
def _statement(write: Write) -> Any:
    return insert(_table(write.model)) if write.is_new else _update(write, str)


@cache
def _one_statement(writes: tuple[Write, ...]) -> Any:
    """The first, and the others as its WITH parts: one way to the server and back.

    Values are named by the number of their part, since parts have like names. Each row is a part:
    SQLAlchemy would write an INSERT of several rows anew each time.
    """
    first, *others = [_part(number, write) for number, write in enumerate(writes)]
    return first.add_cte(*(other.cte(f"part_{n}") for n, other in enumerate(others)))


def _part(number: int, write: Write) -> Any:
    if not write.is_new:
        return _update(write, lambda name: f"{number}{name}")
    values: dict[str, Any] = {name: bindparam(f"{number}{name}") for name in write.names}
    return insert(_table(write.model)).values(values)


def _update(write: Write, named: Callable[[str], str]) -> Any:
    """`named` gives the name of a value in the statement."""
    model, table = write.model, _table(write.model)
    ours = table.c[_key_name(model)] == bindparam(named("its_key"))
    if model is Case:  # of the version that was read, else somebody was faster
        ours &= table.c.version == bindparam(named("its_version"))
    return update(table).where(ours).values({n: bindparam(named(n)) for n in write.names})


def begun_with(row: Base) -> dict[str, Any]:
    """The columns that a new object was given."""
    return {name: value for name, value in vars(row).items() if name in _table(type(row)).c}


def _sent(row: Base, values: dict[str, Any]) -> dict[str, Any]:
    known = {"its_key": _key(row)}
    if isinstance(row, Case):
        known["its_version"] = values["version"] - 1
    return {**values, **known}


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the types
    return table


@cache
def _key_name(model: type[Base]) -> str:
    (column,) = _table(model).primary_key.columns
    return column.name


def _key(row: Base) -> Any:
    return getattr(row, _key_name(type(row)))


@cache
def _with_default(model: type[Base]) -> set[str]:
    return {column.name for column in _table(model).c if column.default is not None}


@cache
def _delete(model: type[Base]) -> Any:
    table = _table(model)
    return delete(table).where(table.c[_key_name(model)] == bindparam("its_key"))


@cache
def _related(model: type[Base]) -> dict[str, str]:
    """The relation behind each foreign key of a model."""
    return {
        column.name: relation.key
        for relation in model.__mapper__.relationships
        if relation.direction.name == "MANYTOONE"
        for column in relation.local_columns
    }


def _forget_related(row: Base, values: Mapping[str, Any]) -> None:
    """Objects behind foreign keys are read anew when they are asked for."""
    related = _related(type(row))
    stale = [related[name] for name in values if name in related]
    session = object_session(row)
    if stale and session is not None:
        session.expire(row, stale)
