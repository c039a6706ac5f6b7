"""Verbs of notices. They take the session and `now`, and never commit."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from webapp.cases.models import Case, CaseEvent, Reporter
from webapp.cases.notices.audiences import people_of
from webapp.cases.notices.models import Notice, NoticeChoice
from webapp.cases.notices.rules import (
    ENDORSED_AT_ONCE,
    HEARS,
    HELD_BACK,
    RESIDENTS,
    WITH_THE_MERGED,
    Telling,
    event_occasion,
    key_of,
    resident_key,
)
from webapp.cases.notices.vocabulary import STAFF_KINDS, NoticeKind
from webapp.cases.vocabulary import Action, RequestState
from webapp.core.ids import new_id
from webapp.core.waking import call_after_commit
from webapp.people.models import Person


def announce(session: Session, case: Case, event: CaseEvent, now: datetime) -> None:
    """Tell of a step those whom it concerns, in its own commit; never who took it."""
    if event.action is Action.UNDO_DISPATCH:
        _take_back(session, case, event)
        return
    occasion = event_occasion(event.id)
    rows: list[dict[str, Any]] = []
    if telling := _telling(event):
        people = people_of(session, case, telling.audiences, event.detail)
        rows = [
            _row(telling.kind, now, event, case.id, key=key_of(occasion, person), person_id=person)
            for person in sorted(people - {event.actor_id})
        ]
    if kind := RESIDENTS.get(event.action):
        rows += [
            _row(kind, now, event, reported, key=resident_key(occasion, reported), person_id=None)
            for reported in _reports_with_address(session, case, kind)
        ]
    if rows:
        session.execute(insert(Notice), rows)
        call_after_commit(session)


def _telling(event: CaseEvent) -> Telling | None:
    asked = event.detail.get("rows", ())
    if event.action is Action.ASK_EXTENSION and any(
        row.get("set", {}).get("state") == RequestState.ENDORSED for row in asked
    ):
        return ENDORSED_AT_ONCE
    return HEARS.get(event.action)


def _row(
    kind: NoticeKind, now: datetime, event: CaseEvent, case_id: int, **whom: Any
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case_id,
        "event_id": event.id,
        "kind": kind,
        "at": now,
        "visible_at": now + HELD_BACK.get(event.action, timedelta()),
        "data": {},
        **whom,
    }


def _reports_with_address(session: Session, case: Case, kind: NoticeKind) -> list[int]:
    """The cases whose reporters left an e-mail address: this one, and those merged into it."""
    cases = select(Case.id).where(Case.id == case.id).cte("told", recursive=True)
    if kind in WITH_THE_MERGED:
        cases = cases.union(select(Case.id).where(Case.merged_into_id == cases.c.id))
    with_address = (
        select(Reporter.case_id)
        .join(cases, cases.c.id == Reporter.case_id)
        .where(Reporter.person_id.is_(None), Reporter.contact.contains("@"))
        .order_by(Reporter.case_id)
    )
    return list(session.scalars(with_address))


def _take_back(session: Session, case: Case, event: CaseEvent) -> None:
    """A dispatch that was undone at once is told to nobody."""
    dispatches = (
        select(CaseEvent.id)
        .where(CaseEvent.case_id == case.id, CaseEvent.action == Action.DISPATCH)
        .where(CaseEvent.at <= event.at)
        .order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
        .limit(1)
    )
    undone = session.scalar(dispatches)
    session.execute(delete(Notice).where(Notice.event_id == undone, Notice.spread_at.is_(None)))


def mark_read(session: Session, person: Person, now: datetime, ids: Iterable[int] | None) -> int:
    """Mark these notices of a person as read, or all that can be seen now; answers how many."""
    mine = [Notice.person_id == person.id, Notice.read_at.is_(None)]
    mine.append(Notice.visible_at <= now if ids is None else Notice.id.in_(list(ids)))
    done = session.execute(update(Notice).where(*mine).values(read_at=now))
    return int(done.rowcount)  # type: ignore[attr-defined]


def choose(
    session: Session, person: Person, mail: Iterable[str], robot: Iterable[str]
) -> NoticeChoice:
    """What a person wants to have outside the inbox."""
    known = [kind.value for kind in STAFF_KINDS]
    choice = session.get(NoticeChoice, person.id)
    if choice is None:
        choice = NoticeChoice(person_id=person.id)
        session.add(choice)
    wished_mail, wished_robot = set(mail), set(robot)
    choice.mail = [kind for kind in known if kind in wished_mail]
    choice.robot = [kind for kind in known if kind in wished_robot]
    return choice
