"""My week: what somebody reported, verified, checked and mended, day by day, and what became
of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, State
from webapp.people.models import Person
from webapp.standards.models import CaseClass, Condition

DONE = (
    Action.REPORTED, Action.SELF_HANDLE, Action.VERIFY, Action.PASS_CHECK, Action.FAIL_CHECK,
    Action.OPEN,
)  # fmt: skip
MOST_CASES = 200
DAYS = 7
FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass(frozen=True)
class Week:
    """Counts by day and by what was done, and the cases it was done to."""

    monday: date
    counts: dict[tuple[date, Action], int]
    outcomes: dict[State, int]  # of what was reported in this week
    cases: list[Any]

    @property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=n) for n in range(DAYS)]

    def of_day(self, day: date, action: Action) -> int:
        return self.counts.get((day, action), 0)

    def total(self, action: Action) -> int:
        return sum(n for (_day, done), n in self.counts.items() if done is action)


def monday_of(person: Person, asked: str, now: datetime) -> date:
    """The Monday of the week that the address asks for; of the present one for what is no day."""
    today = now.astimezone(ZoneInfo(person.office.time_zone)).date()
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        day = today
    return day - timedelta(days=day.weekday())


def week_of(session: Session, person: Person, monday: date) -> Week:
    zone = ZoneInfo(person.office.time_zone)
    begin = datetime.combine(monday, time(), zone)
    own = (
        CaseEvent.actor_id == person.id,
        CaseEvent.at >= begin,
        CaseEvent.at < datetime.combine(monday + timedelta(days=DAYS), time(), zone),
        CaseEvent.action.in_(DONE),
    )
    done = session.execute(
        select(CaseEvent.at, CaseEvent.action, CaseEvent.case_id).where(*own)
    ).all()
    counts = Counter((at.astimezone(zone).date(), action) for at, action, _case in done)
    reported = {case_id for _at, action, case_id in done if action is Action.REPORTED}
    cases = _cases(session, own)
    return Week(
        monday=monday,
        counts=dict(counts),
        outcomes=dict(Counter(row.state for row in cases if row.id in reported)),
        cases=cases,
    )


def _cases(session: Session, own: Any) -> list[Any]:
    """The cases that were touched, the last touched first, as they are now."""
    last = func.max(CaseEvent.at).label("last")
    touched = (
        select(CaseEvent.case_id, last).where(*own).group_by(CaseEvent.case_id)
        .order_by(last.desc()).limit(MOST_CASES).subquery()
    )  # fmt: skip
    facts = (
        select(
            Case.id, Case.number, Case.state, Case.address, Case.description, touched.c.last,
            CaseClass.name_zh, CaseClass.name_en,
        )
        .join(touched, touched.c.case_id == Case.id)
        .join(Condition, Condition.id == Case.condition_id)
        .join(CaseClass, CaseClass.id == Condition.class_id)
        .order_by(touched.c.last.desc(), Case.id)
    )  # fmt: skip
    return list(session.execute(facts).all())
