"""Verbs of notices. They take the session and `now`, and never commit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from webapp.cases.life.scene import Scene
from webapp.cases.models import Case, CaseEvent, Reporter
from webapp.cases.notices.audiences import ONE_BY_ONE, people_of
from webapp.cases.notices.models import (
    Delivery,
    Notice,
    NoticeChoice,
    NoticeTemplate,
    Robot,
)
from webapp.cases.notices.rules import (
    ENDORSED_AT_ONCE,
    HEARS,
    HELD_BACK,
    RESIDENTS,
    WITH_THE_MERGED,
    Audience,
    Telling,
    event_occasion,
    key_of,
    resident_key,
)
from webapp.cases.notices.vocabulary import (
    STAFF_KINDS,
    Channel,
    DeliveryState,
    NoticeKind,
    RobotKind,
)
from webapp.cases.vocabulary import Action, RequestState
from webapp.core.database import metadata
from webapp.core.ids import new_id
from webapp.core.waking import call_after_commit
from webapp.people.models import Department, Office, Person

Step = tuple[Case, CaseEvent]
_INSERT = insert(metadata.tables[Notice.__tablename__])


def announce(scene: Scene, event: CaseEvent) -> None:
    """Tell of a step those whom it concerns, with what it writes; never who took it."""
    ours = scene.beside["reporter_id"] is not None
    others = scene.beside["merged"] or "@" in (scene.beside["contact"] or "")
    step = (scene.case, event)
    for row in _notices(scene.session, [step], scene.now, Reports(ours, others)):
        scene.writing.put(Notice, row, None)


def announce_all(session: Session, steps: Sequence[Step], now: datetime) -> None:
    """The same for one kind of step on many cases: what is alike is asked for once."""
    if rows := _notices(session, steps, now, Reports(True, True)):
        session.connection().execute(_INSERT, rows)


@dataclass(frozen=True)
class Reports:
    """Who may have reported a case: what cannot be need not be asked for."""

    by_ours: bool
    by_others_with_address: bool


def _notices(
    session: Session, steps: Sequence[Step], now: datetime, reports: Reports
) -> list[dict[str, Any]]:
    _take_back(session, [step for step in steps if step[1].action is Action.UNDO_DISPATCH])
    rows = list(_for_staff(session, steps, now, reports))
    if reports.by_others_with_address:
        rows += _for_residents(session, steps, now)
    if rows:
        call_after_commit(session)
    return rows


def _for_staff(
    session: Session, steps: Sequence[Step], now: datetime, reports: Reports
) -> Iterator[dict[str, Any]]:
    known: dict[Any, set[int]] = {}
    for case, event in steps:
        telling = _telling(event)
        if telling is None:
            continue
        audiences = [a for a in telling.audiences if a is not Audience.REPORTER or reports.by_ours]
        alike = (
            *(telling, case.office_id, case.area_id, case.lead_department_id, case.assignee_id),
            event.detail.get("department_id"),
            None if set(audiences).isdisjoint(ONE_BY_ONE) else event.id,
        )
        if alike not in known:
            known[alike] = people_of(session, case, audiences, event.detail)
        occasion = event_occasion(event.id)
        for person in sorted(known[alike] - {event.actor_id}):
            key = key_of(occasion, person)
            yield _row(telling.kind, now, event, case.id, key=key, person_id=person)


def _for_residents(
    session: Session, steps: Sequence[Step], now: datetime
) -> Iterator[dict[str, Any]]:
    told = [(case, event, RESIDENTS[event.action]) for case, event in steps
            if event.action in RESIDENTS]  # fmt: skip
    for kind in {kind for _case, _event, kind in told}:
        ids = [case.id for case, _event, of in told if of is kind]
        reports = _reports_with_address(session, ids, kind)
        for case, event, _of in (step for step in told if step[2] is kind):
            for reported in reports[case.id]:
                key = resident_key(event_occasion(event.id), reported)
                yield _row(kind, now, event, reported, key=key, person_id=None)


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


def _reports_with_address(
    session: Session, case_ids: list[int], kind: NoticeKind
) -> dict[int, list[int]]:
    """The cases whose reporters left an e-mail address: these, and those merged into each."""
    found: dict[int, list[int]] = defaultdict(list)
    with_address = _with_address(kind in WITH_THE_MERGED)
    for into, reported in session.execute(with_address, {"cases": case_ids}):
        found[into].append(reported)
    return found


@cache
def _with_address(with_the_merged: bool) -> Select[int, int]:
    cases = select(Case.id.label("into"), Case.id).where(
        Case.id.in_(bindparam("cases", expanding=True))
    )
    told = cases.cte("told", recursive=True)
    if with_the_merged:
        told = told.union(select(told.c.into, Case.id).where(Case.merged_into_id == told.c.id))
    return (
        select(told.c.into, Reporter.case_id)
        .join(told, told.c.id == Reporter.case_id)
        .where(Reporter.person_id.is_(None), Reporter.contact.contains("@"))
        .order_by(Reporter.case_id)
    )


def _take_back(session: Session, steps: Sequence[Step]) -> None:
    """Dispatches that were undone at once are told to nobody."""
    if not steps:
        return
    dispatches = select(CaseEvent.id, CaseEvent.case_id, CaseEvent.at).where(
        CaseEvent.case_id.in_([case.id for case, _event in steps]),
        CaseEvent.action == Action.DISPATCH,
    )
    last = {row.case_id: row.id for row in session.execute(
        dispatches.order_by(CaseEvent.at, CaseEvent.id))}  # fmt: skip
    undone = Notice.event_id.in_(list(last.values())) & Notice.spread_at.is_(None)
    session.execute(delete(Notice).where(undone))


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


def send_again(session: Session, office: Office, now: datetime, delivery_id: int | None) -> int:
    """Have one message that was given up, or all of them, sent again under the same id."""
    dead = [Delivery.office_id == office.id, Delivery.state == DeliveryState.DEAD]
    if delivery_id is not None:
        dead.append(Delivery.id == delivery_id)
    done = session.execute(
        update(Delivery)
        .where(*dead)
        .values(state=DeliveryState.WAITING, attempts=0, next_at=now)
        .execution_options(synchronize_session=False)
    )
    call_after_commit(session)
    return int(done.rowcount)  # type: ignore[attr-defined]


def add_robot(
    session: Session, office: Office, kind: RobotKind, name: str, department: Department | None
) -> Robot:
    """A robot that speaks from now on, or speaks again."""
    plain = name.strip()
    robot = session.scalar(select(Robot).where(Robot.office_id == office.id, Robot.name == plain))
    if robot is None:
        robot = Robot(office_id=office.id, name=plain)
        session.add(robot)
    robot.kind, robot.department, robot.active = kind, department, True
    return robot


def test_robot(session: Session, robot: Robot, now: datetime) -> None:
    """Have a robot say something, to see that it can."""
    session.add(
        Delivery(
            message_id=f"<test.{new_id()}@wangge.invalid>",
            office_id=robot.office_id,
            robot_id=robot.id,
            channel=Channel.ROBOT,
            kind=NoticeKind.NEWS,
            address="",
            subject=_("Wangge"),
            body=_("This is a test: messages reach this group."),
            next_at=now,
            created_at=now,
        )
    )
    call_after_commit(session)


def keep_wording(
    session: Session, office: Office, kind: NoticeKind, language: str, channel: Channel,
    subject: str, body: str,
) -> None:  # fmt: skip
    """An office's own words, already checked (`texts.check_wording`)."""
    drop_wording(session, office, kind, language, channel)
    session.add(
        NoticeTemplate(
            office_id=office.id, kind=kind, language=language, channel=channel,
            subject=subject, body=body,
        )
    )  # fmt: skip


def drop_wording(
    session: Session, office: Office, kind: NoticeKind, language: str, channel: Channel
) -> None:
    session.execute(
        delete(NoticeTemplate).where(
            NoticeTemplate.office_id == office.id,
            NoticeTemplate.kind == kind,
            NoticeTemplate.language == language,
            NoticeTemplate.channel == channel,
        )
    )
