"""What an analysis says in plain words, and what must be said besides."""

from datetime import timedelta

import numpy as np
from flask_babel import gettext as _
from flask_babel import ngettext

from gis.localmoran import Quadrant
from webapp.core.i18n import listed, show_day
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import BESIDE, EMERGING, Asked
from webapp.insight.hotspots.reach import Reach
from webapp.insight.hotspots.rules import GRIDS, SIGNIFICANT, By
from webapp.insight.selection import Selection

LATELY = timedelta(days=30)
MOST_NAMED = 8


def places_words(by: By) -> str:
    if by == GRIDS:
        return _("grids")
    if by.kind == "areas":
        return _("areas")
    if by.kind == "square":
        return _("squares of %(metres)d m", metres=by.size_m)
    return _("hexagons of %(metres)d m", metres=by.size_m)


def said(
    analysis: Analysis, asked: Asked, *, raw: bool, before: Analysis | None = None
) -> list[str]:
    """The answer of a view in a few sentences, the foremost first."""
    if analysis.reason:
        sentences = [analysis.reason]
    elif asked.view == BESIDE:
        sentences = _beside(analysis, asked, raw)
    else:
        sentences = _hot_and_cold(analysis, asked, raw)
    if before is not None and asked.view != BESIDE:
        sentences.append(_compared(analysis, before, asked, raw=raw))
    return [words for words in sentences if words]


def _hot_and_cold(analysis: Analysis, asked: Asked, raw: bool) -> list[str]:
    levels, tests = analysis.levels(raw), analysis.tests
    hot, cold = int((levels > 0).sum()), int((levels < 0).sum())
    first = _hot(hot, {"tests": tests, "places": places_words(asked.by)})
    return [_ended(first, tests, raw), _cold(cold), _new(analysis, raw), _by_chance(tests, raw)]


def _beside(analysis: Analysis, asked: Asked, raw: bool) -> list[str]:
    """How places stand beside their neighbours: the lone ones first, which Gi* cannot tell."""
    kinds = analysis.kinds(raw).tolist()
    tests = int(np.count_nonzero(~np.isnan(analysis.beside.z)))
    alone = kinds.count(Quadrant.HIGH_LOW)
    facts = {"tests": tests, "places": places_words(asked.by)}
    none = _("In none of %(tests)d %(places)s there are many reports amid few", **facts)
    some = _(
        "In %(alone)d of %(tests)d %(places)s there are many reports amid few: trouble spots of"
        " their own",
        alone=alone,
        **facts,
    )
    others = _(
        "%(high)d have many amid many, %(below)d few amid many, %(low)d few amid few.",
        high=kinds.count(Quadrant.HIGH_HIGH),
        below=kinds.count(Quadrant.LOW_HIGH),
        low=kinds.count(Quadrant.LOW_LOW),
    )
    return [_ended(some if alone else none, tests, raw), others, _by_chance(tests, raw)]


def _ended(words: str, tests: int, raw: bool) -> str:
    """The first sentence with its end, which says whether it is corrected."""
    corrected = "" if raw else _(" (corrected for %(tests)d tests)", tests=tests)
    return words + corrected + _(".")


def _by_chance(tests: int, raw: bool) -> str:
    return (
        _(
            "Uncorrected: of %(tests)d places about %(chance)d look unusual by chance alone.",
            tests=tests,
            chance=round(tests * SIGNIFICANT),
        )
        if raw
        else ""
    )


def _hot(number: int, facts: dict[str, object]) -> str:
    if number == 0:
        return _(
            "In none of %(tests)d %(places)s were there more reports than chance explains", **facts
        )
    return _(
        "In %(hot)d of %(tests)d %(places)s there were more reports than chance explains",
        hot=number,
        **facts,
    )


def _cold(number: int) -> str:
    return (
        ngettext("In %(num)d there were fewer.", "In %(num)d there were fewer.", number)
        if number
        else ""
    )


def _new(analysis: Analysis, raw: bool) -> str:
    """How many of the hot ones have been so for less than a month; of a short time none can say."""
    span = analysis.edges[-1] - analysis.edges[0] if len(analysis.edges) > 1 else timedelta()
    if analysis.undeveloped or span < 2 * LATELY:
        return ""
    begun = analysis.edges[-1] - LATELY
    hot = (analysis.levels(raw) > 0).tolist()
    new = sum(
        h and day is not None and day >= begun for h, day in zip(hot, analysis.since, strict=True)
    )
    return ngettext("%(num)d is new this month.", "%(num)d are new this month.", new) if new else ""


def _compared(now: Analysis, before: Analysis, asked: Asked, *, raw: bool) -> str:
    """What has changed since the other period."""
    if now.reason or before.reason:
        return _("The two periods cannot be compared: %(why)s", why=before.reason or now.reason)
    hot, was = now.levels(raw) > 0, before.levels(raw) > 0
    return _(
        "Compared with %(period)s, %(became)d became hot, %(cooled)d are no longer hot, and"
        " %(stayed)d still are.",
        period=period_words(asked.against),
        became=int((hot & ~was).sum()),
        cooled=int((was & ~hot).sum()),
        stayed=int((hot & was).sum()),
    )


def notes(analysis: Analysis, asked: Asked, reach: Reach) -> list[str]:
    """What a careful reader must know of these numbers."""
    total = int(analysis.cases.sum())
    told = [
        _("%(cases)d cases, %(period)s.", cases=total, period=period_words(asked.selection)),
        reach.words,
        _alone(asked, reach),
        islands_words(analysis),
        _("%(num)d cases lie in none of these places.", num=analysis.nowhere)
        if analysis.nowhere
        else "",
        period_is(analysis) if asked.view == EMERGING and not analysis.undeveloped else "",
        _("How places develop cannot be said: %(why)s", why=analysis.undeveloped)
        if analysis.undeveloped and not analysis.reason
        else "",
    ]
    if asked.by != GRIDS or not asked.selection.in_cube():
        told.append(
            _("Counted from the cases themselves in %(seconds).1f s.", seconds=analysis.took_s)
        )
    return [words for words in told if words]


def _alone(asked: Asked, reach: Reach) -> str:
    """A chosen community is tested as if there were no other."""
    if not asked.selection.community or reach.areas:
        return ""
    return _("The chosen area is tested alone: what is outside is neither counted nor compared.")


def islands_words(analysis: Analysis) -> str:
    if not len(analysis.islands):
        return ""
    names = analysis.places.names[analysis.islands].tolist()
    more = len(names) - MOST_NAMED
    shown = listed(names[:MOST_NAMED]) + (" …" if more > 0 else "")
    return ngettext(
        "%(num)d place has no neighbour and is tested by itself alone: %(names)s.",
        "%(num)d places have no neighbour and are tested by themselves alone: %(names)s.",
        len(names),
        names=shown,
    )


def period_is(analysis: Analysis) -> str:
    """What the definitions of how places develop mean by a period."""
    return _("A period is a calendar month.") if analysis.by_month else _("A period is a week.")


def period_words(selection: Selection | None) -> str:
    if selection is None or selection.since is None or selection.until is None:
        return ""
    first, last = selection.since, selection.until
    return _("%(first)s to %(last)s", first=day_words(first), last=day_words(last))


def day_words(day: object) -> str:
    """A day with its year: periods may lie years apart."""
    return f"{day:%Y-%m-%d}"


def since_words(analysis: Analysis, at: int) -> str:
    day = analysis.since[at]
    return _("since %(day)s", day=show_day(day)) if day else ""
