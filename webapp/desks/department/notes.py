"""What a row of the department's desk says besides: who has it, and who has come to help."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.access import own_departments
from webapp.cases.life.models import CaseRequest, Participant
from webapp.cases.vocabulary import Part, RequestKind, RequestState
from webapp.cases.words import span_words
from webapp.core.i18n import show_moment
from webapp.desks.frame import Note
from webapp.desks.map.queries import View
from webapp.desks.scopes import person_of
from webapp.people.models import Crew, Person
from webapp.standards.service import office_standards

LONGEST_TASK = 60


def department_notes(
    session: Session, view: View, rows: Sequence[Any]
) -> Mapping[int, Sequence[Note]]:
    """Notes on the cases of a page, by their ids; each table is asked once."""
    notes: defaultdict[int, list[Note]] = defaultdict(list)
    _who_has_it(session, rows, notes)
    _who_was_called(session, view, rows, notes)
    _what_is_asked(session, rows, notes)
    return notes


def _who_has_it(session: Session, rows: Sequence[Any], notes: dict[int, list[Note]]) -> None:
    people = {row.assignee_id for row in rows} - {None}
    crews = {row.crew_id for row in rows} - {None}
    names: dict[Any, str] = {}
    if people:
        wanted = select(Person.id, Person.name).where(Person.id.in_(people))
        names |= {("person", row.id): row.name for row in session.execute(wanted)}
    if crews:
        wanted = select(Crew.id, Crew.name).where(Crew.id.in_(crews))
        names |= {("crew", row.id): row.name for row in session.execute(wanted)}
    for row in rows:
        for key in (("person", row.assignee_id), ("crew", row.crew_id)):
            if key in names:
                notes[row.id].append(Note(_("with %(name)s", name=names[key]), "info"))


def _who_was_called(
    session: Session, view: View, rows: Sequence[Any], notes: dict[int, list[Note]]
) -> None:
    joint = [row.id for row in rows if row.joint]
    if not joint:
        return
    called = select(Participant).where(
        Participant.case_id.in_(joint),
        Participant.part == Part.ASSISTING,
        Participant.called_off_at.is_(None),
    )
    own = set(own_departments(person_of(view)))
    names = office_standards(session, view.office).departments
    for participant in session.scalars(called.order_by(Participant.id)):
        name = names.get(participant.department_id, "")
        notes[participant.case_id].append(_came(participant, name, view.now))
        if participant.department_id in own and participant.finished_at is None:
            task = participant.task[:LONGEST_TASK]
            notes[participant.case_id].append(Note(_("your task: %(task)s", task=task), "info"))


def _came(called: Participant, department: str, now: datetime) -> Note:
    """How far a department is that was called; who does not come is visible by the minute."""
    if called.finished_at is not None:
        return Note(_("%(department)s has finished", department=department), "success")
    if called.reported_in_at is not None:
        return Note(_("%(department)s is there", department=department), "success")
    by = show_moment(called.report_in_by)
    if called.report_in_by is not None and called.report_in_by < now:
        span = span_words(now - called.report_in_by, office_time=False)
        words = _("%(department)s has not come, %(span)s late", department=department, span=span)
        return Note(words, "danger")
    return Note(_("%(department)s comes by %(when)s", department=department, when=by), "warning")


def _what_is_asked(session: Session, rows: Sequence[Any], notes: dict[int, list[Note]]) -> None:
    pending = select(CaseRequest.case_id, CaseRequest.state).where(
        CaseRequest.case_id.in_([row.id for row in rows]),
        CaseRequest.kind == RequestKind.EXTENSION,
        CaseRequest.state.in_((RequestState.ASKED, RequestState.ENDORSED)),
    )
    words = {
        RequestState.ASKED: _("extension asked: waits for the head"),
        RequestState.ENDORSED: _("extension asked: waits for the dispatcher"),
    }
    for case_id, state in session.execute(pending):
        notes[case_id].append(Note(words[state], "warning"))
