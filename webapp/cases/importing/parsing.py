"""From rows of text to columns of values; what cannot be a case is set aside with the reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from flask_babel import lazy_gettext as _l
from numpy.typing import NDArray
from pyproj import Transformer

from gis.coordinates import valid_lonlat
from gis.datums import to_wgs84
from webapp.cases.importing.mapping import CaseMapping, names_in
from webapp.cases.importing.reading import GEOMETRY_X, GEOMETRY_Y, Row
from webapp.cases.vocabulary import State
from webapp.core.database import WGS84

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]
Texts = list[str]

EARLIEST = np.datetime64("1970-01-01", "us")
_OFFSET = r"(?:Z|[+-]\d\d:?\d\d)$"


class Reject(StrEnum):
    """Why a row is no case."""

    COLUMNS = "columns"
    NO_ID = "no_id"
    TWICE = "twice"
    KNOWN = "known"
    TIME = "time"
    TIME_RANGE = "time_range"
    NO_PLACE = "no_place"
    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    ZERO = "zero"
    SWAPPED = "swapped"
    PROJECTED = "projected"
    OUT_OF_RANGE = "out_of_range"

    @property
    def label(self) -> Any:
        return REJECT_LABELS[self]


REJECT_LABELS: dict[Reject, Any] = {
    Reject.COLUMNS: _l("the row has more or fewer columns than the header"),
    Reject.NO_ID: _l("the external id is missing"),
    Reject.TWICE: _l("the external id stands in this file before"),
    Reject.KNOWN: _l("a case with this external id is here already"),
    Reject.TIME: _l("the time of the report is missing or not written as the mapping says"),
    Reject.TIME_RANGE: _l("the time of the report lies before 1970 or in the future"),
    Reject.NO_PLACE: _l("there are no coordinates"),
    Reject.NOT_A_NUMBER: _l("a coordinate is missing or not a number"),
    Reject.NOT_FINITE: _l("a coordinate is infinite"),
    Reject.ZERO: _l("both coordinates are 0, as devices write without a position"),
    Reject.SWAPPED: _l("longitude and latitude look swapped"),
    Reject.PROJECTED: _l("the coordinates look like metres; state their CRS in the mapping"),
    Reject.OUT_OF_RANGE: _l("the coordinates are no place on Earth"),
}


@dataclass
class Parsed:
    """The rows of a chunk that can be cases, by column, and those set aside.

    `row` counts the file's data rows from 1. Places are NaN where none was given. `words` are the
    source's own, kept beside what was made of them.
    """

    row: NDArray[np.int64]
    external_id: Texts
    created: Moments
    closed: Moments
    raw_x: Floats
    raw_y: Floats
    lon: Floats
    lat: Floats
    condition: Texts  # codes
    state: list[State]
    words: dict[str, Texts]
    description: Texts
    address: Texts
    cells: list[Row]  # as they came
    rejects: list[tuple[int, Reject, Row]]

    def __len__(self) -> int:
        return len(self.row)


def parse_chunk(
    mapping: CaseMapping,
    names: Sequence[str],
    first: int,
    rows: list[Row],
    zone: ZoneInfo,
    now: datetime,
    file_id: str,
) -> Parsed:
    """Parse rows whose first is data row `first` (from 0); times without a zone are in `zone`.

    `file_id` begins the external ids of rows whose source gives none.
    """
    rejects = [
        (first + i + 1, Reject.COLUMNS, row) for i, row in enumerate(rows) if len(row) != len(names)
    ]
    numbers = [first + i + 1 for i, row in enumerate(rows) if len(row) == len(names)]
    kept = [row for row in rows if len(row) == len(names)] if rejects else rows
    source = Columns(mapping, names, kept)
    parsed = _values(source, np.array(numbers, np.int64), zone, file_id)
    reasons = _reasons(source, parsed, now)
    good = np.array([reason is None for reason in reasons], bool)
    bad = np.flatnonzero(~good).tolist()
    rejects += [(numbers[i], reason, kept[i]) for i in bad if (reason := reasons[i])]
    parsed.rejects = sorted(rejects, key=lambda reject: reject[0])
    return parsed if good.all() else only(parsed, good)


def only(parsed: Parsed, good: Bools) -> Parsed:
    """The rows where `good`."""

    def part(values: Any) -> Any:
        if isinstance(values, np.ndarray):
            return values[good]
        return [value for value, keep in zip(values, good.tolist(), strict=True) if keep]

    facts = {
        name: value if name == "rejects" else part(value)
        for name, value in vars(parsed).items()
        if name != "words"
    }
    return Parsed(**facts, words={name: part(texts) for name, texts in parsed.words.items()})


class Columns:
    """The columns of some rows by what they mean."""

    def __init__(self, mapping: CaseMapping, names: Sequence[str], rows: list[Row]) -> None:
        self.mapping = mapping
        self.rows = rows
        self.count = len(rows)
        by_column = list(zip(*rows, strict=True)) if rows else [() for _name in names]
        self._texts = dict(zip(names, by_column, strict=True))
        self._meaning = dict(mapping.columns)
        if GEOMETRY_X in self._texts and "longitude" not in self._meaning:
            self._meaning |= {"longitude": GEOMETRY_X, "latitude": GEOMETRY_Y}

    def has(self, meaning: str) -> bool:
        return meaning in self._meaning

    def texts(self, meaning: str) -> Texts:
        """The cells of a column, without space around them; empty if there is no such column."""
        if meaning not in self._meaning:
            return [""] * self.count
        return [cell.strip() for cell in self._texts[self._meaning[meaning]]]

    def filled(self, template: str | None) -> Texts:
        """A template filled from each row."""
        if not template:
            return [""] * self.count
        used = sorted(names_in(template))
        if not used:
            return [template] * self.count
        if template == f"{{{used[0]}}}":
            return [_clean(cell) for cell in self._texts[used[0]]]
        cells = zip(*(self._texts[name] for name in used), strict=True)
        return [_clean(template.format(**dict(zip(used, row, strict=True)))) for row in cells]


def _clean(text: str) -> str:
    """No space around, and no NUL, which PostgreSQL cannot keep."""
    return text.replace("\x00", "").strip()


def _values(source: Columns, row: NDArray[np.int64], zone: ZoneInfo, file_id: str) -> Parsed:
    mapping = source.mapping
    words = {name: source.texts(name) for name in ("class", "state", "created", "closed")}
    if source.has("external_id"):
        external_id = source.texts("external_id")
    else:
        external_id = [f"{file_id}:{number}" for number in row.tolist()]
    raw_x, raw_y = (_numbers(source.texts(name)) for name in ("longitude", "latitude"))
    lon, lat = _in_wgs84(mapping, raw_x, raw_y)
    zone = mapping.time_zone or zone
    created, closed = (
        moments(words[name], mapping.formats.get(name), zone) for name in ("created", "closed")
    )
    return Parsed(
        row=row,
        external_id=external_id,
        created=created,
        closed=closed,
        raw_x=raw_x,
        raw_y=raw_y,
        lon=lon,
        lat=lat,
        condition=[mapping.conditions.get(w, mapping.other_condition) for w in words["class"]],
        state=[mapping.states.get(w, mapping.other_state) for w in words["state"]],
        words=words,
        description=source.filled(mapping.texts.get("description")),
        address=source.filled(mapping.texts.get("address")),
        cells=source.rows,
        rejects=[],
    )


def _numbers(texts: Texts) -> Floats:
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce")
    return numbers.to_numpy(np.float64)


def _in_wgs84(mapping: CaseMapping, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if mapping.crs is not None:
        turn = Transformer.from_crs(mapping.crs, WGS84, always_xy=True).transform
        lon, lat = turn(x, y)
        return np.asarray(lon), np.asarray(lat)
    place = valid_lonlat(x, y)
    lon, lat = to_wgs84(np.where(place, x, np.nan), np.where(place, y, np.nan), mapping.datum)
    return np.where(place, lon, x), np.where(place, lat, y)


def moments(texts: Texts, form: str | None, zone: ZoneInfo) -> Moments:
    """Times in UTC; NaT for what is empty or cannot be read.

    Without an offset they are read in `zone`: an hour that comes twice in autumn is the first, one
    that does not exist in spring is moved to the next moment that does.
    """
    given = pd.Series(texts, dtype=object)
    result = np.full(len(texts), np.datetime64("NaT", "us"))
    stated = given.str.contains(_OFFSET, regex=True).to_numpy(bool)
    if (~stated).any():
        naive = pd.DatetimeIndex(_read(given[~stated], form, utc=False))
        local = naive.tz_localize(
            zone, ambiguous=np.ones(len(naive), bool), nonexistent="shift_forward"
        )
        result[~stated] = _utc(local)
    if stated.any():
        result[stated] = _utc(pd.DatetimeIndex(_read(given[stated], form, utc=True)))
    return result


def _read(texts: Any, form: str | None, *, utc: bool) -> Any:
    """By the stated form, else as ISO 8601, as cells of a workbook are."""
    iso = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=utc) if not form else None
    if form is None:
        return iso
    read = pd.to_datetime(texts, format=form, errors="coerce", utc=utc)
    rest = read.isna() & (texts != "")
    if rest.any():
        read[rest] = pd.to_datetime(texts[rest], format="ISO8601", errors="coerce", utc=utc)
    return read


def _utc(index: pd.DatetimeIndex) -> Moments:
    return index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")


def _reasons(source: Columns, parsed: Parsed, now: datetime) -> list[Reject | None]:
    """The first reason that speaks against each row."""
    x, y = parsed.raw_x, parsed.raw_y
    has_x, has_y = (_given(source.texts(name)) for name in ("longitude", "latitude"))
    given, nowhere = has_x & has_y, ~has_x & ~has_y
    latest = np.datetime64((now + timedelta(days=1)).replace(tzinfo=None), "us")
    finite = np.isfinite(x) & np.isfinite(y)
    place = valid_lonlat(parsed.lon, parsed.lat)
    checks: list[tuple[Reject, Callable[[], Bools]]] = [
        (Reject.NO_ID, lambda: ~_given(parsed.external_id)),
        (Reject.TIME, lambda: np.isnat(parsed.created)),
        (Reject.TIME_RANGE, lambda: (parsed.created < EARLIEST) | (parsed.created > latest)),
        (Reject.NO_PLACE, lambda: nowhere & source.mapping.reject_without_location),
        (Reject.NOT_A_NUMBER, lambda: ~nowhere & (~given | np.isnan(x) | np.isnan(y))),
        (Reject.NOT_FINITE, lambda: given & ~finite),
        (Reject.ZERO, lambda: given & (x == 0) & (y == 0)),
        (Reject.SWAPPED, lambda: given & ~place & valid_lonlat(y, x)),
        (Reject.PROJECTED, lambda: given & ~place & (np.maximum(np.abs(x), np.abs(y)) > 1000)),
        (Reject.OUT_OF_RANGE, lambda: given & ~place),
    ]
    reasons: list[Reject | None] = [None] * len(parsed)
    for reason, holds in reversed(checks):
        for i in np.flatnonzero(holds()).tolist():
            reasons[i] = reason
    # A row is a repeat only of one that comes in: the first good one of an id does.
    good = [i for i, reason in enumerate(reasons) if reason is None]
    ids = pd.Series([parsed.external_id[i] for i in good], dtype=object)
    for repeated in np.flatnonzero(ids.duplicated()).tolist():
        reasons[good[repeated]] = Reject.TWICE
    return reasons


def _given(texts: Texts) -> Bools:
    return np.array([text != "" for text in texts], bool)
