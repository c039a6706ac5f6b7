"""The list of cases: filters in the address, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from webapp.cases.access import visible_to
from webapp.cases.groups import label_of
from webapp.cases.lamps import shows
from webapp.cases.models import FINAL_STATES, Case, CaseKey, still_open
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import State
from webapp.core.errors import BadInput
from webapp.core.i18n import listed
from webapp.people.areas import AreaChoice
from webapp.people.models import Department, Office, Person
from webapp.places.models import Area, AreaLevel, Grid
from webapp.standards.models import CaseClass, Condition

PAGE_ROWS = 50
OPEN, ALL, ENDED = "open", "all", "ended"
STATES = (OPEN, ALL, ENDED, *State)
LAMPS = (Lamp.RED, Lamp.AMBER, Lamp.GREEN, Lamp.PAUSED)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)  # in UTC too they are days


@dataclass(frozen=True)
class Filters:
    """Which cases a list shows, as its address says; what is empty does not restrict."""

    q: str = ""
    state: str = OPEN
    lamp: str = ""
    group: str = ""  # code of a class group, or of a class
    community: str = ""  # code
    department: str = ""  # code
    since: date | None = None
    until: date | None = None
    page: int = 1

    @property
    def narrowed(self) -> bool:
        return self != Filters(page=self.page)


@dataclass(frozen=True)
class CaseList:
    """One page of a list."""

    cases: list[Case]
    total: int
    page: int
    pages: int


def read_filters(args: Mapping[str, str]) -> Filters:
    """The filters in an address; a search by words looks through ended cases, too."""
    q = args.get("q", "").strip()[:100]
    return Filters(
        q=q,
        state=one_of("state", args.get("state") or (ALL if q else OPEN), STATES),
        lamp=one_of("lamp", args.get("lamp", ""), ("", *LAMPS)),
        group=args.get("group", ""),
        community=args.get("community", ""),
        department=args.get("department", ""),
        since=read_day("since", args.get("since", "")),
        until=read_day("until", args.get("until", "")),
        page=int(given) if (given := args.get("page", "1")).isdecimal() and len(given) < 9 else 1,
    )


def list_cases(
    session: Session,
    person: Person,
    filters: Filters,
    now: datetime,
    area: AreaChoice | None = None,
) -> CaseList:
    """The newest first: of what this person may see, or in `area` alone, what the filters leave."""
    office = person.office
    wanted = _narrowed(office, filters, now).where(visible_to(person))
    if area is not None:
        wanted = wanted.where(Area.path.startswith(area.path, autoescape=True))
    total = session.scalar(
        wanted.with_only_columns(func.count(Case.id), maintain_column_froms=True)
    )
    pages = max(-(-(total or 0) // PAGE_ROWS), 1)
    page = min(max(filters.page, 1), pages)
    shown = (
        wanted.options(
            contains_eager(Case.condition).contains_eager(Condition.case_class),
            contains_eager(Case.area).joinedload(Area.parent),
            joinedload(Case.grid).load_only(Grid.name, Grid.code),
            joinedload(Case.lead_department),
        )
        .order_by(Case.reported_at.desc(), Case.id.desc())
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )
    return CaseList(list(session.scalars(shown)), total or 0, page, pages)


def _narrowed(office: Office, filters: Filters, now: datetime) -> Select[Case]:
    base = (
        select(Case)
        .join(Case.condition)
        .join(Condition.case_class)
        .join(Case.area)
        .where(Case.office_id == office.id)
    )
    conditions = [
        *_of_state(filters, now),
        *_of_time(filters, office),
        *_of_words(filters.q),
    ]
    if filters.group:
        conditions.append(
            or_(CaseClass.group_code == filters.group, CaseClass.code == filters.group)
        )
    if filters.community:
        of_code = select(Area.path).where(
            Area.code == filters.community, Area.path.startswith(office.area_path, autoescape=True)
        )
        conditions.append(Area.path.like(of_code.limit(1).scalar_subquery() + "%"))
    if filters.department:
        named = select(Department.id).where(
            Department.office_id == office.id, Department.code == filters.department
        )
        conditions.append(Case.lead_department_id.in_(named))
    return base.where(*conditions)


def _of_state(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    match filters.state:
        case "open":
            conditions.append(still_open())
        case "ended":
            conditions.append(Case.state.in_(FINAL_STATES))
        case "all":
            pass
        case state:
            conditions.append(Case.state == State(state))
    if filters.lamp:
        conditions.append(shows(Lamp(filters.lamp), now))
    return conditions


def _of_time(filters: Filters, office: Office) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(office.time_zone)
    conditions: list[ColumnElement[bool]] = []
    if filters.since:
        conditions.append(Case.reported_at >= datetime.combine(filters.since, time(), zone))
    if filters.until:
        after = datetime.combine(filters.until + timedelta(days=1), time(), zone)
        conditions.append(Case.reported_at < after)
    return conditions


def _of_words(q: str) -> list[ColumnElement[bool]]:
    """In the number, the external id, the description, the address, or the grid's code or name."""
    if not q:
        return []
    by_key = select(CaseKey.case_id).where(
        or_(CaseKey.number == q.upper(), CaseKey.external_id == q)
    )
    texts = (Case.number, Case.description, Case.address)
    return [
        or_(
            Case.id.in_(by_key),
            Area.code == q,
            Area.name == q,
            *(text.icontains(q, autoescape=True) for text in texts),
        )
    ]


