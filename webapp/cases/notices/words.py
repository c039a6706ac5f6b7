"""What a notice says: the facts that its wording is filled with, in one language and time zone."""

from datetime import date
from typing import Any

from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.models import Notice
from webapp.cases.notices.vocabulary import NoticeKind
from webapp.cases.service import follow_token, token_sha256
from webapp.core.i18n import show_day, show_moment
from webapp.core.settings import Settings
from webapp.people.models import Office
from webapp.places.models import Area
from webapp.standards.models import Condition
from webapp.standards.wording import class_name

LONGEST_NOTE = 300
ALL_OF_IT: tuple[ORMOption, ...] = (
    joinedload(Notice.case).options(
        joinedload(Case.condition).joinedload(Condition.case_class),
        joinedload(Case.area).joinedload(Area.parent),
        joinedload(Case.lead_department),
        joinedload(Case.merged_into),
        joinedload(Case.key),
        joinedload(Case.reporter),
    ),
    joinedload(Notice.event).joinedload(CaseEvent.actor),
)
"""What is loaded with a notice that is put into words."""


def notice_facts(
    notice: Notice, office: Office, departments: dict[int, str], language: str, link: str
) -> dict[str, str]:
    """The facts by placeholder; those that do not apply are empty. `departments` are names."""
    case, event = notice.case, notice.event
    g.time_zone = office.time_zone
    with force_locale(language):
        if case is None:
            return hotspot_facts(notice.data, office, language, link)
        lead = case.lead_department
        return {
            "number": case.number,
            "class": class_name(case.condition.case_class),
            "place": place_words(case),
            "what": what_words(notice, departments),
            "state": str(case.state.label),
            "who": _actor_words(event) if event else "",
            "note": _short(event.note) if event else "",
            "department": lead.name if lead else "",
            "due": show_moment(case.due_at) if case.opened_at and not case.closed_at else "",
            "into": case.merged_into.number if case.merged_into else "",
            "office": office.name,
            "link": link,
        }


HOTSPOT_WORDS = {"new": _l("new hot spot"), "intensifying": _l("hot spot getting hotter")}


def hotspot_facts(data: dict[str, Any], office: Office, language: str, link: str) -> dict[str, str]:
    """The same of a notice of no case: what it says is kept in its `data`."""
    note = _(
        "%(cases)d cases in the week of %(since)s; with its neighbours %(around)d, where chance"
        " would bring %(expected).1f",
        cases=data["cases"],
        since=show_day(date.fromisoformat(data["since"])),
        around=data["around"],
        expected=data["expected"],
    )
    department = data.get("department", "")
    if department:
        note = _(
            "%(note)s (only cases that %(department)s leads)", note=note, department=department
        )
    return dict.fromkeys(("number", "state", "who", "due", "into"), "") | {
        "department": department,
        "class": data["class"].get(language, ""),
        "place": data["place"],
        "what": str(HOTSPOT_WORDS[data["pattern"]]),
        "note": note,
        "office": office.name,
        "link": link,
    }


def what_words(notice: Notice, departments: dict[int, str]) -> str:
    """What has happened, in a few words."""
    if notice.event is not None:
        return str(notice.event.action.label)
    name = departments.get(notice.data.get("department_id", 0))
    if notice.kind is NoticeKind.REPORT_IN_MISSED and name:
        return _("%(department)s has not reported in", department=name)
    return str(notice.kind.label)


def place_words(case: Case) -> str:
    """The address if one was given, else community and grid."""
    if case.address:
        return case.address
    parent = case.area.parent if case.grid_id else None
    return " ".join(area.name for area in (parent, case.area) if area is not None)


def _actor_words(event: CaseEvent) -> str:
    return event.actor.name if event.actor else _("the program")


def _short(note: str) -> str:
    plain = " ".join(note.split())
    return plain if len(plain) <= LONGEST_NOTE else plain[: LONGEST_NOTE - 1] + "…"


def staff_link(settings: Settings, number: str) -> str:
    return f"{settings.public_url}/cases/{number}" if settings.public_url else ""


def link_of(settings: Settings, notice: Notice) -> str:
    """The way to what a notice is about: its case, or what it names itself."""
    if notice.case is not None:
        return staff_link(settings, notice.case.number)
    return f"{settings.public_url}{notice.data['link']}" if settings.public_url else ""


def resident_link(settings: Settings, case: Case) -> str:
    """The link of the report's answer page, made again as it was made then; "" where it was not.

    Only the token's hash is stored; what it was made from is the form's UUID and our key. A key
    that was changed since gives another token, which the hash tells.
    """
    key = case.key
    if not settings.public_url or not key.submission_uuid:
        return ""
    token = follow_token(settings.secret_key, key.submission_uuid)
    if token_sha256(token) != key.follow_token_sha256:
        return ""
    return f"{settings.public_url}/r/{token}"
