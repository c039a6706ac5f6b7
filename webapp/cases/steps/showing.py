"""The page of a case and the panel of the desks, as text."""

from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import gettext as _

from webapp.cases import queries
from webapp.cases.models import Case
from webapp.cases.photos import MOST_BYTES, MOST_PHOTOS
from webapp.cases.placing import nearest_grids
from webapp.cases.steps.fields import Refusal
from webapp.cases.steps.page import (
    CasePage,
    decider_words,
    presence_words,
    read_page,
    reason_line,
)
from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.mapping.page import MapFragments, build_map
from webapp.people.access import has_role, present_person
from webapp.people.models import Role

PLACERS = (Role.DISPATCHER, Role.ADMINISTRATOR)
CASE_ZOOM, OFFICE_ZOOM = 17, 13


def found_case(number: str) -> Case:
    """The case of an address, if the person may know of it; times are told in its office's zone."""
    person = present_person()
    g.time_zone = person.office.time_zone
    return queries.case_by_number(current_session(), person, number)


def show_case(case: Case, refusal: Refusal | None = None) -> str:
    """The whole page; with `refusal` as it comes back when a step was not taken."""
    session, person = current_session(), present_person()
    page = read_page(session, person, case, now(), refusal)
    placing = case.grid_id is None and has_role(person, *PLACERS)
    fragments = _map(page.facts.point, placing)
    return render_template(
        "cases/case.html",
        **_common(page, refusal),
        fragments=fragments,
        grids=nearest_grids(session, case) if placing else [],
        placing=placing,
        for_script=_for_script(page.facts) if fragments else None,
    )


def show_panel(case: Case) -> str:
    """The same in brief, without the frame of a page, for the desks."""
    page = read_page(current_session(), present_person(), case, now())
    return render_template("cases/panel.html", **_common(page, None))


def photo_address(photo_id: int, small: bool) -> str:
    return url_for("cases.photo", photo_id=photo_id, size="small" if small else None)


def _common(page: CasePage, refusal: Refusal | None) -> dict[str, Any]:
    wished = request.args.get("step", "")
    return {
        "page": page,
        "case": page.case,
        "facts": page.facts,
        "opened": refusal.action.value if refusal else wished,
        "photo_address": photo_address,
        "presence_words": presence_words,
        "decider_words": decider_words,
        "reason_line": reason_line,
        "step_facts": step_facts(page.case),
    }


def step_facts(case: Case) -> dict[str, Any]:
    """What the script of the buttons has to know and to say."""
    return {
        "number": case.number,
        "point": case.lonlat,
        "mostPhotos": MOST_PHOTOS,
        "mostMegabytes": MOST_BYTES // 1024**2,
        "words": {
            "too_many": _("At most %(most)s photos.", most="{most}"),
            "too_large": _("%(name)s is larger than %(most)s MB.", name="{name}", most="{most}"),
            "remove": _("Remove this photo"),
            "offline": _("It could not be sent: no connection. What you typed is kept; try again."),
            "failed": _("It could not be sent. What you typed is kept; try again in a minute."),
            "sending": _("Sending…"),
            "searching": _("Looking for your position…"),
            "no_position": _("Your position is not known. You can report in even so."),
            "away": _("You are %(distance)s from the case.", distance="{distance}"),
            "left": _("%(span)s left to come", span=_("%(minutes)s min", minutes="{minutes}")),
            "late": _("not come, %(span)s late", span=_("%(minutes)s min", minutes="{minutes}")),
        },
    }


def _map(point: tuple[float, float] | None, placing: bool) -> MapFragments | None:
    """Around the case's point; to place one without, the whole office."""
    controls = frozenset({"scale", "full_screen", "coordinates"})
    if point:
        return build_map("case_map", center=(point[1], point[0]), zoom=CASE_ZOOM, controls=controls)
    bounds = queries.office_bounds(current_session(), present_person().office)
    if not placing or bounds is None:
        return None
    west, south, east, north = bounds
    return build_map(
        "case_map",
        center=((south + north) / 2, (west + east) / 2),
        zoom=OFFICE_ZOOM,
        bounds=((south, west), (north, east)),
        controls=controls,
    )


def _for_script(facts: queries.CaseFacts) -> dict[str, Any]:
    return {
        "point": facts.point,
        "lamp": facts.lamp,
        "office": present_person().office.code,
        "words": {"chosen": _("The new point lies in %(place)s", place="{place}"),
                  "outside": _("This point lies outside all grids, too.")},
    }  # fmt: skip