def filter_choices(session: Session, office: Office) -> dict[str, list[tuple[str, Any]]]:
    """What can be chosen in the filters: pairs of value and label."""
    groups = session.execute(
        select(CaseClass.group_code, CaseClass.group_name)
        .where(CaseClass.office_id == office.id)
        .distinct()
        .order_by(CaseClass.group_code)
    )
    communities = session.execute(
        select(Area.code, Area.name)
        .where(
            Area.level == AreaLevel.COMMUNITY,
            Area.path.startswith(office.area_path, autoescape=True),
        )
        .order_by(Area.path)
    )
    departments = session.execute(
        select(Department.code, Department.name)
        .where(Department.office_id == office.id, Department.active)
        .order_by(Department.code)
    )
    return {
        "state": [
            (OPEN, _("open cases")),
            (ALL, _("all cases")),
            (ENDED, _("ended cases")),
            *((state.value, state.label) for state in State),
        ],
        "lamp": [
            ("", _("any lamp")),
            (Lamp.RED, _("overdue")),
            (Lamp.AMBER, _("due soon")),
            (Lamp.GREEN, _("in time")),
            (Lamp.PAUSED, _("paused")),
        ],
        "group": [("", _("all classes")), *((code, label_of(code, name)) for code, name in groups)],
        "community": [("", _("all communities")), *((code, name) for code, name in communities)],
        "department": [("", _("all departments")), *((code, name) for code, name in departments)],
    }


def one_of(name: str, given: str, allowed: tuple[str, ...]) -> str:
    """A choice of an address; raises BadInput with what is allowed."""
    if given in allowed:
        return given
    raise BadInput(
        "filter",
        _(
            '%(name)s "%(given)s" is not known: use one of %(allowed)s.',
            name=name,
            given=given[:40],
            allowed=listed(allowed),
        ),
    )


def read_day(name: str, given: str) -> date | None:
    """A day of an address, None where none is given; raises BadInput for what is no day."""
    if not given:
        return None
    try:
        return min(max(FIRST_DAY, date.fromisoformat(given)), LAST_DAY)
    except ValueError:
        raise BadInput(
            "dates",
            _(
                '%(name)s "%(given)s" is not a day: write it as 2026-11-24.',
                name=name,
                given=given[:40],
            ),
        ) from None
