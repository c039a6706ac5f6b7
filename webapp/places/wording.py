"""Findings and changes in words for pages, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gis.findings import FindingKind
from webapp.core.i18n import listed
from webapp.places.rules import CodeFault

KIND_LABELS: dict[FindingKind, Any] = {
    FindingKind.MISSING_CODE: _l("Codes missing"),
    FindingKind.DUPLICATE_CODE: _l("The same code twice"),
    FindingKind.BAD_CODE: _l("Codes that cannot be used"),
    FindingKind.UNKNOWN_PARENT: _l("Parents that are not there"),
    FindingKind.MISSING_NAME: _l("Names missing"),
    FindingKind.SUSPICIOUS_TEXT: _l("Text in a wrong encoding"),
    FindingKind.EMPTY_GEOMETRY: _l("No shape"),
    FindingKind.NOT_POLYGON: _l("Not an area"),
    FindingKind.SWAPPED_COORDINATES: _l("Longitude and latitude swapped"),
    FindingKind.PROJECTED_COORDINATES: _l("Metres instead of degrees"),
    FindingKind.INVALID_RING: _l("Invalid outlines"),
    FindingKind.SHIFTED_COORDINATES: _l("Shifted coordinates"),
    FindingKind.OVERLAP: _l("Overlaps"),
    FindingKind.GAP: _l("Gaps"),
    FindingKind.SLIVER: _l("Slivers"),
    FindingKind.OUTSIDE_PARENT: _l("Outside the community"),
    FindingKind.IN_TWO_PARENTS: _l("In two communities"),
}

FAULT_LABELS: dict[CodeFault, Any] = {
    CodeFault.SLASH: _l("it holds a slash"),
    CodeFault.INVISIBLE: _l("it holds invisible characters"),
    CodeFault.LONG: _l("it is too long"),
}

_SENTENCES: dict[FindingKind, Any] = {
    FindingKind.MISSING_CODE: _l("%(who)s has no code."),
    FindingKind.DUPLICATE_CODE: _l("%(who)s have the same code."),
    FindingKind.BAD_CODE: _l('%(who)s: the code "%(code)s" cannot be used: %(fault)s.'),
    FindingKind.UNKNOWN_PARENT: _l('%(who)s: there is no community "%(parent)s".'),
    FindingKind.MISSING_NAME: _l("%(who)s has no name; the code will stand for it."),
    FindingKind.SUSPICIOUS_TEXT: _l('%(who)s: "%(text)s" looks wrongly decoded (%(likely)s?).'),
    FindingKind.EMPTY_GEOMETRY: _l("%(who)s has no shape."),
    FindingKind.NOT_POLYGON: _l("%(who)s is a %(found)s, not an area."),
    FindingKind.SWAPPED_COORDINATES: _l("%(who)s: %(x)s, %(y)s look swapped: longitude first."),
    FindingKind.PROJECTED_COORDINATES: _l("%(who)s: %(x)s, %(y)s are metres: choose the CRS."),
    FindingKind.INVALID_RING: _l("%(who)s: the outline crosses itself or is broken (%(reason)s)."),
    FindingKind.SHIFTED_COORDINATES: _l(
        "The file lies %(misfit)s m off the known boundaries; read as %(datum)s, %(after)s m."
    ),
    FindingKind.OVERLAP: _l("%(who)s overlap by %(area)s m²."),
    FindingKind.GAP: _l("A gap of %(area)s m², %(width)s m wide, beside %(who)s."),
    FindingKind.SLIVER: _l("Slivers of %(area)s m² together, up to %(width)s m wide, at %(who)s."),
    FindingKind.OUTSIDE_PARENT: _l("%(who)s: %(share)s lie outside the community (%(parent)s)."),
    FindingKind.IN_TWO_PARENTS: _l(
        "%(who)s lies in %(parent)s (%(share)s) and in %(other)s (%(other_share)s)."
    ),
}


def sentence(record: Mapping[str, Any]) -> str:
    """A finding, as `versions.as_record` keeps it, in one sentence."""
    detail = record["detail"]
    values = {
        **detail,
        "who": who(record["features"], record["codes"]),
        "area": format_decimal(round(record["area_m2"] or 0)),
        "width": format_decimal(round(detail.get("width_m", 0), 2)),
        "misfit": format_decimal(round(detail.get("misfit_m", 0))),
        "after": format_decimal(round(detail.get("misfit_after_m", 0))),
        "share": format_percent(round(detail.get("share", 0), 2)),
        "other_share": format_percent(round(detail.get("other_share", 0), 2)),
        "parent": detail.get("parent") or _("none"),
        "likely": detail.get("likely") or _("unreadable"),
    }
    if record["kind"] == FindingKind.BAD_CODE:
        values["fault"] = FAULT_LABELS[CodeFault(detail["reason"])]
    words = str(_SENTENCES[FindingKind(record["kind"])]) % values
    repair = _("A repair is proposed.")  # apart: in an f-string no tool would find the sentence
    return f"{words} {repair}" if record["repaired"] else words


def who(features: list[int], codes: list[str]) -> str:
    """The areas of a finding by code, and by their number in the file."""
    names = [
        _("%(code)s (no. %(number)d)", code=code, number=number)
        if code
        else _("no. %(number)d", number=number)
        for number, code in zip(features[:5], codes[:5], strict=True)
    ]
    if len(features) > 5:
        names.append(ngettext("%(num)d more", "%(num)d more", len(features) - 5))
    return listed(names) or _("nothing")


def label_of(kind: str) -> str:
    return str(KIND_LABELS[FindingKind(kind)])
