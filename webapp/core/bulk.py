"""Many rows at once: COPY on PostGIS, one prepared statement on SpatiaLite.

The one exception to "SQL through SQLAlchemy only": for a million rows SQLAlchemy's own statements
take several times as long. Triggers, indexes, keys and checks all stay on.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from webapp.core.database import WGS84, Base, is_spatialite

_NULL = "\\N"  # as COPY's text format writes it
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_BLOCK_ROWS = 2_000  # of text handed to COPY at a time

_EWKB_POINT = np.dtype(
    [("order", "u1"), ("kind", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")]
)
_SPATIALITE_POINT = np.dtype(
    [
        ("start", "u1"), ("order", "u1"), ("srid", "<i4"), ("box", "<f8", 4), ("box_end", "u1"),
        ("kind", "<i4"), ("x", "<f8"), ("y", "<f8"), ("end", "u1"),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Points:
    """WGS-84 points for a geometry column; NaN stands for none. Both of shape (n,)."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.lon)

    def __getitem__(self, some: slice) -> "Points":
        return Points(self.lon[some], self.lat[some])


def copy_rows(session: Session, model: type[Base] | Table, columns: Mapping[str, Any]) -> int:
    """Insert rows given by column, in the session's transaction; returns how many.

    Parameters
    ----------
    model
        A table or its mapped class.
    columns
        A sequence, numpy array or masked array (masked: NULL) for each column, all of one length;
        `Points` for a geometry; anything else is one value for all rows. NaN, NaT and None are
        NULL. Times are datetime64 in UTC. JSON columns take what `json.dumps` takes. A column
        left out gets its model's plain default, else NULL.
    """
    table = model if isinstance(model, Table) else model.metadata.tables[model.__tablename__]
    columns = _with_defaults(table, columns)
    lengths = {name: len(value) for name, value in columns.items() if _is_column(value)}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"columns of {table.name} differ in length: {lengths}")
    count = next(iter(lengths.values()))
    if count:
        connection = session.connection()
        insert = _executemany if is_spatialite(connection) else _copy
        insert(connection, table, columns, count)
    return count


def _with_defaults(table: Table, columns: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(columns) - set(table.c.keys()):
        raise ValueError(f"{table.name} has no columns {sorted(unknown)}")
    defaults = {
        column.key: column.default.arg
        for column in table.c
        if column.key not in columns and isinstance(column.default, ScalarElementColumnDefault)
    }
    return {**columns, **defaults}


def _is_column(value: Any) -> bool:
    return isinstance(value, (np.ndarray, Points)) or (
        isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    )


def _names(connection: Any, table: Table, columns: Mapping[str, Any]) -> tuple[str, str]:
    quote = connection.dialect.identifier_preparer.quote
    return quote(table.name), ", ".join(quote(table.c[name].name) for name in columns)


# --- SpatiaLite -------------------------------------------------------------------------------


def _executemany(connection: Any, table: Table, columns: Mapping[str, Any], count: int) -> None:
    name, names = _names(connection, table, columns)
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {name} ({names}) VALUES ({places})"  # noqa: S608 - names are ours
    values = [_sqlite_values(table.c[key], value, count) for key, value in columns.items()]
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(statement, zip(*values, strict=True))
    finally:
        cursor.close()


def _sqlite_values(column: Any, value: Any, count: int) -> Iterable[Any]:
    if not _is_column(value):
        return repeat(next(iter(_sqlite_values(column, _one(value), 1))), count)
    if isinstance(value, Points):
        return _sliced(_spatialite_points(value), _SPATIALITE_POINT.itemsize, np.isnan(value.lon))
    if isinstance(column.type, JSON):
        return _dumped(value)
    values, missing = _plain(value)
    if values.dtype.kind == "M":
        return _nulled(np.datetime_as_string(values, unit="us").tolist(), missing, None)
    if values.dtype.kind == "b":
        values = values.astype(np.int8)
    return _nulled(values.tolist(), missing, None)


def _spatialite_points(points: Points) -> bytes:
    blob = np.zeros(len(points), _SPATIALITE_POINT)
    blob["order"], blob["kind"], blob["srid"] = 1, 1, WGS84
    blob["box_end"], blob["end"] = 0x7C, 0xFE
    blob["x"], blob["y"] = points.lon, points.lat
    blob["box"] = np.column_stack([points.lon, points.lat] * 2)
    return blob.tobytes()


# --- PostGIS ----------------------------------------------------------------------------------


def _copy(connection: Any, table: Table, columns: Mapping[str, Any], count: int) -> None:
    """COPY in text form; columns of one value become the fixed end of each line."""
    varying = {key: value for key, value in columns.items() if _is_column(value)}
    fixed = {key: value for key, value in columns.items() if key not in varying}
    name, names = _names(connection, table, {**varying, **fixed})
    ending = "".join(
        f"\t{_copy_texts(table.c[key], _one(value))[0]}" for key, value in fixed.items()
    )
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy,
    ):
        for start in range(0, count, _BLOCK_ROWS):  # the server takes in one, we write the next
            block = slice(start, start + _BLOCK_ROWS)
            texts = [_copy_texts(table.c[key], value[block]) for key, value in varying.items()]
            lines = map("\t".join, zip(*texts, strict=True))
            copy.write("".join([f"{line}{ending}\n" for line in lines]))


