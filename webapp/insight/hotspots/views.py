"""`/insight/hotspots` and what hangs on it."""

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.cases.listing import one_of
from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.core.errors import NotFound
from webapp.core.jobs import Job
from webapp.core.memory import trim_heap
from webapp.insight.hotspots import facts, picturing, ranking, searching
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import Asked, read_address
from webapp.insight.hotspots.behind import cases_behind
from webapp.insight.hotspots.field import prepare_grids
from webapp.insight.hotspots.files import FORMATS, SIGNS, write_places
from webapp.insight.hotspots.picture import has_chinese_font
from webapp.insight.hotspots.places import grids_of
from webapp.insight.hotspots.pointlayers import density_picture, repeats
from webapp.insight.hotspots.reach import LOOKERS, Reach, reach_of
from webapp.insight.hotspots.rules import GRIDS
from webapp.insight.hotspots.sentences import notes, period_words, said
from webapp.insight.hotspots.service import answer, answer_before
from webapp.insight.hotspots.signs import in_order, signs_of
from webapp.people.access import desk, present_person
from webapp.people.looking import looked_at
from webapp.people.models import Office
from webapp.places.locating import office_today
from webapp.standards.service import office_standards

blueprint = Blueprint("hotspots", __name__, url_prefix="/insight/hotspots")

ON_PAPER = 12  # places


def _asked() -> tuple[Office, Asked, Reach]:
    """What this address asks for, within what its visitor may ask."""
    person = present_person()
    if not len(grids_of(current_session(), person.office)):
        raise NotFound("no_boundaries", _("There are no places to compare yet"))
    asked = read_address(request.args, office_today(person.office))
    reach = reach_of(current_session(), person, asked.whose, looked_at(person))
    return person.office, asked, reach


@blueprint.get("")
@desk(*LOOKERS)
def show() -> ResponseReturnValue:
    session, person = current_session(), present_person()
    if not len(grids_of(session, person.office)):
        return render_template(
            "insight/hotspots_empty.html",
            title=_("There are no places to compare yet"),
            words=_("Hot spots are found among grids. First the boundaries are imported."),
        )
    office, asked, _within = _asked()
    told = facts.page(session, person, asked, office_today(office))
    return render_template("insight/hotspots.html", **told)


@blueprint.get("/data.json")
@desk(*LOOKERS)
def data() -> ResponseReturnValue:
    session = current_session()
    office, asked, reach = _asked()
    if asked.by == GRIDS:
        prepare_grids(session, office, asked.near)
    analysis = answer(session, office, asked, reach)
    before = answer_before(session, office, asked, reach)
    told = facts.answer_json(session, office, asked, reach, analysis, before, now())
    if asked.by != GRIDS:  # its cases were read one by one
        trim_heap()
    return _unless_known(jsonify(told))


@blueprint.get("/repeats.json")
@desk(*LOOKERS)
def repeat_places() -> ResponseReturnValue:
    office, asked, reach = _asked()
    told = repeats(current_session(), office, asked, reach)
    trim_heap()
    return _unless_known(jsonify(told))


@blueprint.post("/clusters")
@desk(*LOOKERS)
def search() -> ResponseReturnValue:
    """Have the worker look for clusters, or tell what it has found to this question."""
    session, person = current_session(), present_person()
    _office, asked, reach = _asked()
    job = searching.search(session, person, asked, reach, looked_at(person), now())
    return _search_told(job)


@blueprint.get("/clusters/<int:job_id>")
@desk(*LOOKERS)
def found(job_id: int) -> ResponseReturnValue:
    return _search_told(searching.own_search(current_session(), present_person(), job_id))


def _search_told(job: Job) -> ResponseReturnValue:
    told = searching.told(current_session(), job, now())
    response = jsonify(told | {"url": url_for("hotspots.found", job_id=job.id)})
    response.cache_control.no_store = True
    return response


