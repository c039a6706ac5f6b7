"""A pressed button becomes a step: the case is held, read anew, and the table asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from webapp.cases.access import may_see_case
from webapp.cases.life.scene import Given, actor_at
from webapp.cases.life.steps import take_step
from webapp.cases.models import Case, CaseEvent, CaseKey
from webapp.cases.queries import no_case
from webapp.cases.vocabulary import Action
from webapp.people.models import Person

_OF_NUMBER = (
    select(Case)
    .join(CaseKey)
    .where(CaseKey.number == bindparam("number"), Case.office_id == bindparam("office"))
    .options(joinedload(Case.area, innerjoin=True))
)
_HELD = _OF_NUMBER.with_for_update(of=Case).execution_options(populate_existing=True)
RECENT = 10  # of one's own events are looked through for a form that was sent twice


@dataclass(frozen=True)
class Press:
    """A button that was pressed, with what came from its form."""

    action: Action
    given: Given
    seen_version: int | None


def find_case(session: Session, person: Person, number: str) -> Case:
    """The case of that number; raises NotFound when this person may not know of it."""
    return _seen(person, session.scalar(_OF_NUMBER, _named(person, number)), number)


def case_held(session: Session, person: Person, number: str) -> Case:
    """The same as it is now, and nobody else changes it until the transaction ends."""
    return _seen(person, session.scalar(_HELD, _named(person, number)), number)


def _named(person: Person, number: str) -> dict[str, Any]:
    return {"number": number, "office": person.office_id}


def _seen(person: Person, case: Case | None, number: str) -> Case:
    if case is None or not may_see_case(person, case):
        raise no_case(number)
    return case


def press(session: Session, person: Person, case: Case, pressed: Press, now: datetime) -> CaseEvent:
    """Take the step; the same form again answers the event that it has made already."""
    if pressed.seen_version != case.version and (
        earlier := _made_by(session, person, case, pressed.given.form)
    ):
        return earlier
    actor = actor_at(session, person, case)
    return take_step(session, case, pressed.action, actor, now, pressed.given, pressed.seen_version)


def _made_by(session: Session, person: Person, case: Case, form: str) -> CaseEvent | None:
    if not form:
        return None
    own = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.actor_id == person.id)
    recent = session.scalars(own.order_by(CaseEvent.id.desc()).limit(RECENT))
    return next((event for event in recent if event.detail.get("form") == form), None)
