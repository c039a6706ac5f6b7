"""The two clocks of a case: the handling limit, which can stand, and the limit of each stage.

The handling clock begins with the dispatch to a department. It stands while the case lies with
others (returned, answered, checked, suspended) and runs on with what was left; a case that was
late when it stopped stays late.
"""

from datetime import datetime
from typing import Any

from webapp.cases.models import Case
from webapp.cases.vocabulary import State
from webapp.standards.rules import WorkClock

Limit = tuple[int, str]

STAGES: dict[State, str] = {
    State.REPORTED: "accept",
    State.VERIFYING: "verify",
    State.OPENED: "dispatch",
    State.RETURNED: "dispatch",
    State.REOPENED: "dispatch",
    State.DISPATCHED: "take",
    State.ANSWERED: "ask_check",
    State.CHECKING: "check",
}
"""Which limit an office sets for the time in a state; none where the handling limit alone runs."""

STAGE_LIMITS: dict[str, Limit] = {
    "accept": (2, "work_hour"),
    "verify": (4, "work_hour"),
    "dispatch": (2, "work_hour"),
    "take": (2, "work_hour"),
    "ask_check": (2, "work_hour"),
    "check": (1, "work_day"),
}
"""What an office has not set itself, under `stage_limits` in its settings."""


def stage(
    state: State, now: datetime, clock: WorkClock, settings: dict[str, Any]
) -> dict[str, Any]:
    """The columns of a stage that begins now."""
    name = STAGES.get(state)
    if name is None:
        return {"stage_since": now, "stage_warn_at": None, "stage_due_at": None}
    amount, unit = settings.get("stage_limits", {}).get(name, STAGE_LIMITS[name])
    limit = clock.deadline(now, amount, unit)
    return {"stage_since": now, "stage_warn_at": limit.warn_at, "stage_due_at": limit.due_at}


def begun(case: Case, now: datetime, clock: WorkClock) -> dict[str, Any]:
    """The handling clock begins anew, with the limit that was applied to the case."""
    limit = clock.deadline(now, case.limit_amount, case.limit_unit)
    return {
        "due_at": limit.due_at,
        "warn_at": limit.warn_at,
        "due_provisional": limit.provisional,
        "clock_stopped_at": None,
    }


def stopped(case: Case, now: datetime) -> dict[str, Any]:
    """The handling clock stands; one that stands already stands since then."""
    return {"clock_stopped_at": case.clock_stopped_at or now}


def resumed(case: Case, now: datetime, clock: WorkClock) -> dict[str, Any]:
    """The handling clock runs on: what was left when it stopped is left now."""
    since = case.clock_stopped_at
    if since is None:
        return {}
    moved = {
        name: clock.after(now, clock.running(since, at, case.limit_unit), case.limit_unit)
        for name, at in (("warn_at", case.warn_at), ("due_at", case.due_at))
        if at > since
    }
    return {"clock_stopped_at": None, **moved}


def extended(case: Case, clock: WorkClock) -> dict[str, Any]:
    """One original limit more, counted from the present deadline."""
    limit = clock.deadline(case.due_at, case.limit_amount, case.limit_unit)
    return {
        "due_at": limit.due_at,
        "warn_at": limit.warn_at,
        "due_provisional": case.due_provisional or limit.provisional,
    }


def late_us(case: Case, now: datetime, clock: WorkClock) -> int:
    """By how much the handling limit is exceeded at `now`, as the limit itself runs; 0: in time."""
    at = case.clock_stopped_at or now
    return int(clock.running(case.due_at, at, case.limit_unit).total_seconds() * 1_000_000)


def next_alert(facts: dict[str, Any], now: datetime) -> datetime:
    """When the sweep has to look at the case: at the next threshold, or at once if all passed."""
    moments = [facts["stage_warn_at"], facts["stage_due_at"]]
    if facts["clock_stopped_at"] is None:
        moments += [facts["warn_at"], facts["due_at"]]
    return min((m for m in moments if m is not None and m > now), default=now)
