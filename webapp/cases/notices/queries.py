"""What the pages of notices read."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.models import (
    Delivery,
    Notice,
    NoticeChoice,
    NoticeTemplate,
    Robot,
)
from webapp.cases.notices.spreading import visible
from webapp.cases.notices.vocabulary import RESIDENT_KINDS, Channel, DeliveryState, NoticeKind
from webapp.cases.notices.words import ALL_OF_IT, notice_facts, staff_link
from webapp.core.errors import NotFound
from webapp.core.settings import Settings
from webapp.people.models import Office, Person
from webapp.standards.service import office_standards

A_PAGE = 30
SAMPLE_HOTSPOT = {
    "place": "团结社区 03", "class": {"zh": "公用设施", "en": "public utilities"}, "cases": 12,
    "around": 31, "expected": 9.4, "pattern": "new", "since": "2026-01-05",
    "link": "/insight/hotspots",
}  # fmt: skip
MOST_COUNTED = 100  # the bell says 99+


@dataclass(frozen=True)
class Message:
    """A notice of the inbox, and what it says."""

    notice: Notice
    facts: dict[str, str]


def unread_count(session: Session, person: Person, now: datetime) -> int:
    """How many messages wait to be read, counted up to `MOST_COUNTED`: on every page."""
    unread = (
        select(Notice.id)
        .where(Notice.person_id == person.id, Notice.read_at.is_(None), visible(now))
        .limit(MOST_COUNTED)
    )
    return session.scalar(select(func.count()).select_from(unread.subquery())) or 0


def inbox(
    session: Session, person: Person, now: datetime, *, unread: bool, before: int | None
) -> tuple[list[Message], int | None]:
    """The newest messages older than that with the id `before`, and the id of the last of these,
    if there are more."""
    mine = (
        select(Notice)
        .options(*ALL_OF_IT)
        .where(Notice.person_id == person.id, visible(now))
        .order_by(Notice.at.desc(), Notice.id.desc())
        .limit(A_PAGE + 1)
    )
    if unread:
        mine = mine.where(Notice.read_at.is_(None))
    if before is not None:
        last = own_notice(session, person, before)
        older = Notice.at == last.at, Notice.id < last.id
        mine = mine.where(Notice.at <= last.at, or_(Notice.at < last.at, and_(*older)))
    found = list(session.scalars(mine))
    office, language = person.office, str(get_locale())
    names = office_standards(session, office).departments
    messages = [
        Message(notice, notice_facts(notice, office, names, language, ""))
        for notice in found[:A_PAGE]
    ]
    return messages, found[A_PAGE - 1].id if len(found) > A_PAGE else None


def own_notice(session: Session, person: Person, notice_id: int) -> Notice:
    notice = session.get(Notice, notice_id)
    if notice is None or notice.person_id != person.id:
        raise NotFound("notice", _("There is no such message, or it is not yours."))
    return notice


def choice_of(session: Session, person: Person) -> NoticeChoice:
    """What a person chose; nothing outside the inbox while they have chosen nothing."""
    found = session.get(NoticeChoice, person.id)
    return found or NoticeChoice(person_id=person.id, mail=[], robot=[])


def delivery_counts(session: Session, office: Office) -> dict[DeliveryState, int]:
    counted = (
        select(Delivery.state, func.count())
        .where(Delivery.office_id == office.id)
        .group_by(Delivery.state)
    )
    found = dict(session.execute(counted).all())
    return {state: found.get(state, 0) for state in DeliveryState}


def deliveries(
    session: Session, office: Office, state: DeliveryState, before: int | None
) -> tuple[list[Delivery], int | None]:
    """The newest deliveries in one state, and the id before which there are more."""
    query = (
        select(Delivery)
        .options(joinedload(Delivery.person), joinedload(Delivery.robot), joinedload(Delivery.case))
        .where(Delivery.office_id == office.id, Delivery.state == state)
        .order_by(Delivery.id.desc())
        .limit(A_PAGE + 1)
    )
    if before is not None:
        query = query.where(Delivery.id < before)
    found = list(session.scalars(query))
    return found[:A_PAGE], found[A_PAGE - 1].id if len(found) > A_PAGE else None


def delivery_of(session: Session, office: Office, delivery_id: int) -> Delivery:
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.office_id != office.id:
        raise NotFound("delivery", _("There is no such message."))
    return delivery


def robots_of(session: Session, office: Office) -> list[Robot]:
    """Those that speak; one that was taken away stays for what it has said."""
    query = select(Robot).where(Robot.office_id == office.id, Robot.active)
    return list(session.scalars(query.options(joinedload(Robot.department)).order_by(Robot.name)))


def robot_of(session: Session, office: Office, robot_id: int) -> Robot:
    robot = session.get(Robot, robot_id)
    if robot is None or robot.office_id != office.id or not robot.active:
        raise NotFound("robot", _("There is no such robot."))
    return robot


def own_template(
    session: Session, office: Office, kind: NoticeKind, language: str, channel: Channel
) -> NoticeTemplate | None:
    return session.scalar(
        select(NoticeTemplate).where(
            NoticeTemplate.office_id == office.id,
            NoticeTemplate.kind == kind,
            NoticeTemplate.language == language,
            NoticeTemplate.channel == channel,
        )
    )


def own_templates(session: Session, office: Office) -> set[tuple[NoticeKind, str, Channel]]:
    """For what an office has words of its own."""
    columns = NoticeTemplate.kind, NoticeTemplate.language, NoticeTemplate.channel
    own = select(*columns).where(NoticeTemplate.office_id == office.id)
    return {(kind, language, channel) for kind, language, channel in session.execute(own).all()}


def sample_facts(
    session: Session, office: Office, kind: NoticeKind, language: str, settings: Settings
) -> dict[str, str] | None:
    """The facts of the office's newest case, for a preview; None while there is none.

    A notice of no case is shown with invented numbers.
    """
    if kind is NoticeKind.HOTSPOT:
        return notice_facts(
            Notice(kind=kind, data=SAMPLE_HOTSPOT), office, {}, language,
            f"{settings.public_url}{SAMPLE_HOTSPOT['link']}" if settings.public_url else "",
        )  # fmt: skip
    newest = (
        select(CaseEvent)
        .join(Case)
        .options(joinedload(CaseEvent.case).joinedload(Case.merged_into))
        .where(Case.office_id == office.id)
        .order_by(CaseEvent.id.desc())
        .limit(1)
    )
    event = session.scalar(newest)
    if event is None:
        return None
    notice = Notice(kind=kind, data={}, case=event.case, event=event)
    link = staff_link(settings, event.case.number)
    if kind in RESIDENT_KINDS and settings.public_url:
        link = f"{settings.public_url}/r/…"
    names = office_standards(session, office).departments
    return notice_facts(notice, office, names, language, link)
