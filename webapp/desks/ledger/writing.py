"""From an address of the ledger to a file: which cases, their title, and the writing itself."""

from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.cases.ledger.files import write_ledger
from webapp.cases.ledger.pictures import pictures_of
from webapp.cases.ledger.reading import Reading
from webapp.cases.ledger.workbook import Told, Wish
from webapp.cases.listing import ALL, filter_choices
from webapp.core.i18n import listed
from webapp.desks.ledger.asking import Asked
from webapp.desks.ledger.paging import all_ids
from webapp.desks.map.queries import View

SIGNS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}


def wish_of(session: Session, view: View, asked: Asked, *, photos: bool = False) -> Wish:
    """What an address asks for; raises BadInput where there are too many cases for photos."""
    ids = all_ids(session, view, asked.order)
    folder = current_app.config["WANGGE"].photo_dir
    return Wish(
        ids,
        asked.columns,
        _("Ledger of cases of %(office)s", office=view.office.name),
        which_words(session, view),
        pictures_of(session, folder, ids) if photos else None,
    )


def write_file(
    session: Session, view: View, wish: Wish, path: Path, kind: str, told: Told = lambda done: None
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_ledger(session, Reading(session, view.office, view.now), wish, path, kind, told)


def file_name(view: View, kind: str) -> str:
    """What a person finds among their downloads."""
    ledger = _("ledger")
    return f"{ledger}-{view.office.code}-{view.now:%Y%m%d}.{kind}"


def which_words(session: Session, view: View) -> str:
    """Which cases these are: the days, and what else was chosen."""
    filters = view.filters
    words = [view.area.name] if view.area else []
    if filters.since or filters.until:
        words.append(f"{filters.since or '…'} – {filters.until or '…'}")
    given = {name: getattr(filters, name) for name in ("state", "group", "community", "department")}
    if filters.state == ALL:
        del given["state"]
    if any(given.values()) or filters.lamps:
        choices = {n: dict(pairs) for n, pairs in filter_choices(session, view.office).items()}
        words += [str(choices[name].get(value, value)) for name, value in given.items() if value]
        words += [str(choices["lamp"].get(lamp, lamp)) for lamp in sorted(filters.lamps)]
    return listed(words)
