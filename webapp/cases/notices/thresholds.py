"""The moments at which somebody is told of a case that stands: its limits, and what is owed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from webapp.cases.life.clocks import STAGES
from webapp.cases.life.models import Participant, Supervision
from webapp.cases.models import FINAL_STATES, Case
from webapp.cases.notices.rules import STAGE_AUDIENCES, Audience
from webapp.cases.notices.vocabulary import NoticeKind
from webapp.cases.vocabulary import State
from webapp.standards.rules import LIMITS, WorkClock

LEADER_TOLD_AT_PERCENT = 150
"""Of the limit; what an office has not set itself, under this name in its settings."""


@dataclass(frozen=True)
class Threshold:
    """One such moment, whom it concerns, and what the notice says besides."""

    at: datetime
    kind: NoticeKind
    audiences: tuple[Audience, ...]
    data: dict[str, Any] = field(default_factory=dict)
    of: str = ""  # which one, where there are several of a kind
    until: datetime | None = None  # when a harder one says more to the same people

    def has_come(self, now: datetime) -> bool:
        return self.at <= now and (self.until is None or now < self.until)

    @property
    def what(self) -> str:
        return f"{self.kind.value}{self.of}"


def thresholds(
    case: Case,
    owing: list[Participant],
    supervision: Supervision | None,
    clock: WorkClock,
    settings: dict[str, Any],
) -> Iterator[Threshold]:
    """All of a case as it stands now, passed or to come; `owing` have not reported in."""
    if case.state in FINAL_STATES:
        return
    if case.clock_stopped_at is None and case.state in (State.DISPATCHED, State.HANDLING):
        yield from _of_the_limit(case, clock, settings)
    yield from _of_the_stage(case)
    for row in owing:
        if row.report_in_by is not None:
            data = {"department_id": row.department_id}
            yield Threshold(
                row.report_in_by, NoticeKind.REPORT_IN_MISSED, (Audience.DISPATCHERS,), data,
                f":{row.id}",
            )  # fmt: skip
    if supervision is not None and supervision.replied_at is None:
        kind = NoticeKind.REPLY_OVERDUE
        told = {"rows": [{"id": supervision.id}]}
        yield Threshold(
            supervision.reply_by, kind, (Audience.SUPERVISOR,), told, f":{supervision.id}"
        )


def _of_the_limit(case: Case, clock: WorkClock, settings: dict[str, Any]) -> Iterator[Threshold]:
    """Yellow warns who handles it, red tells those above, and much later the leader hears."""
    yield Threshold(case.warn_at, NoticeKind.DUE_SOON, (Audience.HANDLERS,))
    above = (Audience.LEAD_HEADS, Audience.DISPATCHERS)
    yield Threshold(case.due_at, NoticeKind.OVERDUE, above)
    late = long_overdue_at(case, clock, settings)
    yield Threshold(late, NoticeKind.LONG_OVERDUE, (Audience.LEADERS,))


def long_overdue_at(case: Case, clock: WorkClock, settings: dict[str, Any]) -> datetime:
    percent = settings.get("leader_told_at_percent", LEADER_TOLD_AT_PERCENT)
    limit = timedelta(microseconds=case.limit_amount * LIMITS[case.limit_unit].microseconds)
    return clock.after(case.due_at, limit * (percent - 100) // 100, case.limit_unit)


def _of_the_stage(case: Case) -> Iterator[Threshold]:
    name = STAGES.get(case.state)
    if name is None or case.stage_warn_at is None or case.stage_due_at is None:
        return
    audiences, data = STAGE_AUDIENCES[name], {"stage": name}
    soon, due = NoticeKind.STAGE_DUE_SOON, case.stage_due_at
    yield Threshold(case.stage_warn_at, soon, audiences, data, until=due)
    yield Threshold(case.stage_due_at, NoticeKind.STAGE_OVERDUE, audiences, data)
