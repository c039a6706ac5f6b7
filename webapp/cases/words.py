"""A case in words: its time left, why it went where it went, what its events say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from gis.coordinates import Datum
from webapp.cases.ledger.columns import COLUMNS
from webapp.cases.models import Case, CaseEvent
from webapp.cases.rules import Lamp, lamp
from webapp.core.i18n import listed, show_moment
from webapp.standards.rules import LIMITS, WorkClock
from webapp.standards.rules.clock import WORK_HOURS_A_DAY

DATUM_LABELS = {
    Datum.WGS84: _l("GPS, the browser (WGS-84)"),
    Datum.GCJ02: _l("Amap, Tencent (GCJ-02)"),
    Datum.BD09: _l("Baidu (BD-09)"),
    Datum.CGCS2000: _l("CGCS2000"),
}

MINUTE, HOUR, DAY = 60, 3600, 86400
WORK_DAY = WORK_HOURS_A_DAY * HOUR
ROUGH_FROM = 48 * HOUR  # beyond two days the hours say nothing


def lamp_of(case: Case, now: datetime) -> Lamp:
    return lamp(case.state, case.warn_at, case.due_at, case.clock_stopped_at, now)


def span_words(span: timedelta, *, office_time: bool) -> str:
    """A length of time as people say it, rounded to what matters; a work day has 8 hours."""
    seconds = int(span.total_seconds())
    if office_time:
        if seconds >= 2 * WORK_DAY:
            return ngettext("%(num)d work day", "%(num)d work days", seconds // WORK_DAY)
        if seconds >= HOUR:
            return ngettext("%(num)d work hour", "%(num)d work hours", seconds // HOUR)
    if seconds >= ROUGH_FROM:
        return ngettext("%(num)d day", "%(num)d days", seconds // DAY)
    if seconds >= HOUR:
        return ngettext("%(num)d hour", "%(num)d hours", seconds // HOUR)
    return ngettext("%(num)d minute", "%(num)d minutes", max(seconds // MINUTE, 1))


def time_left_words(case: Case, now: datetime, clock: WorkClock) -> str:
    """`3 work hours left`, `overdue by 2 days`; empty where no clock runs.

    `clock` is the office's: what is left is counted as the case's own limit runs.
    """
    unit = case.limit_unit
    office_time = LIMITS[unit].office_time
    match lamp_of(case, now):
        case Lamp.NONE:
            return ""
        case Lamp.PAUSED:
            return _("the clock stands")
        case Lamp.RED:
            late = clock.running(case.due_at, case.clock_stopped_at or now, unit)
            return _("overdue by %(span)s", span=span_words(late, office_time=office_time))
        case _other:
            left = clock.running(now, case.due_at, unit)
            return _("%(span)s left", span=span_words(left, office_time=office_time))


def rivals_words(case: Case) -> str:
    """The grids that nearly won, each with its distance."""
    return listed(
        _("%(grid)s (%(metres)s m)", grid=candidate.grid.name, metres=f"{candidate.distance_m:.1f}")
        for candidate in case.candidates
    )


def event_words(event: CaseEvent) -> Iterator[str]:
    """What an event's detail says, line by line."""
    detail: dict[str, Any] = event.detail
    match event.action:
        case "reported":
            if photos := detail.get("photos"):
                yield ngettext("with %(num)d photo", "with %(num)d photos", photos)
        case "imported":
            yield from _source_words(detail)
        case "deadline_recomputed":
            was, due = (datetime.fromisoformat(detail[name]) for name in ("from", "to"))
            yield _("was due %(was)s", was=show_moment(was))
            yield _("is due %(due)s", due=show_moment(due))
        case "placed":
            yield _("placed in %(grid)s", grid=detail["grid"])
        case "corrected":
            yield from _correction_words(detail)


def _correction_words(detail: dict[str, Any]) -> Iterator[str]:
    """Which words of the case were corrected, from what to what."""
    for field, before in detail["was"].items():
        column = next(column for column in COLUMNS if column.field == field)
        after = detail["set"][field]
        yield _("%(name)s: “%(before)s” → “%(after)s”", name=column.name, before=before,
                after=after)  # fmt: skip


def _source_words(detail: dict[str, Any]) -> Iterator[str]:
    """What the source itself said, in its own words."""
    yield _("from %(source)s, row %(row)s", source=detail["source"], row=detail["row"])
    said = {
        _("class"): detail["class"],
        _("state"): detail["state"],
        _("created"): detail["created"],
        _("closed"): detail["closed"],
    }
    for name, words in said.items():
        if words:
            yield _("%(name)s: “%(words)s”", name=name, words=words)
    if not detail["class_listed"]:
        yield _("the mapping does not list this class; it came in under another")
    if detail["conflict"]:
        yield _("the source contradicts itself")
