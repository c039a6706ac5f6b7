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
