"""From the inbox to the ways out: the worker makes deliveries of notices, as each person chose.

A notice that is not `spread` is the work to be done. Each delivery has an id made from the notice's
key, so that none is made twice.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause
from sqlalchemy.orm import Session, joinedload

from webapp.cases.models import Case
from webapp.cases.notices.models import Delivery, Notice, NoticeChoice, Robot
from webapp.cases.notices.rules import occasion_of
from webapp.cases.notices.texts import Wordings, fill
from webapp.cases.notices.vocabulary import Channel, DeliveryState
from webapp.cases.notices.words import ALL_OF_IT, link_of, notice_facts, resident_link
from webapp.core.database import begin_write
from webapp.core.ids import new_id
from webapp.core.settings import Settings
from webapp.people.models import Office
from webapp.standards.service import office_standards

BATCH = 200
SKEW = timedelta(minutes=2)  # what lies further ahead was written before the clock was set back
DEFAULT_LANGUAGE = "zh"
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def visible(now: datetime) -> ColumnElement[bool]:
    """That a notice does not wait any more for a step to be undone."""
    return or_(Notice.visible_at <= now, Notice.visible_at > now + SKEW)


def spread(session: Session, settings: Settings, now: datetime) -> int:
    """Make the deliveries of all notices that wait for it; answers of how many notices."""
    done = 0
    while batch := _waiting(session, now):
        out = _Out(session, settings, now)
        rows = [row for notices in _occasions(batch) for row in out.of(notices)]
        begin_write(session)
        if rows:
            session.execute(
                insert(Delivery).on_conflict_do_nothing(index_elements=["message_id"]), rows
            )
        session.execute(
            update(Notice).where(Notice.id.in_([n.id for n in batch])).values(spread_at=now)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        session.commit()
        done += len(batch)
    session.rollback()
    return done


def _waiting(session: Session, now: datetime) -> list[Notice]:
    """The oldest notices that wait, an occasion never torn apart unless it is a huge one."""
    waiting = (
        select(Notice)
        .options(*ALL_OF_IT, joinedload(Notice.person))
        .where(Notice.spread_at.is_(None), visible(now))
        .order_by(Notice.visible_at, Notice.key)
        .limit(BATCH)
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(waiting))
    if len(found) == BATCH and occasion_of(found[0].key) != occasion_of(found[-1].key):
        last = occasion_of(found[-1].key)
        found = [notice for notice in found if occasion_of(notice.key) != last]
    return found


def _occasions(batch: list[Notice]) -> Iterator[list[Notice]]:
    for _occasion, notices in groupby(batch, key=lambda notice: occasion_of(notice.key)):
        yield list(notices)


class _Out:
    """What goes out of one occasion: an event, a threshold of a case, or a hot spot."""

    def __init__(self, session: Session, settings: Settings, now: datetime) -> None:
        self.session, self.settings, self.now = session, settings, now

    def of(self, notices: list[Notice]) -> Iterator[dict[str, Any]]:
        case, person = notices[0].case, notices[0].person
        about = case or person
        if about is None:
            return
        office = self.session.get_one(Office, about.office_id)
        wordings = Wordings(self.session, office.id)
        choices = self._choices(notices)
        if self.settings.smtp_url:
            for notice in notices:
                yield from self._mail(notice, office, wordings, choices)
        called = [n for n in notices if n.kind in _chosen(choices, n, Channel.ROBOT)]
        if called:
            for robot in self._robots(office, case):
                yield self._robot(robot, called, office, wordings)

    def _choices(self, notices: list[Notice]) -> dict[int, NoticeChoice]:
        people = [notice.person_id for notice in notices if notice.person_id]
        chosen = select(NoticeChoice).where(NoticeChoice.person_id.in_(people))
        return {choice.person_id: choice for choice in self.session.scalars(chosen)}

    def _mail(
        self, notice: Notice, office: Office, wordings: Wordings, choices: dict[int, NoticeChoice]
    ) -> Iterator[dict[str, Any]]:
        case, person = notice.case, notice.person
        if person is None:
            if case is None:
                return
            address, language = resident_address(case), _resident_language(case)
            link = resident_link(self.settings, case)
        else:
            wanted = notice.kind in _chosen(choices, notice, Channel.MAIL)
            address = (person.email or "") if wanted and person.active else ""
            language = person.language or DEFAULT_LANGUAGE
            link = link_of(self.settings, notice)
        if address:
            facts = self._facts(notice, office, language, link)
            subject, body = fill(wordings.of(notice.kind, language, Channel.MAIL), facts)
            yield self._row(notice, notice.key, Channel.MAIL, office, address, subject, body,
                            person_id=notice.person_id)  # fmt: skip

    def _robots(self, office: Office, case: Case | None) -> Sequence[Robot]:
        """The office's robots, and those of the department that has the case."""
        there: ColumnElement[bool] = Robot.department_id.is_(None)
        if case is not None:
            there = or_(there, Robot.department_id == case.lead_department_id)
        return self.session.scalars(
            select(Robot).where(Robot.office_id == office.id, Robot.active, there)
        ).all()

    def _robot(
        self, robot: Robot, called: list[Notice], office: Office, wordings: Wordings
    ) -> dict[str, Any]:
        """One message into the group, that calls by phone those who want it."""
        notice = called[0]
        link = link_of(self.settings, notice)
        facts = self._facts(notice, office, DEFAULT_LANGUAGE, link)
        wording = wordings.of(notice.kind, DEFAULT_LANGUAGE, Channel.ROBOT)
        subject, body = fill(wording, facts)
        phones = sorted({n.person.phone for n in called if n.person and n.person.phone})
        key = f"{occasion_of(notice.key)}/robot{robot.id}"
        return self._row(notice, key, Channel.ROBOT, office, " ".join(phones), subject, body,
                         robot_id=robot.id)  # fmt: skip

    def _facts(self, notice: Notice, office: Office, language: str, link: str) -> dict[str, str]:
        departments = office_standards(self.session, office).departments
        return notice_facts(notice, office, departments, language, link)

    def _row(
        self, notice: Notice, key: str, channel: Channel, office: Office, address: str,
        subject: str, body: str, **whom: Any,
    ) -> dict[str, Any]:  # fmt: skip
        return {
            "id": new_id(),
            "message_id": message_id(key, self.settings),
            "office_id": office.id,
            "case_id": notice.case_id,
            "channel": channel,
            "kind": notice.kind,
            "address": address,
            "subject": subject,
            "body": body,
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "next_at": self.now,
            "last_error": "",
            "created_at": self.now,
            "person_id": None,
            "robot_id": None,
            **whom,
        }


def _chosen(choices: dict[int, NoticeChoice], notice: Notice, channel: Channel) -> list[str]:
    choice = choices.get(notice.person_id or 0)
    if choice is None:
        return []
    return choice.mail if channel is Channel.MAIL else choice.robot


def message_id(key: str, settings: Settings) -> str:
    """Made from a notice's key, so that it is the same however often it is made or sent."""
    from_mail = settings.mail_from.rpartition("@")[2].strip("> ")
    host = from_mail or urlsplit(settings.public_url).hostname
    return f"<{re.sub(r'[^0-9A-Za-z]+', '.', key)}@{host or 'wangge.invalid'}>"


def resident_address(case: Case) -> str:
    """The e-mail address in what a reporter left as contact, if there is one."""
    found = ADDRESS.search(case.reporter.contact) if case.reporter else None
    return found.group() if found else ""


def _resident_language(case: Case) -> str:
    language = case.reporter.language if case.reporter else None
    return language if language in ("zh", "en") else DEFAULT_LANGUAGE
