"""What must hold after the drill, each fault in one line."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tools.drill.people import Told
from webapp.cases.life.models import StageTimes
from webapp.cases.models import Case, CaseEvent, CaseKey, ImportRun
from webapp.cases.notices.audiences import people_of
from webapp.cases.notices.models import Delivery, Notice
from webapp.cases.notices.rules import HEARS, alert_occasion, key_of
from webapp.cases.notices.vocabulary import DeliveryState
from webapp.cases.vocabulary import ImportOutcome
from webapp.core.jobs import Job, JobState
from webapp.insight.counts.keeping import differences
from webapp.people.models import Office

Nudged = list[tuple[int, str, list[int]]]
"""Cases whose limit was let pass: id, moment, and who must hear of it."""


def faults(session: Session, told: Told, nudged: Nudged, mails: Counter[str]) -> Iterator[str]:
    yield from told.refused
    yield from _nothing_lost(session, told)
    yield from _nothing_half_done(session)
    yield from _notices(session, nudged)
    yield from _mails(session, mails)
    yield from _counts(session)


def _counts(session: Session) -> Iterator[str]:
    for office in session.scalars(select(Office)).all():
        if different := differences(session, office):
            yield f"{different} daily counts of {office.code} are not those of its cases"


def _nothing_lost(session: Session, told: Told) -> Iterator[str]:
    forms = set(session.scalars(select(CaseKey.submission_uuid)))
    for form in told.reports - forms:
        yield f"the report {form} was acknowledged and is lost"
    events = set(session.scalars(select(CaseEvent.id)))
    for event in told.steps - events:
        yield f"the step {event} was acknowledged and is lost"
    external = set(session.scalars(select(CaseKey.external_id)))
    for ids in told.imports:
        if missing := set(ids) - external:
            yield f"an import was acknowledged and lacks {len(missing)} of {len(ids)} cases"
    for error in session.scalars(select(Job.error).where(Job.state != JobState.DONE)):
        yield f"a job did not end well: {error}"


def _nothing_half_done(session: Session) -> Iterator[str]:
    yield from _imports(session)
    times = {row.case_id: row.state for row in session.scalars(select(StageTimes))}
    events: dict[int, list[CaseEvent]] = {}
    for event in session.scalars(select(CaseEvent).order_by(CaseEvent.at, CaseEvent.id)):
        events.setdefault(event.case_id, []).append(event)
    for case in session.scalars(select(Case)):
        own = events.get(case.id, [])
        if own:
            yield from _case(case, own, times.get(case.id, case.state))
        else:
            yield f"{case.number} has no event"


def _imports(session: Session) -> Iterator[str]:
    if session.scalar(select(func.count()).where(ImportRun.outcome != ImportOutcome.DONE)):
        yield "an import did not come to its end"
    for run in session.scalars(select(ImportRun)):
        if run.imported + run.rejected != run.total_rows:
            yield f"the import {run.id} says {run.imported} of {run.total_rows}"


def _case(case: Case, own: list[CaseEvent], state_of_times: str) -> Iterator[str]:
    if own[-1].to_state is not case.state:
        yield f"{case.number} is {case.state}, its last event says {own[-1].to_state}"
    if state_of_times != case.state:
        yield f"{case.number} is {case.state}, its times say {state_of_times}"
    if case.version != len(own):
        yield f"{case.number} has {len(own)} events and the version {case.version}"
    for earlier, later in pairwise(own):
        if later.from_state is not earlier.to_state:
            yield f"{case.number}: {later.action} does not follow {earlier.action}"


def _notices(session: Session, nudged: Nudged) -> Iterator[str]:
    found = Counter(session.scalars(select(Notice.key)))
    told: dict[int | None, set[int | None]] = {}
    for event_id, person in session.execute(
        select(Notice.event_id, Notice.person_id).where(Notice.person_id.is_not(None))
    ):
        told.setdefault(event_id, set()).add(person)
    for event in session.scalars(select(CaseEvent).options(joinedload(CaseEvent.case))):
        if telling := HEARS.get(event.action):
            wanted = people_of(session, event.case, telling.audiences, event.detail)
            if told.get(event.id, set()) != wanted - {event.actor_id}:
                yield f"{event.case.number} {event.action}: told {told.get(event.id)}, not {wanted}"
    for case_id, occasion, people in nudged:
        for person in people:
            if found[key_of(occasion, person)] != 1:
                yield f"{case_id}: told {found[key_of(occasion, person)]} times of {occasion}"


def _mails(session: Session, mails: Counter[str]) -> Iterator[str]:
    for state, error in session.execute(select(Delivery.state, Delivery.last_error)):
        if state is not DeliveryState.SENT:
            yield f"a mail is {state}: {error}"
    ids = set(session.scalars(select(Delivery.message_id)))
    for lost in ids - set(mails):
        yield f"the mail {lost} never came"
    for strange in set(mails) - ids:
        yield f"a mail came that is not ours: {strange}"


def overdue_occasion(case: Case) -> str:
    return alert_occasion(case.id, "overdue", case.due_at)
