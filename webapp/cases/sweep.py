"""The sweep: each minute the worker looks at the cases whose moment has come.

Whoever is concerned is told exactly once: a case's notices are written in the same commit that
puts off its next look, only by the one whose update of that look succeeded, and each under a unique
key. So two workers, or one that was killed and began again, tell nothing twice and forget nothing.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from webapp.cases.life.models import Participant, Supervision
from webapp.cases.life.scene import PROGRAM
from webapp.cases.life.steps import take_step
from webapp.cases.models import Case
from webapp.cases.notices.audiences import people_of
from webapp.cases.notices.models import Notice
from webapp.cases.notices.rules import alert_occasion, key_of
from webapp.cases.notices.thresholds import Threshold, thresholds
from webapp.cases.vocabulary import Action, Part, State
from webapp.core.database import begin_write
from webapp.core.errors import Conflict
from webapp.core.ids import new_id
from webapp.core.jobs import chore
from webapp.people.models import Office
from webapp.standards.service import office_standards

log = logging.getLogger(__name__)
BATCH = 50  # so many cases a commit: nobody waits long for the database
AGAIN = timedelta(minutes=5)


@dataclass
class Look:
    """What is to be done about one case: the notices to write, and when to look again."""

    case: Case
    notices: list[dict[str, Any]]
    next_at: datetime | None


@chore(every=timedelta(minutes=1))
def sweep(session: Session, now: datetime) -> None:
    """Resume what was suspended until now, then tell of the thresholds that have passed."""
    resume_suspended(session, now)
    failed: set[int] = set()
    while batch := _due(session, now, failed):
        looks = []
        beside = _Beside(session, batch)
        for case in batch:
            try:
                looks.append(_look(session, case, beside, now))
            except Exception:  # one that cannot be read must not keep the others waiting
                log.exception("case %s could not be swept", case.number)
                failed.add(case.id)
        _write(session, looks)
    session.rollback()  # nothing was written since the last commit


def _due(session: Session, now: datetime, failed: set[int]) -> list[Case]:
    cases = (
        select(Case)
        .options(joinedload(Case.area))
        .where(Case.next_alert_at <= now, Case.id.not_in(failed))
        .order_by(Case.next_alert_at)
        .limit(BATCH)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(cases))


class _Beside:
    """What stands beside the cases of a batch, read at once."""

    def __init__(self, session: Session, batch: list[Case]) -> None:
        self.session = session
        joint = [case.id for case in batch if case.joint]
        pressed = [case.id for case in batch if case.pressed is not None]
        self.owing = session.scalars(
            select(Participant).where(
                Participant.case_id.in_(joint),
                Participant.part == Part.ASSISTING,
                Participant.called_off_at.is_(None),
                Participant.reported_in_at.is_(None),
                Participant.finished_at.is_(None),
            )
        ).all()
        stand = Supervision.case_id.in_(pressed) & Supervision.ended_at.is_(None)
        self.supervisions = {
            row.case_id: row for row in session.scalars(select(Supervision).where(stand))
        }

    def of(self, case: Case) -> list[Threshold]:
        office = self.session.get_one(Office, case.office_id)
        clock = office_standards(self.session, office).clock
        owing = [row for row in self.owing if row.case_id == case.id]
        supervision = self.supervisions.get(case.id)
        return list(thresholds(case, owing, supervision, clock, office.settings))


def _look(session: Session, case: Case, beside: _Beside, now: datetime) -> Look:
    moments = beside.of(case)
    rows = []
    for moment in moments:
        if moment.has_come(now):
            occasion = alert_occasion(case.id, moment.what, moment.at)
            people = people_of(session, case, moment.audiences, moment.data)
            rows += [_row(case, moment, occasion, person, now) for person in sorted(people)]
    ahead = [moment.at for moment in moments if moment.at > now]
    if case.suspended_until is not None and case.state is State.SUSPENDED:
        until = case.suspended_until
        ahead.append(until if until > now else now + AGAIN)  # it could not be resumed
    return Look(case, rows, min(ahead, default=None))


def _row(
    case: Case, moment: Threshold, occasion: str, person_id: int, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "key": key_of(occasion, person_id),
        "person_id": person_id,
        "case_id": case.id,
        "kind": moment.kind,
        "at": now,
        "visible_at": now,
        "data": {**moment.data, "at": moment.at.isoformat()},
    }


def _write(session: Session, looks: list[Look]) -> None:
    """Put off each look, and tell, unless somebody else has looked or stepped since we read."""
    begin_write(session)
    rows: list[dict[str, Any]] = []
    for look in looks:
        case = look.case
        ours = session.execute(
            update(Case)
            .where(
                Case.id == case.id,
                Case.version == case.version,
                Case.next_alert_at == case.next_alert_at,
            )
            .values(next_alert_at=look.next_at)
            .execution_options(synchronize_session=False)
        )
        if ours.rowcount:  # type: ignore[attr-defined]
            rows += look.notices
    if rows:
        session.execute(insert(Notice).on_conflict_do_nothing(index_elements=["key"]), rows)
    session.commit()


def resume_suspended(session: Session, now: datetime) -> None:
    """Cases that were suspended until now go on, each by a step of its own."""
    over = select(Case.id).where(
        Case.next_alert_at <= now, Case.state == State.SUSPENDED, Case.suspended_until <= now
    )
    for case_id in session.scalars(over).all():
        begin_write(session)
        case = session.get_one(Case, case_id, populate_existing=True)
        try:
            take_step(session, case, Action.RESUME, PROGRAM, now)
            session.commit()
        except (Conflict, StaleDataError) as error:  # somebody resumed it in the same moment
            session.rollback()
            log.info("case %s is not resumed: %s", case_id, error)
        except Exception:  # the others must go on
            session.rollback()
            log.exception("case %s could not be resumed", case_id)