@blueprint.get("/density.png")
@desk(*LOOKERS)
def density() -> ResponseReturnValue:
    session = current_session()
    office, asked, reach = _asked()
    bounds = facts.bounds_of(grids_of(session, office))
    drawn = density_picture(session, office, asked, reach, bounds)
    return _unless_known(Response(drawn, mimetype="image/png"))


def _unless_known(response: Response) -> ResponseReturnValue:
    """Asked anew each time, and sent only where it has changed."""
    response.add_etag()
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response.make_conditional(request)


@blueprint.get("/cases/<int:place>")
@desk(*LOOKERS)
def cases(place: int) -> ResponseReturnValue:
    session = current_session()
    office, asked, reach = _asked()
    page = request.args.get("page", 1, type=int)
    found = cases_behind(session, office, asked, reach, place, page)
    return render_template(
        "insight/cases.html",
        found=found,
        period=period_words(asked.selection),
        narrowed=_other_filters(asked),
        back=_address("hotspots.show", asked, place=str(place)),
        clock=office_standards(session, office).clock,
    )


@blueprint.get("/file/<kind>")
@desk(*LOOKERS)
def file(kind: str) -> ResponseReturnValue:
    session = current_session()
    one_of("format", kind, (*FORMATS, "png"))
    office, asked, reach = _asked()
    analysis = answer(session, office, asked, reach)
    content = _picture(office, asked, reach, analysis) if kind == "png" else _table(analysis, kind)
    trim_heap()
    response = Response(content, mimetype=SIGNS[kind])
    if request.args.get("shown") != "1":
        name = f"hotspots-{asked.selection.since}-{asked.selection.until}.{kind}"
        response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _table(analysis: Analysis, kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"hotspots.{kind}"
        outlines = None if kind == "csv" else analysis.field.outlines(current_session())
        write_places(analysis, outlines, path, kind)
        return path.read_bytes()


def _picture(office: Office, asked: Asked, reach: Reach, analysis: Analysis) -> bytes:
    session = current_session()
    before = answer_before(session, office, asked, reach)
    if has_chinese_font():
        return picturing.picture(session, office, asked, reach, analysis, before)
    with force_locale("en"):
        return picturing.picture(session, office, asked, reach, analysis, before)


@blueprint.get("/print")
@desk(*LOOKERS)
def paper() -> ResponseReturnValue:
    session = current_session()
    office, asked, reach = _asked()
    analysis = answer(session, office, asked, reach)
    before = answer_before(session, office, asked, reach)
    ranked = ranking.order(analysis, before)
    chosen = in_order(ranked, analysis, before, asked)[:ON_PAPER]
    return render_template(
        "insight/paper.html",
        office=office,
        subtitle=" · ".join([period_words(asked.selection), *_other_filters(asked)]),
        said=said(analysis, asked, raw=asked.raw, before=before),
        notes=notes(analysis, asked, reach),
        rows=ranking.rows(session, office, asked, reach, analysis, chosen, now()),
        signs=signs_of(analysis, before, asked),
        picture=_address("hotspots.file", asked, kind="png", shown="1"),
        back=_address("hotspots.show", asked),
    )


def _address(endpoint: str, asked: Asked, **more: str) -> str:
    """An address that asks for the same; `kind` belongs to its path."""
    path = url_for(endpoint, kind=more.pop("kind")) if "kind" in more else url_for(endpoint)
    return f"{path}?{urlencode(asked.args() | more)}"


def _other_filters(asked: Asked) -> list[str]:
    """What narrows the cases besides the period, in words."""
    selection, office = asked.selection, present_person().office
    told: dict[str, Any] = facts.choices(current_session(), present_person())
    chosen = {"group": selection.group, "department": selection.department,
              "community": selection.community, "source": selection.source,
              "state": None if selection.state == "all" else selection.state}  # fmt: skip
    g.setdefault("time_zone", office.time_zone)
    return [
        str(dict(told[name]).get(value, value)).strip() for name, value in chosen.items() if value
    ]
