"""What an address of the ledger says: which cases, in which order, which columns, which page."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp.cases.ledger.columns import BY_KEY, SHOWN, SORTABLE, Column, chosen
from webapp.cases.listing import ALL, one_of
from webapp.core.errors import BadInput
from webapp.desks.map.filters import MapFilters, read_filters

FILTERS = ("state", "group", "community", "department", "lamp", "since", "until")
NEWEST_FIRST = "-reported"
_SPLIT = "~"


@dataclass(frozen=True)
class Order:
    """By which column, and whether the latest come first; what has no value comes last."""

    column: Column
    descending: bool

    @property
    def text(self) -> str:
        return f"{'-' if self.descending else ''}{self.column.key}"


@dataclass(frozen=True)
class Place:
    """A case on the way through the ledger: its key in the order, its id, its serial number."""

    value: Any  # None where the case has none
    case_id: int
    serial: int

    @property
    def text(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return _SPLIT.join(("" if value is None else str(value), str(self.case_id),
                            str(self.serial)))  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The whole address, read."""

    filters: MapFilters
    order: Order
    columns: tuple[Column, ...]
    after: Place | None = None
    before: Place | None = None
    query: dict[str, str] = field(default_factory=dict)  # all of it that is not the page


def read_address(args: MultiDict[str, str]) -> Asked:
    """Raises BadInput in words for what none of it can be."""
    joined = {name: ",".join(args.getlist(name)) for name in args}
    filters = {name: joined[name] for name in FILTERS if joined.get(name)}
    order = read_order(joined.get("sort") or NEWEST_FIRST)
    keys = [key for key in joined.get("columns", "").split(",") if key]
    columns = chosen({*keys, "number"}) if keys else SHOWN
    query = dict(filters)
    if order.text != NEWEST_FIRST:
        query["sort"] = order.text
    if columns != SHOWN:
        query["columns"] = ",".join(column.key for column in columns)
    return Asked(
        read_filters({"state": ALL, **filters}),
        order,
        columns,
        read_place(order, joined.get("after", "")),
        read_place(order, joined.get("before", "")),
        query,
    )


def read_order(given: str) -> Order:
    allowed = [f"{sign}{column.key}" for column in SORTABLE for sign in ("", "-")]
    one_of("sort", given, tuple(allowed))
    return Order(BY_KEY[given.lstrip("-")], given.startswith("-"))


def read_place(order: Order, given: str) -> Place | None:
    if not given:
        return None
    try:
        value, case_id, serial = given.rsplit(_SPLIT, 2)
        key: Any = value or None
        if key and order.column.kind.value == "moment":
            key = datetime.fromisoformat(value)
            key.astimezone()  # raises for one without years around it
        return Place(key, int(case_id), int(serial))
    except (ValueError, OverflowError):
        raise BadInput(
            "page", _('"%(given)s" is no page of the ledger. Begin again.', given=given[:80])
        ) from None
