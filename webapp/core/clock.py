"""The one place that asks what time it is; services are given `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
