"""Values of columns as an event keeps them, and back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.core.database import Base, EnumText, UtcDateTime

STARTS = (
    "condition_id",
    "limit_amount",
    "limit_unit",
    "warn_at",
    "due_at",
    "due_provisional",
    "routing_decision_id",
    "lead_department_id",
    "leader_id",
    "changed_at",
    "stage_since",
    "stage_warn_at",
    "stage_due_at",
)
"""The columns of a life with which a report begins; its first event keeps them."""


def encoded(values: dict[str, Any]) -> dict[str, Any]:
    """Moments as ISO text, enums by value; all else is JSON already."""
    return {name: _plain(value) for name, value in values.items()}


def kept(values: dict[str, Any], note: str) -> dict[str, Any]:
    """What an event keeps of new values: `set`, and in `noted` the names of those columns whose
    value is the event's own note, so that a text of many pages is there once."""
    noted = [
        name for name, value in values.items() if note and type(value) is str and value == note
    ]
    rest = {name: value for name, value in values.items() if name not in noted}
    return {"set": encoded(rest), **({"noted": noted} if noted else {})}


def restored(model: type[Base], detail: dict[str, Any], note: str) -> dict[str, Any]:
    """What `kept` kept of columns of `model`; events from before it have all of it in `set`."""
    values = {**detail.get("set", {}), **dict.fromkeys(detail.get("noted", ()), note)}
    return decoded(model, values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def decoded(model: type[Base], values: dict[str, Any]) -> dict[str, Any]:
    """What `encoded` kept of columns of `model`."""
    columns = model.__table__.c
    return {name: _typed(columns[name].type, value) for name, value in values.items()}


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return kind.members(value) if isinstance(kind, EnumText) else value
