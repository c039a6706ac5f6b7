"""Icons for the pages: Bootstrap Icons, written into the page so that none is fetched apart."""

from functools import cache

from flask import Flask
from markupsafe import Markup

from webapp.core.settings import ROOT

ICONS = ROOT / "webapp" / "static" / "vendor" / "bootstrap-icons" / "icons"


@cache
def icon(name: str) -> Markup:
    """The icon of that name (icons.getbootstrap.com) in the colour and size of the text near it.

    It is hidden from screen readers: the words beside it, or the button's label, say what it means.
    """
    source = ICONS / f"{name}.svg"
    if not source.exists():
        raise LookupError(f"no icon is called {name!r}: see {ICONS.relative_to(ROOT)}")
    shape = source.read_text("utf-8").partition(">")[2].replace("\n", "")
    opening = '<svg class="icon" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">'
    return Markup(opening + shape)  # noqa: S704 - from our own package of icons


def init_app(app: Flask) -> None:
    app.jinja_env.globals["icon"] = icon
