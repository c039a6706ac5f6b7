"""Folium elements made ours: assets from our own origin, nothing that a strict CSP would block.

Their scripts end up together in one ES module of the page (see `page.build_map`), so an element
may `import`. Branca reads what an element has rendered as a template once more: hand it no text
but ours and the operator's, and that through `literal`.
"""

import json
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import Fullscreen, LocateControl
from folium.template import Template

VENDOR = "/static/vendor"
MODULES = "/static/js/mapping"


def literal(value: object) -> str:
    """A JavaScript literal that is safe inside a script element and inside a Jinja template."""
    text = json.dumps(value, ensure_ascii=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    for sign in "{%#":  # after a brace these begin something in Jinja; in JSON only inside strings
        text = text.replace("{" + sign, f"{{\\u{ord(sign):04x}")
    return text


class PageMap(folium.Map):
    """A Folium map as one part of a page of ours, under an id that stays the same."""

    default_js = [("leaflet", f"{VENDOR}/leaflet/dist/leaflet.js")]
    default_css = [("leaflet_css", f"{VENDOR}/leaflet/dist/leaflet.css")]

    def __init__(self, element_id: str, **options: Any) -> None:
        self.element_id = element_id  # before Folium asks for the name
        super().__init__(tiles=None, **options)

    def get_name(self) -> str:
        return self.element_id

    @property
    def figure(self) -> Figure:
        """What Folium renders into: header, html and script."""
        root = self.get_root()
        assert isinstance(root, Figure)  # noqa: S101 - Folium puts every map into one
        return root

    def render(self, **kwargs: Any) -> str:
        """Render, and replace Folium's header: it styles and zooms a page that is a map alone."""
        super().render(**kwargs)
        self.figure.header.add_child(Element(""), name=self.get_name())
        return ""


class FullScreenButton(Fullscreen):
    default_js = [("full_screen", f"{VENDOR}/leaflet.fullscreen/dist/Control.FullScreen.umd.js")]
    default_css = [("full_screen_css", f"{VENDOR}/leaflet.fullscreen/dist/Control.FullScreen.css")]
    # Since version 5 the plugin has no `L.control.fullscreen`, which Folium calls.
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "new L.Control.FullScreen({{ this.options|tojavascript }})"
        ".addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )


class LocateButton(LocateControl):
    default_js = [("locate", f"{VENDOR}/leaflet.locatecontrol/dist/L.Control.Locate.min.js")]
    default_css = [("locate_css", f"{VENDOR}/leaflet.locatecontrol/dist/L.Control.Locate.min.css")]


class ModuleCall(JSCSSMixin, MacroElement):
    """Calls `function(map, options)` of one of our modules with the map it is added to."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "import { {{ this.function }} } from {{ this.module }};\n"
        "{{ this.function }}({{ this._parent.get_name() }}, {{ this.options }});"
        "{% endmacro %}"
    )

    def __init__(self, module: str, function: str, options: dict[str, Any]) -> None:
        super().__init__()
        self._name = function
        self.module = literal(f"{MODULES}/{module}")
        self.function = function
        self.options = literal(options)
