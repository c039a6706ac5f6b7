"""A Folium map as fragments that our own templates put into a page.

`{% from "mapping/map.html" import map_view %}{{ map_view(build_map("place", …)) }}` shows it;
`import { whenMap } from "/static/js/mapping/ready.js"` gives a page's script the Leaflet map.
Nothing that a person wrote may pass through here: send it as JSON and show it by `textContent`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from branca.element import CssLink, Element, JavascriptLink
from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _

from gis.coordinates import Datum
from webapp.core.settings import Settings
from webapp.mapping.elements import FullScreenButton, LocateButton, ModuleCall, PageMap

MAX_ZOOM = 20
CONTROLS = frozenset({"scale", "locate", "full_screen", "coordinates", "north"})

LatLon = tuple[float, float]


@dataclass(frozen=True)
class MapFragments:
    """A map in pieces: what to load, in this order, and then the element and its script."""

    element_id: str
    stylesheets: tuple[str, ...]
    scripts: tuple[str, ...]
    html: str
    script: str  # an ES module


def build_map(
    element_id: str,
    *,
    center: LatLon,
    zoom: float,
    bounds: tuple[LatLon, LatLon] | None = None,
    min_zoom: int = 3,
    controls: frozenset[str] = CONTROLS - {"north"},
) -> MapFragments:
    """A map at `center` (latitude, longitude), or fitted to `bounds` (south-west, north-east).

    `element_id` becomes a JavaScript variable: letters, digits and underscores. `controls` are
    some of CONTROLS. The base map is the operator's (TILE_URL), none by default.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", element_id):
        raise ValueError(f"element id {element_id!r}: allowed are a-z, 0-9 and _, a letter first")
    if unknown := controls - CONTROLS:
        raise ValueError(f"unknown controls {sorted(unknown)}; allowed are {sorted(CONTROLS)}")
    settings: Settings = current_app.config["WANGGE"]
    tiles = (settings.tile_url, settings.tile_attribution, Datum(settings.tile_datum))
    language = str(get_locale())
    return _render(element_id, center, zoom, bounds, min_zoom, controls, tiles, language)


@lru_cache(maxsize=64)  # the same pages are asked for again and again
def _render(
    element_id: str,
    center: LatLon,
    zoom: float,
    bounds: tuple[LatLon, LatLon] | None,
    min_zoom: int,
    controls: frozenset[str],
    tiles: tuple[str, str, Datum],
    _language: str,  # the controls' words depend on it
) -> MapFragments:
    page_map = PageMap(
        element_id,
        location=center,
        zoom_start=zoom,
        min_zoom=min_zoom,
        max_zoom=MAX_ZOOM,
        zoom_control=False,  # ours has titles in the reader's language
    )
    page_map.options.update(max_zoom=MAX_ZOOM, min_zoom=min_zoom, zoom_snap=0.25)
    for element in (*_base_map(*tiles), _zoom_buttons(), *_controls(controls)):
        element.add_to(page_map)
    ready = ModuleCall("ready.js", "announceMap", {"id": element_id, "bounds": bounds})
    ready.add_to(page_map)
    return _fragments(page_map)


def _base_map(url: str, attribution: str, datum: Datum) -> list[Element]:
    if not url:
        return []
    options = {"url": url, "attribution": attribution, "datum": datum, "maxZoom": MAX_ZOOM}
    return [ModuleCall("basemap.js", "addBaseMap", options)]


def _zoom_buttons() -> Element:
    words = {"zoomInTitle": _("Zoom in"), "zoomOutTitle": _("Zoom out")}
    return ModuleCall("zoom.js", "addZoomButtons", {"position": "topright", **words})


def _controls(wanted: frozenset[str]) -> list[Element]:
    made = {
        "scale": lambda: ModuleCall("scale.js", "addScale", {}),
        "locate": lambda: LocateButton(
            position="topright",
            strings={"title": _("Where am I?")},
            showPopup=False,
            flyTo=False,
        ),
        "full_screen": lambda: FullScreenButton(
            position="topright",
            title=_("Full screen"),
            title_cancel=_("Leave full screen"),
            force_separate_button=True,
        ),
        "coordinates": lambda: ModuleCall(
            "coordinates.js", "addCoordinates", {"label": _("Datum of the coordinates")}
        ),
        "north": lambda: ModuleCall("north.js", "addNorth", {"label": _("North is up")}),
    }
    return [make() for name, make in made.items() if name in wanted]


def _fragments(page_map: PageMap) -> MapFragments:
    """Render header, element and script apart: in a page of ours each needs its own place."""
    figure = page_map.figure
    for number, child in enumerate(page_map._children.values()):
        child._id = f"{page_map.element_id}_{number}"  # the same page renders the same text
    page_map.render()
    header = figure.header._children.values()
    return MapFragments(
        element_id=page_map.element_id,
        stylesheets=tuple(link.url for link in header if isinstance(link, CssLink)),
        scripts=tuple(link.url for link in header if isinstance(link, JavascriptLink)),
        html=figure.html.render(),
        script=figure.script.render(),
    )
