"""What stands beside a case, read for its page: departments, requests, supervision."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.cases.life.models import CaseRequest, Participant, Supervision
from webapp.cases.models import Case
from webapp.cases.vocabulary import Part, RequestKind, RequestState
from webapp.people.models import Office

WAITS = (RequestState.ASKED, RequestState.ENDORSED)


@dataclass(frozen=True)
class Beside:
    """The rows around one case, the oldest first."""

    office: Office
    participants: list[Participant]
    requests: list[CaseRequest]
    supervisions: list[Supervision]
    merged: list[Case]  # the same thing, reported again

    @property
    def there(self) -> list[Participant]:
        """The lead, and those called with a task and not called off."""
        return [p for p in self.participants
                if p.part is not Part.INFORMED and not p.called_off_at]  # fmt: skip

    @property
    def called(self) -> list[Participant]:
        return [p for p in self.participants if p.part is Part.ASSISTING]

    @property
    def owing(self) -> list[Participant]:
        """Those called whose task is not finished."""
        return [p for p in self.called if not p.called_off_at and p.finished_at is None]

    def pending(self, kind: RequestKind) -> CaseRequest | None:
        return next((r for r in self.requests if r.kind is kind and r.state in WAITS), None)

    @property
    def supervision(self) -> Supervision | None:
        """The one that stands."""
        return next((s for s in self.supervisions if s.ended_at is None), None)


def read_beside(session: Session, case: Case) -> Beside:
    participants = select(Participant).where(Participant.case_id == case.id)
    requests = select(CaseRequest).where(CaseRequest.case_id == case.id)
    supervisions = select(Supervision).where(Supervision.case_id == case.id)
    merged = select(Case).where(Case.merged_into_id == case.id)
    of_request = (
        joinedload(CaseRequest.asked_by),
        joinedload(CaseRequest.department),
        joinedload(CaseRequest.wanted_department),
    )
    of_supervision = joinedload(Supervision.by), joinedload(Supervision.replied_by)
    return Beside(
        session.get_one(Office, case.office_id),
        list(
            session.scalars(
                participants.options(joinedload(Participant.department)).order_by(Participant.id)
            )
        ),
        list(session.scalars(requests.options(*of_request).order_by(CaseRequest.id))),
        list(session.scalars(supervisions.options(*of_supervision).order_by(Supervision.id))),
        list(session.scalars(merged.options(selectinload(Case.photos)).order_by(Case.id))),
    )
