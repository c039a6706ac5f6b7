"""Rows as they were written last: who looks at the same list is given the same rows.

A row's HTML follows from what it shows and nothing else, so that is the key under which it is kept;
nothing has to be thrown away when a case changes, since its row then is another.
"""

import threading
from collections.abc import Hashable
from typing import Any

from flask_babel import get_locale
from markupsafe import Markup

from webapp.core.i18n import zone
from webapp.desks.frame.desk import Desk, Tab
from webapp.desks.frame.rows import DeskRow
from webapp.desks.map.queries import View

MOST = 2_000  # of about 3 KB
_html: dict[Hashable, Markup] = {}
_lock = threading.Lock()


class KeptRows:
    """The rows of one page: `kept.get(row) or kept.keep(row, desk_row(row))` in its template."""

    def __init__(self, desk: Desk, tab: Tab, view: View) -> None:
        today = view.now.astimezone(zone()).date()  # moments are written as "today 14:30"
        self.page = (str(get_locale()), today, desk.picks, len(tab.states) > 1)

    def get(self, row: DeskRow) -> Markup | None:
        return _html.get((self.page, row))

    def keep(self, row: DeskRow, html: Any) -> Markup:
        written = Markup(html)  # noqa: S704 - of our own template
        with _lock:
            if len(_html) >= MOST:
                _html.clear()
            _html[self.page, row] = written
        return written
