"""The two clocks of a case: the handling limit, which can stand, and the limit of each stage.

The handling clock begins with the dispatch to a department. It stands while the case lies with
others (returned, answered, checked, suspended) and runs on with what was left; a case that was
late when it stopped stays late.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, State
from webapp.standards.rules import WorkClock

Limit = tuple[int, str]


class HandlingLimit(Protocol):
    """What the handling clock is read from: a case, or `Recount`."""

    limit_amount: Any
    limit_unit: Any
    warn_at: Any
    due_at: Any
    due_provisional: Any
    clock_stopped_at: Any


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


def arrived(case: dict[str, Any], clock: WorkClock, settings: dict[str, Any]) -> dict[str, Any]:
    """The columns of the first stage of a case that is reported; `case` has its handling limit."""
    now = case["reported_at"]
    columns = stage(State.REPORTED, now, clock, settings)
    look = min(columns["stage_warn_at"], case["warn_at"])
    return {"changed_at": now, "next_alert_at": look, **columns}


def begun(case: HandlingLimit, now: datetime, clock: WorkClock) -> dict[str, Any]:
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


def resumed(case: HandlingLimit, now: datetime, clock: WorkClock) -> dict[str, Any]:
    """The handling clock runs on: what was left when it stopped is left now."""
    since = case.clock_stopped_at
    if since is None:
        return {}
    unit = case.limit_unit
    moved = {
        name: clock.after(now, clock.running(since, at, unit), unit)
        for name, at in (("warn_at", case.warn_at), ("due_at", case.due_at))
        if at > since
    }
    guessed = "due_at" in moved and clock.guesses(now, moved["due_at"], unit)
    provisional = {"due_provisional": True} if guessed else {}
    return {"clock_stopped_at": None, **moved, **provisional}


def extended(case: HandlingLimit, clock: WorkClock) -> dict[str, Any]:
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


def next_alert(
    facts: dict[str, Any], promised: Iterable[datetime | None], now: datetime
) -> datetime:
    """When the sweep has to look at the case: at the next threshold, or at once if all passed.

    What was `promised` before is kept, such as a look for a report-in: the sweep, which reads all
    that stands beside the case, alone puts it off. A look too early finds nothing.
    """
    moments = [facts["stage_warn_at"], facts["stage_due_at"], facts["suspended_until"]]
    if facts["clock_stopped_at"] is None:
        moments += [facts["warn_at"], facts["due_at"]]
    ahead = min((m for m in moments if m is not None and m > now), default=now)
    return min([ahead, *(m for m in promised if m is not None)])


def after_all(case: Case, now: datetime) -> datetime:
    """A moment later than all that has happened, also when the clock was set back."""
    last = case.changed_at or case.created_at
    return max(now, last + timedelta(microseconds=1))


@dataclass
class Recount:
    """The handling clock of a case, run again over its events with the calendar as it is now."""

    limit_amount: int
    limit_unit: str
    warn_at: datetime
    due_at: datetime
    due_provisional: bool
    clock_stopped_at: datetime | None


def recounted(case: Case, events: Iterable[CaseEvent], clock: WorkClock) -> Recount:
    """The clock as it would stand had the calendar been known; `events` in their order."""
    limit = clock.deadline(case.reported_at, case.limit_amount, case.limit_unit)
    now = before = Recount(case.limit_amount, case.limit_unit, limit.warn_at, limit.due_at,
                           limit.provisional, None)  # fmt: skip
    for event in events:
        stopped_at = event.detail.get("set", {}).get("clock_stopped_at", "")
        match event.action:
            case Action.DISPATCH:
                before, anew = now, event.detail["clock_anew"]
                now = replace(now, **(begun if anew else resumed)(now, event.at, clock))
            case Action.UNDO_DISPATCH:
                now = before
            case Action.RECLASS:
                now = replace(now, **begun(now, case.reported_at, clock))
            case Action.GRANT_EXTENSION:
                now = replace(now, **extended(now, clock))
            case _ if stopped_at:
                now = replace(now, clock_stopped_at=datetime.fromisoformat(stopped_at))
            case _ if stopped_at is None:
                now = replace(now, **resumed(now, event.at, clock))
    return now
