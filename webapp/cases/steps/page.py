"""All that the page of a case shows, and the panel of a desk: read once, for one person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from gis.coordinates import distance_m
from webapp.cases import queries
from webapp.cases.life.clocks import STAGES
from webapp.cases.life.models import Participant
from webapp.cases.life.steps import open_steps
from webapp.cases.models import Case, Photo
from webapp.cases.rules import Lamp
from webapp.cases.steps.beside import Beside, read_beside
from webapp.cases.steps.fields import Buttons, Refusal, buttons
from webapp.cases.telling import Told, tell
from webapp.cases.vocabulary import PhotoKind, RequestKind, RequestState
from webapp.cases.words import span_words
from webapp.people.models import Person

STAGE_NAMES = {
    "accept": _l("accept by"),
    "verify": _l("verify by"),
    "dispatch": _l("dispatch by"),
    "take": _l("take on by"),
    "ask_check": _l("send for checking by"),
    "check": _l("check by"),
}


@dataclass(frozen=True)
class StageLimit:
    """The time set for the present stage, beside the limit of the whole."""

    name: Any
    due_at: datetime
    lamp: Lamp


@dataclass(frozen=True)
class Picture:
    """A photo with what a page says under it."""

    photo: Photo
    distance: str  # of where it was taken from the case; empty where it did not say


@dataclass(frozen=True)
class CasePage:
    """One case for one person at one moment."""

    case: Case
    facts: queries.CaseFacts
    beside: Beside
    told: list[Told]
    buttons: Buttons
    stage: StageLimit | None
    before: list[Picture]
    after: list[Picture]


def read_page(
    session: Session, person: Person, case: Case, now: datetime, refusal: Refusal | None = None
) -> CasePage:
    beside = read_beside(session, case)
    actions = open_steps(session, person, case, now)
    photos = [photo for one in (case, *beside.merged) for photo in one.photos]
    pictures = [picture_of(case, photo) for photo in photos]
    return CasePage(
        case=case,
        facts=queries.case_facts(session, case, now, staff=True),
        beside=beside,
        told=tell(session, beside.office, case.events),
        buttons=buttons(session, case, beside, actions, now, refusal),
        stage=_stage(case, now),
        before=[p for p in pictures if p.photo.kind is not PhotoKind.AFTER],
        after=[p for p in pictures if p.photo.kind is PhotoKind.AFTER],
    )


def _stage(case: Case, now: datetime) -> StageLimit | None:
    name = STAGES.get(case.state)
    if name is None or case.stage_due_at is None:
        return None
    warn_at = case.stage_warn_at or case.stage_due_at
    in_time = Lamp.GREEN if now < warn_at else Lamp.AMBER
    shown = Lamp.RED if now > case.stage_due_at else in_time
    return StageLimit(STAGE_NAMES[name], case.stage_due_at, shown)


def picture_of(case: Case, photo: Photo) -> Picture:
    point = case.lonlat
    if point is None or photo.taken_lon is None or photo.taken_lat is None:
        return Picture(photo, "")
    return Picture(photo, metres_words(distance_m((photo.taken_lon, photo.taken_lat), point)))


def metres_words(metres: float) -> str:
    if metres < 1000:
        return _("%(metres)s m", metres=f"{metres:.0f}")
    return _("%(km)s km", km=f"{metres / 1000:,.1f}")


def presence_words(participant: Participant, now: datetime) -> str:
    """Where a called department stands with its coming, by the minute."""
    by, came = participant.report_in_by, participant.reported_in_at
    if by is None:
        return ""
    if came is not None:
        took = span_words(came - participant.called_at, office_time=False)
        if came > by:
            late = span_words(came - by, office_time=False)
            return _("there after %(span)s, %(late)s late", span=took, late=late)
        return _("there after %(span)s", span=took)
    if now <= by:
        return _("%(span)s left to come", span=span_words(by - now, office_time=False))
    return _("not come, %(span)s late", span=span_words(now - by, office_time=False))


def decider_words(kind: RequestKind, state: RequestState) -> str:
    """Who has to decide on a request that waits."""
    if state not in (RequestState.ASKED, RequestState.ENDORSED):
        return ""
    if kind is RequestKind.EXTENSION and state is RequestState.ASKED:
        return _("the head of the department is to endorse it")
    if kind in (RequestKind.EXTENSION, RequestKind.HELP):
        return _("the dispatcher decides")
    return _("the leader decides")


def reason_line(facts: queries.CaseFacts) -> str:
    """Why a case went where it went, in one line."""
    if facts.story is None:
        return _("nobody has decided yet")
    decided = next((rule for rule in facts.story.rules if not rule.lost), None)
    if decided is None:
        return str(next(iter(facts.story.notes), _("the dispatcher decides")))
    return _("by the rule for %(what)s in %(where)s", what=decided.what, where=decided.where)
