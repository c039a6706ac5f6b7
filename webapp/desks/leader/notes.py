"""What a row of the leader's desk says besides: what is asked and why, and what was replied."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.cases.life.models import CaseRequest, Supervision
from webapp.cases.vocabulary import RequestKind, RequestState
from webapp.core.i18n import show_moment
from webapp.desks.frame import Note
from webapp.desks.map.queries import View

LONGEST = 80


def leader_notes(session: Session, view: View, rows: Sequence[Any]) -> Mapping[int, Sequence[Note]]:
    """Notes on the cases of a page, by their ids."""
    notes: defaultdict[int, list[Note]] = defaultdict(list)
    ids = [row.id for row in rows]
    asked = (
        select(CaseRequest)
        .options(joinedload(CaseRequest.asked_by))
        .where(
            CaseRequest.case_id.in_(ids),
            CaseRequest.state == RequestState.ASKED,
            CaseRequest.kind.in_((RequestKind.CANCELLATION, RequestKind.APPEAL)),
        )
    )
    for request in session.scalars(asked):
        who = request.asked_by.name if request.asked_by else ""
        words = _("%(who)s asks: %(why)s", who=who, why=_short(request.reason))
        notes[request.case_id].append(Note(words, "info"))
    stands = select(Supervision).where(Supervision.case_id.in_(ids), Supervision.ended_at.is_(None))
    for supervision in session.scalars(stands):
        notes[supervision.case_id].append(_reply(supervision, view.now))
    return notes


def _reply(supervision: Supervision, now: datetime) -> Note:
    if supervision.replied_at is not None:
        return Note(_("reply: %(words)s", words=_short(supervision.reply)), "success")
    by = show_moment(supervision.reply_by)
    if supervision.reply_by < now:
        return Note(_("no reply; it was due %(when)s", when=by), "danger")
    return Note(_("reply by %(when)s", when=by), "warning")


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