def _copy_texts(column: Any, value: Any) -> list[str]:
    if isinstance(value, Points):
        return _sliced(
            _ewkb_points(value).hex(), 2 * _EWKB_POINT.itemsize, np.isnan(value.lon), _NULL
        )
    if isinstance(column.type, JSON):
        return _escaped(_dumped(value))
    values, missing = _plain(value)
    if values.dtype.kind == "M":
        texts = np.datetime_as_string(values, unit="us", timezone="UTC").tolist()
    elif values.dtype.kind == "O":
        return _escaped(values.tolist())
    elif values.dtype.kind == "U":
        return _nulled(_escaped(values.tolist()), missing, _NULL)
    else:
        texts = list(map(repr, values.tolist()))
    return _nulled(texts, missing, _NULL)


def _escaped(values: list[Any]) -> list[str]:
    texts = [_NULL if v is None else v if isinstance(v, str) else repr(v) for v in values]
    whole = "".join([t for t in texts if t is not _NULL])
    if not any(special in whole for special in "\\\t\n\r"):
        return texts
    return [t if t is _NULL else t.translate(_ESCAPES) for t in texts]


def _ewkb_points(points: Points) -> bytes:
    wkb = np.zeros(len(points), _EWKB_POINT)
    wkb["order"], wkb["kind"], wkb["srid"] = 1, 0x20000001, WGS84
    wkb["x"], wkb["y"] = points.lon, points.lat
    return wkb.tobytes()


# --- both -------------------------------------------------------------------------------------


def _one(value: Any) -> Any:
    """One value as a column of one row."""
    if isinstance(value, datetime):
        return np.array([value.astimezone(UTC).replace(tzinfo=None)], "datetime64[us]")
    return [value]


def _plain(value: Any) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The values as an array, and where they are missing (None: nowhere, or None within)."""
    missing = np.ma.getmaskarray(value) if isinstance(value, np.ma.MaskedArray) else None
    values = np.ma.getdata(value) if missing is not None else value
    if not isinstance(values, np.ndarray):
        values = _objects(values)
    if values.dtype.kind == "M":
        empty = np.isnat(values)
    elif values.dtype.kind == "f":
        empty = np.isnan(values)
    else:
        return values, missing
    return values, empty if missing is None else empty | missing


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _nulled(values: list[Any], missing: NDArray[np.bool_] | None, null: Any) -> list[Any]:
    if missing is not None:
        for place in np.flatnonzero(missing).tolist():
            values[place] = null
    return values


def _dumped(values: Any) -> list[str | None]:
    """Each value as JSON. One call for all takes a fifth of the time of a call for each."""
    mark = uuid.uuid4().hex  # stands between them, and in none of them
    marked = [part for value in values for part in (value, mark)]
    texts = json.dumps(marked, ensure_ascii=False, separators=(",", ":"))[1:].split(f',"{mark}"')
    return [None if v is None else t.lstrip(",") for v, t in zip(values, texts, strict=False)]


def _sliced(whole: Any, size: int, missing: NDArray[np.bool_], null: Any = None) -> list[Any]:
    parts = [whole[start : start + size] for start in range(0, len(whole), size)]
    return _nulled(parts, missing, null)
