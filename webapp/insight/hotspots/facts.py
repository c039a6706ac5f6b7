"""What the page and its scripts are given: arrays and words, no outlines (those are the map's)."""

import math
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import numpy as np
from flask import url_for
from flask_babel import gettext as _
from numpy.typing import NDArray
from pyproj import Transformer
from sqlalchemy.orm import Session

from gis.emerging import Pattern
from gis.localmoran import Quadrant
from gis.tiles import metres_per_pixel
from webapp.cases.listing import filter_choices
from webapp.cases.vocabulary import Source
from webapp.core.database import WGS84
from webapp.insight.hotspots import ranking
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import BESIDE, CHANGE, EMERGING, NOW, Asked
from webapp.insight.hotspots.places import Places, grids_of, is_illustrative, to_metres
from webapp.insight.hotspots.reach import Reach, choices_of
from webapp.insight.hotspots.rules import BANDS, GRIDS, QUEEN, Rate
from webapp.insight.hotspots.sentences import notes, period_is, said
from webapp.insight.hotspots.signs import BESIDE_MEANINGS, KINDS, MEANINGS, SIGNS, VIEWS
from webapp.insight.selection import DAYS
from webapp.mapping.page import CONTROLS, MapFragments, build_map
from webapp.people.models import Office, Person
from webapp.standards.service import office_standards
from webapp.standards.wording import class_name

GRID_PIXELS = 20  # as on the office's map
CODES = {sign: at for view in (EMERGING, BESIDE) for at, sign in enumerate(VIEWS[view])} | {
    "": -1, Pattern.NONE: -1}  # fmt: skip
Bounds = list[list[float]]


def answer_json(
    session: Session,
    office: Office,
    asked: Asked,
    reach: Reach,
    analysis: Analysis,
    before: Analysis | None,
    now: datetime,
) -> dict[str, Any]:
    """The answer for the page's script: see `Answer` in static/js/insight/answer.js."""
    chosen = ranking.order(analysis, before)
    listed = ranking.rows(session, office, asked, reach, analysis, chosen, now)
    gi, beside = replace(asked, view=NOW), replace(asked, view=BESIDE)
    return {
        "by": asked.by.text,
        "cell": _cell(session, office, asked),
        "said": said(analysis, gi, raw=False, before=before),
        "said_raw": said(analysis, gi, raw=True, before=before),
        "said_beside": said(analysis, beside, raw=False),
        "said_beside_raw": said(analysis, beside, raw=True),
        "period": period_is(analysis),
        "trend": _("Cases by month") if analysis.by_month else _("Cases by week"),
        "nothing": analysis.reason,
        "notes": notes(analysis, asked, reach),
        "against": before is not None,
        "tests": analysis.tests,
        "places": _arrays(analysis, before),
        "list": [_shown(row, asked) for row in listed],
    }


def _arrays(analysis: Analysis, before: Analysis | None) -> dict[str, list[Any]]:
    """The places that are more than neutral and empty, as columns."""
    told = (analysis.cases > 0) | (analysis.raw != 0) | (analysis.pattern != Pattern.NONE)
    then = analysis if before is None else before
    told |= then.raw != 0
    told |= analysis.kinds(raw=True) != Quadrant.NONE
    places = analysis.places.only(told)
    patterns = np.array(analysis.hot_patterns(), object)[told]
    return {
        "ids": places.ids.tolist(),
        "at": np.round(places.points, 5).ravel().tolist(),
        "cases": analysis.cases[told].tolist(),
        "level": analysis.level[told].tolist(),
        "raw": analysis.raw[told].tolist(),
        "emerging": [CODES[pattern] for pattern in patterns.tolist()],
        "beside": _codes(analysis.kinds(raw=False)[told]),
        "beside_raw": _codes(analysis.kinds(raw=True)[told]),
        "before": then.level[told].tolist() if before else [],
        "before_raw": then.raw[told].tolist() if before else [],
    }


def _codes(kinds: NDArray[np.object_]) -> list[int]:
    return [CODES[KINDS[kind]] for kind in kinds.tolist()]


def _shown(row: ranking.Row, asked: Asked) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in SHOWN}
    return facts | {"url": cases_address(row, asked)}


SHOWN = (
    "id", "code", "name", "community", "cases", "around", "since", "development", "classes",
    "department", "open", "overdue", "spark",
)  # fmt: skip


def cases_address(row: ranking.Row, asked: Asked) -> str:
    """The list of the very cases that were counted in a place."""
    args = {name: value for name, value in asked.args().items() if name not in ("view", "raw")}
    return f"{url_for('hotspots.cases', place=row.id)}?{urlencode(args)}"


def _cell(session: Session, office: Office, asked: Asked) -> list[list[float]]:
    """The corners of a net's cell as degrees from its middle; over an office they are all alike."""
    if asked.by == GRIDS:
        return []
    places = grids_of(session, office)
    metres = to_metres(places)
    back = Transformer.from_crs(metres.target_crs, WGS84, always_xy=True)
    middle = (places.points.min(axis=0) + places.points.max(axis=0)) / 2
    x, y = metres.transform(*middle)
    corners = [(x + dx, y + dy) for dx, dy in _corners(asked)]
    degrees = [back.transform(*corner) for corner in corners]
    return [[round(lon - middle[0], 7), round(lat - middle[1], 7)] for lon, lat in degrees]


