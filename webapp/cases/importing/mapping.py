"""What a file of cases means: which column is what, read from a TOML file.

```toml
source = "la311"                     # names the source; with the external id it is unique
encoding = "utf-8"                   # of CSV files; default utf-8
time_zone = "America/Los_Angeles"    # of times that do not name theirs; default the office's
datum = "wgs84"                      # of the coordinates; default wgs84
crs = "EPSG:4544"                    # instead, if they are metres of a projected CRS
without_location = "unplaced"        # or "reject"

[columns]                            # only `created` must be there
external_id = "SRNumber"
class = "RequestType"
state = "Status"
created = "CreatedDate"
closed = "ClosedDate"
longitude = "Longitude"
latitude = "Latitude"

[text]                               # columns in braces; both optional
description = "{RequestType} ({RequestSource})"
address = "{Address}"

[times]                              # as strptime reads them; default ISO 8601
created = "%m/%d/%Y %I:%M:%S %p"
closed = "%m/%d/%Y %I:%M:%S %p"

[classes]
other = "E99-999.1"                  # the condition of class words that are not listed
values = { "Bulky Items" = "E01-035.1" }
codes = true                         # words that are condition codes of ours mean themselves

[states]
other = "reported"                   # the state of state words that are not listed
values = { "Closed" = "closed" }
codes = true                         # words that are states of ours mean themselves
```
"""

import codecs
import hashlib
import string
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext as _
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.coordinates import Datum
from webapp.cases.vocabulary import State
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

COLUMNS = ("external_id", "class", "state", "created", "closed", "longitude", "latitude")
TEXTS = ("description", "address")
TIMES = ("created", "closed")
WITHOUT_LOCATION = ("unplaced", "reject")
_TABLES: dict[str, tuple[str, ...]] = {
    "columns": COLUMNS,
    "text": TEXTS,
    "times": TIMES,
    "classes": ("other", "values", "codes"),
    "states": ("other", "values", "codes"),
}
_NAMES = ("source", "encoding", "time_zone", "datum", "crs", "without_location", *_TABLES)


@dataclass(frozen=True)
class CaseMapping:
    """One mapping, checked in itself; `sha256` is that of its text."""

    source: str
    sha256: str
    columns: Mapping[str, str]
    other_condition: str
    conditions: Mapping[str, str] = field(default_factory=dict)  # class word -> condition code
    other_state: State = State.REPORTED
    states: Mapping[str, State] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # templates
    formats: Mapping[str, str] = field(default_factory=dict)  # of times
    encoding: str = "utf-8"
    time_zone: ZoneInfo | None = None
    datum: Datum = Datum.WGS84
    crs: CRS | None = None
    reject_without_location: bool = False
    class_codes: bool = False

    def wanted_columns(self) -> set[str]:
        """Every column that the mapping speaks of."""
        in_texts = (names_in(template) for template in self.texts.values())
        return set(self.columns.values()).union(*in_texts)

    def knowing(self, codes: Collection[str]) -> "CaseMapping":
        """The same for an office with these condition codes, see `codes` in [classes]."""
        if not self.class_codes:
            return self
        own = {code: code for code in codes}
        return replace(self, conditions={**own, **self.conditions})

    def condition_codes(self) -> set[str]:
        return {self.other_condition, *self.conditions.values()}


def read_mapping(content: bytes) -> CaseMapping:
    """Read and check a mapping; `BadInput` says which entry is wrong and what is allowed."""
    try:
        given = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _refuse(_("The mapping is not a TOML file in UTF-8: %(error)s.", error=error))
    _check_names(given)
    columns = given["columns"]
    classes, states = given.get("classes", {}), given.get("states", {})
    if not isinstance(classes.get("other"), str):
        _refuse(_("The mapping must name the condition of other cases: [classes] other = code."))
    return CaseMapping(
        source=_source(given),
        sha256=hashlib.sha256(content).hexdigest(),
        columns=columns,
        other_condition=classes["other"],
        conditions=_words("classes", classes),
        other_state=_state(states.get("other", "reported")),
        class_codes=classes.get("codes", False),
        states=_states(states),
        texts=given.get("text", {}),
        formats=given.get("times", {}),
        encoding=_encoding(given.get("encoding", "utf-8")),
        time_zone=_zone(given.get("time_zone")),
        datum=Datum(_one_of("datum", given.get("datum", "wgs84"), [d.value for d in Datum])),
        crs=_crs(given.get("crs")),
        reject_without_location=_without_location(given) == "reject",
    )


