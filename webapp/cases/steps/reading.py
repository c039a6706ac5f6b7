"""What was typed in a step's form, read into what the step takes. Only what the table asks for."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webapp.cases.forms import plain
from webapp.cases.life.scene import Given
from webapp.cases.life.table import STEPS
from webapp.cases.photos import ReadPhoto
from webapp.cases.vocabulary import Action, Colour, SupervisionKind
from webapp.core.errors import BadInput
from webapp.core.i18n import listed

LARGEST_ID = 2**31 - 1
LONGEST_FORM_ID = 64
SHOWN = 40  # characters of what was given, in a refusal

Reader = Callable[[str, str, ZoneInfo], Any]


def asked_fields(action: Action) -> dict[str, bool]:
    """The fields that the table asks for with a step, and whether each must be filled in."""
    return {ask.rstrip("*"): ask.endswith("*") for ask in STEPS[action].asks}


def read_given(
    action: Action, typed: Mapping[str, str], photos: list[ReadPhoto], zone: ZoneInfo
) -> Given:
    """Raises BadInput with `field` for what cannot be read; what is empty counts as not given."""
    names = [name for name in asked_fields(action) if name != "photos"]
    texts = {name: plain(typed.get(name)) for name in names}
    values = {name: READERS[name](name, text, zone) for name, text in texts.items() if text}
    given = Given(**values, form=plain(typed.get("form"))[:LONGEST_FORM_ID])
    return replace(given, photos=tuple(photos)) if "photos" in asked_fields(action) else given


def read_version(typed: Mapping[str, str]) -> int | None:
    """The version of the case on the page where the button was pressed; none: not looked at."""
    text = plain(typed.get("version"))
    return _number("version", text, most=LARGEST_ID) if text else None


def _text(_name: str, text: str, _zone: ZoneInfo) -> str:
    return text


def _id(name: str, text: str, _zone: ZoneInfo) -> int:
    return _number(name, text, most=LARGEST_ID)


def _score(name: str, text: str, _zone: ZoneInfo) -> int:
    return _number(name, text, most=100)


def _number(name: str, text: str, *, most: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= most:
        return int(text)
    raise _refused(name, text, _("a whole number from 0 to %(most)s", most=most))


def _yes_or_no(name: str, text: str, _zone: ZoneInfo) -> bool:
    if text not in ("yes", "no", "true", "false"):
        raise _refused(name, text, listed(["yes", "no"]))
    return text in ("yes", "true")


def _day(name: str, text: str, _zone: ZoneInfo) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refused(name, text, _("a day such as 2026-11-24")) from None


def _moment(name: str, text: str, zone: ZoneInfo) -> datetime:
    """A moment in the office's time, unless it brings an offset of its own."""
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(name, text, _("a day and time such as 2026-11-24T14:30")) from None


def _member(members: type[StrEnum], name: str, text: str, _zone: ZoneInfo) -> StrEnum:
    try:
        return members(text)
    except ValueError:
        raise _refused(name, text, listed(member.value for member in members)) from None


def _degrees(most: float, name: str, text: str, _zone: ZoneInfo) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if abs(value) <= most:  # NaN is not
        return value
    raise _refused(name, text, _("degrees from %(least)s to %(most)s", least=-most, most=most))


def _refused(name: str, text: str, allowed: str) -> BadInput:
    return BadInput(
        "value",
        _("“%(given)s” cannot be used here: give %(allowed)s.", given=text[:SHOWN],
          allowed=allowed),
        field=name,
    )  # fmt: skip


READERS: dict[str, Reader] = {
    "note": _text,
    "condition_code": _text,
    "into_number": _text,
    "department_id": _id,
    "assignee_id": _id,
    "crew_id": _id,
    "found": _yes_or_no,
    "until": _day,
    "reply_by": _moment,
    "colour": partial(_member, Colour),
    "kind": partial(_member, SupervisionKind),
    "score": _score,
    "lon": partial(_degrees, 180.0),
    "lat": partial(_degrees, 90.0),
}
