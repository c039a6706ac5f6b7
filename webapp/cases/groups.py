"""What the groups of case classes look like: a sign, and an English name beside their own."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

SIGNS: dict[str, tuple[str, Any]] = {
    "K01": ("lightbulb-fill", _l("public utilities")),
    "K02": ("signpost-split-fill", _l("roads and traffic")),
    "K03": ("trash3-fill", _l("streetscape facilities")),
    "K04": ("tree-fill", _l("greenery")),
    "K90": ("building-fill", _l("compound facilities")),
    "E01": ("recycle", _l("streetscape")),
    "E02": ("badge-ad-fill", _l("advertising")),
    "E03": ("cone-striped", _l("building works")),
    "E04": ("shop", _l("street order")),
    "E05": ("lightning-fill", _l("emergencies")),
    "E06": ("door-open-fill", _l("other events")),
    "E90": ("house-fill", _l("the office's own events")),
    "E99": ("three-dots", _l("other")),
}
COMPONENT_SIGN, EVENT_SIGN = "tools", "flag-fill"


def sign_of(code: str) -> str:
    """The Bootstrap icon of a group; those that we do not know have one by kind."""
    other = EVENT_SIGN if code.startswith("E") else COMPONENT_SIGN
    return SIGNS[code][0] if code in SIGNS else other


def label_of(code: str, name: str) -> str:
    """The group's own name, or in English ours where we have one."""
    if str(get_locale()) == "en" and code in SIGNS:
        return str(SIGNS[code][1])
    return name