def names_in(template: str) -> set[str]:
    """The columns that a template speaks of."""
    return {name for _text, name, *_rest in string.Formatter().parse(template) if name}


def _check_names(given: dict[str, Any]) -> None:
    _only("the mapping", given, _NAMES)
    for table, names in _TABLES.items():
        entries = given.get(table, {})
        if not isinstance(entries, dict):
            _refuse(_("The mapping's %(table)s must be a table: [%(table)s].", table=table))
        _only(f"[{table}]", entries, names)
        for name, value in entries.items():
            if name == "codes" and not isinstance(value, bool):
                _refuse(_("[%(table)s] codes must be true or false.", table=table))
            if name not in {"values", "codes"} and not isinstance(value, str):
                _refuse(_("[%(table)s] %(name)s must be text in quotes.", table=table, name=name))
    columns = given.get("columns", {})
    if "created" not in columns:
        _refuse(_("The mapping must say which column holds the time: [columns] created = name."))
    if ("longitude" in columns) != ("latitude" in columns):
        _refuse(_("[columns] needs both longitude and latitude, or neither."))
    for template in given.get("text", {}).values():
        try:
            names_in(template)
        except ValueError as error:
            _refuse(
                _(
                    "The text %(template)s cannot be read: %(error)s.",
                    template=template,
                    error=error,
                )
            )


def _only(where: str, given: Collection[str], allowed: Collection[str]) -> None:
    if unknown := sorted(set(given) - set(allowed)):
        _refuse(
            _(
                "%(where)s has %(unknown)s; allowed are %(allowed)s.",
                where=where,
                unknown=listed(unknown),
                allowed=listed(allowed),
            )
        )


def _source(given: dict[str, Any]) -> str:
    source = given.get("source")
    if not isinstance(source, str) or not source.strip():
        _refuse(_('The mapping must name its source, such as source = "la311".'))
    return source.strip()


def _without_location(given: dict[str, Any]) -> str:
    chosen = given.get("without_location", "unplaced")
    return _one_of("without_location", chosen, WITHOUT_LOCATION)


def _words(table: str, entries: dict[str, Any]) -> dict[str, str]:
    values = entries.get("values", {})
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        _refuse(_("[%(table)s.values] must have a code in quotes for each word.", table=table))
    return values


def _states(entries: dict[str, Any]) -> dict[str, State]:
    own = {state.value: state for state in State} if entries.get("codes") else {}
    return {**own, **{word: _state(value) for word, value in _words("states", entries).items()}}


def _state(value: str) -> State:
    return State(_one_of("states", value, [state.value for state in State]))


def _one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    if value not in allowed:
        _refuse(
            _(
                "The mapping's %(name)s has %(value)s; allowed are %(allowed)s.",
                name=name,
                value=value,
                allowed=listed(allowed),
            )
        )
    return str(value)


def _encoding(name: Any) -> str:
    try:
        return codecs.lookup(str(name)).name
    except LookupError:
        _refuse(
            _("The encoding %(name)s is not known; usual are utf-8, gbk and gb18030.", name=name)
        )


def _zone(name: Any) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        _refuse(_("The time zone %(name)s is not known; write it as Asia/Shanghai.", name=name))


def _crs(name: Any) -> CRS | None:
    try:
        return None if name is None else CRS.from_user_input(name)
    except CRSError:
        _refuse(_("The CRS %(name)s is not known; write it as EPSG:4544.", name=name))


def _refuse(message: str) -> NoReturn:
    raise BadInput("mapping", message)
