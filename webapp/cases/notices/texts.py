"""How notices are worded: our own words, or the office's, with `{placeholders}` filled in.

What an administrator writes is text with named gaps and nothing else: no expression is evaluated,
and what is put into a gap is never read again.
"""

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.notices.models import NoticeTemplate
from webapp.cases.notices.vocabulary import RESIDENT_KINDS, STAFF_KINDS, Channel, NoticeKind
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

GAP = re.compile(r"\{(\w*)\}")
PLACEHOLDERS: dict[str, Any] = {
    "number": _l("the number of the case"),
    "class": _l("what is wrong there"),
    "place": _l("where it is"),
    "what": _l("what has happened"),
    "state": _l("where the case stands"),
    "who": _l("who did it"),
    "note": _l("what they wrote"),
    "department": _l("the lead department"),
    "due": _l("by when it is to be done"),
    "into": _l("the case it was merged into"),
    "office": _l("the name of the office"),
    "link": _l("the way to the case"),
}
LONGEST_SUBJECT, LONGEST_BODY = 200, 2_000


@dataclass(frozen=True)
class Wording:
    subject: Any
    body: Any


TO_STAFF = Wording(
    _l("{number} {what}"),
    _l("{class}, {place}\n{who}: {note}\nLead: {department}\nDue: {due}\n{link}"),
)
DEFAULTS: dict[NoticeKind, Wording] = {
    **dict.fromkeys(STAFF_KINDS, TO_STAFF),
    NoticeKind.HOTSPOT: Wording(
        _l("{place}: {what}"), _l("{class}\n{note}\nThe cases behind it: {link}\n{office}")
    ),
    NoticeKind.ACCEPTED: Wording(
        _l("Your report {number} is accepted"),
        _l("Thank you. Your report ({class}, {place}) is accepted and will be dealt with."
           "\nHow it goes on: {link}\n{office}"),
    ),
    NoticeKind.DONE: Wording(
        _l("Your report {number}: the work is done"),
        _l("{department} says of {class}, {place}: {note}\nIt will be checked now."
           "\nNot done? Say so here: {link}\n{office}"),
    ),
    NoticeKind.CLOSED: Wording(
        _l("Your report {number} is closed"),
        _l("Your report ({class}, {place}) was dealt with, checked and closed."
           "\nNot done? Say so within 30 days, or tell us how satisfied you are: {link}\n{office}"),
    ),
    NoticeKind.REFUSED: Wording(
        _l("Your report {number} is not accepted"),
        _l("Your report ({class}, {place}) is not accepted.\nReason: {note}\n{link}\n{office}"),
    ),
    NoticeKind.MERGED: Wording(
        _l("Your report {number} belongs to another one"),
        _l("The same was reported before. Your report ({class}, {place}) is dealt with"
           " under {into}, and you will hear of it.\n{link}\n{office}"),
    ),
    NoticeKind.SPLIT: Wording(
        _l("Your report {number} is dealt with by itself"),
        _l("Your report ({class}, {place}) is now dealt with by itself.\n{link}\n{office}"),
    ),
}  # fmt: skip


def channels_of(kind: NoticeKind) -> tuple[Channel, ...]:
    return (Channel.MAIL,) if kind in RESIDENT_KINDS else (Channel.MAIL, Channel.ROBOT)


def default_wording(kind: NoticeKind, language: str) -> Wording:
    with force_locale(language):
        wording = DEFAULTS[kind]
        return Wording(str(wording.subject), str(wording.body))


class Wordings:
    """The wordings of an office, read once: its own where it has some."""

    def __init__(self, session: Session, office_id: int) -> None:
        own = select(NoticeTemplate).where(NoticeTemplate.office_id == office_id)
        self.own = {
            (row.kind, row.language, row.channel): Wording(row.subject, row.body)
            for row in session.scalars(own)
        }

    def of(self, kind: NoticeKind, language: str, channel: Channel) -> Wording:
        return self.own.get((kind, language, channel)) or default_wording(kind, language)


def check_wording(subject: str, body: str) -> None:
    """Refuse what could not be filled in, saying which gap it is and which there are."""
    for field, text, longest in (
        ("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY),
    ):  # fmt: skip
        if not text.strip():
            raise BadInput("missing", _("Fill this in."), field=field)
        if len(text) > longest:
            raise BadInput(
                "too_long",
                _("This has %(length)s characters; at most %(most)s fit.",
                  length=len(text), most=longest),
                field=field,
            )  # fmt: skip
        for name in GAP.findall(text):
            if name not in PLACEHOLDERS:
                raise BadInput(
                    "placeholder",
                    _("There is no placeholder {%(name)s}. There are: %(known)s.",
                      name=name, known=listed(f"{{{known}}}" for known in PLACEHOLDERS)),
                    field=field,
                )  # fmt: skip
    if "\n" in subject.strip():
        raise BadInput("lines", _("The subject is one line."), field="subject")


def fill(wording: Wording, facts: dict[str, str]) -> tuple[str, str]:
    """Subject and body with the gaps filled; a line whose gaps all stay empty is left out."""
    subject = " ".join(_filled(str(wording.subject), facts).split())
    lines = [
        _filled(line, facts).rstrip()
        for line in str(wording.body).splitlines()
        if not _is_empty(line, facts)
    ]
    return subject, "\n".join(lines)


def _filled(text: str, facts: dict[str, str]) -> str:
    return GAP.sub(lambda gap: facts.get(gap.group(1), ""), text)


def _is_empty(line: str, facts: dict[str, str]) -> bool:
    names = GAP.findall(line)
    if "note" in names and not facts.get("note"):
        names = [name for name in names if name != "who"]  # who said nothing is not quoted
    return bool(names) and not any(facts.get(name) for name in names)