def _corners(asked: Asked) -> list[tuple[float, float]]:
    size = asked.by.size_m
    if asked.by.kind == "square":
        return [(a * size / 2, b * size / 2) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    radius = size / math.sqrt(3)  # a hexagon standing on a corner
    turns = [math.radians(60 * n - 90) for n in range(6)]
    return [(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]


# --- the page ------------------------------------------------------------------------------------


def page(session: Session, person: Person, asked: Asked, today: date) -> dict[str, Any]:
    """Everything that the template shows; none of it needs a count."""
    office = person.office
    places = grids_of(session, office)
    bounds = bounds_of(places)
    given = choices(session, person)
    told = page_facts(office, places, bounds, today)
    if given["whose"]:
        told["defaults"]["whose"] = given["whose"][0][0]
    return {
        "choices": given,
        "chosen": asked.args(),
        "fragments": map_of(bounds),
        "illustrative": is_illustrative(session, office),
        "views": [(NOW, _("Hot and cold")), (EMERGING, _("Development")),
                  (BESIDE, _("Contrast")), (CHANGE, _("Change"))],
        "layers": [("clusters", _("Clusters")), ("repeats", _("Repeat places")),
                   ("density", _("Density (a picture)"))],
        "away": [("png", _("Picture (PNG)")), ("csv", "CSV"), ("geojson", "GeoJSON"),
                 ("gpkg", "GeoPackage")],
        "meanings": {view: [{"key": key, "label": SIGNS[key], "meaning": words}
                            for key, words in known.items()]
                     for view, known in ((EMERGING, MEANINGS), (BESIDE, BESIDE_MEANINGS))},
        "facts": told,
    }  # fmt: skip


def bounds_of(places: Places) -> Bounds:
    """South-west and north-east corner of the places' middles, with half a place around."""
    (west, south), (east, north) = places.points.min(axis=0), places.points.max(axis=0)
    half = math.sqrt(float(np.median(places.areas_m2))) / 2 / 111_320
    return [[south - half, west - half * 1.3], [north + half, east + half * 1.3]]


def map_of(bounds: Bounds) -> MapFragments:
    (south, west), (north, east) = bounds
    center = ((south + north) / 2, (west + east) / 2)
    return build_map("hot_map", center=center, zoom=12, controls=CONTROLS - {"coordinates"})


def page_facts(office: Office, places: Places, bounds: Bounds, today: date) -> dict[str, Any]:
    lat = (bounds[0][0] + bounds[1][0]) / 2
    width_m = math.sqrt(float(np.median(places.areas_m2)))
    first = date.fromordinal(today.toordinal() - DAYS + 1)
    return {
        "office": office.code,
        "revision": office.revision,
        "today": today.isoformat(),
        "bounds": bounds,
        "gridsFrom": round(math.log2(GRID_PIXELS * metres_per_pixel(0, lat) / width_m), 2),
        "defaults": {
            "since": first.isoformat(), "until": today.isoformat(), "state": "all",
            "by": "grids", "weights": "queen", "rate": "count",
        },
        "signs": {key: str(words) for key, words in SIGNS.items()},
        "views": VIEWS,
        "urls": {
            "areas": url_for("map.areas_json"),
            "data": url_for("hotspots.data"),
            "clusters": url_for("hotspots.search"),
            "repeats": url_for("hotspots.repeat_places"),
            "density": url_for("hotspots.density"),
        },
        "words": {
            "cases": _("{n} cases"), "oneCase": _("1 case"), "neutral": _("not significant"),
            "more": _("{n} more places"), "open": _("{n} open"), "overdue": _("{n} overdue"),
            "openCases": _("List the {n} cases"), "openOne": _("Show the one case"),
            "unlisted": _("{n} more stand out: the map and the files have them all."),
            "density": _("density, not significance"),
        },
    }  # fmt: skip


def choices(session: Session, person: Person) -> dict[str, Any]:
    """What can be chosen in the filters: pairs of value and label."""
    office = person.office
    given = filter_choices(session, office)
    classes = sorted(office_standards(session, office).classes.values(), key=lambda one: one.code)
    return {
        "state": [("all", _("all cases")), *(p for p in given["state"] if p[0] != "all")],
        "group": [*given["group"], *((one.code, f"　{class_name(one)}") for one in classes)],
        "community": given["community"],
        "department": given["department"],
        "source": [("", _("all sources")), *((one.value, one.label) for one in Source)],
        "by": [
            (GRIDS.text, _("grids")),
            *((f"square:{m}", _("squares of %(metres)d m", metres=m)) for m in (250, 500, 1000)),
            *((f"hex:{m}", _("hexagons of %(metres)d m", metres=m)) for m in (250, 500)),
        ],
        "weights": [
            (QUEEN.text, _("that touch (queen)")),
            *((band.text, _("within %(metres)d m", metres=band.metres)) for band in BANDS),
        ],
        "rate": [(Rate.COUNT, _("number of cases")), (Rate.AREA, _("cases by km²"))],
        "whose": [(one.value, one.label) for one in choices_of(session, person)],
    }
