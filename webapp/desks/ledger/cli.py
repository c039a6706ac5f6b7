"""`flask cases ledger` and `flask cases ledger-import`: the ledger from the command line."""

from datetime import datetime
from pathlib import Path

import click
from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _
from tqdm import tqdm
from werkzeug.datastructures import MultiDict

from webapp.cases.cli import EXISTING, NEW_FILE, commands, office_option
from webapp.cases.ledger.columns import BY_KEY
from webapp.cases.ledger.correcting import apply
from webapp.cases.ledger.differing import Plan, compare
from webapp.cases.ledger.files import FORMATS
from webapp.cases.ledger.sheet import read_sheet
from webapp.cases.models import Case
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput
from webapp.core.i18n import LANGUAGES, listed
from webapp.desks.ledger.asking import read_address
from webapp.desks.ledger.writing import wish_of, write_file
from webapp.desks.map.queries import View
from webapp.people.service import only_office

DAY = click.DateTime(["%Y-%m-%d"])


@commands.command("ledger")
@click.argument("file", type=NEW_FILE)
@click.option("--from", "since", type=DAY, help="The first day of the reports.")
@click.option("--to", "until", type=DAY, help="The last day of the reports.")
@click.option("--department", default="", help="Its code.")
@click.option("--community", default="", help="Its code.")
@click.option("--group", default="", help="Code of a class group.")
@click.option("--state", default="", help="A state, or open, ended, all.")
@click.option("--sort", default="reported", show_default=True, help="A column; -column: falling.")
@click.option("--columns", default="", help="Keys of columns, with commas; else all of them.")
@click.option("--photos", is_flag=True, help="Small photos in the cells.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="zh", show_default=True)
@office_option
def ledger_command(
    file: Path,
    since: datetime | None,
    until: datetime | None,
    photos: bool,
    language: str,
    office_code: str | None,
    **given: str,
) -> None:
    """Write the ledger to FILE: .xlsx, .csv, .geojson or .gpkg."""
    kind = file.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise BadInput(
            "format",
            _("%(kind)s is no format of ours: use %(all)s.", kind=kind, all=listed(FORMATS)),
        )
    session = current_session()
    office = only_office(session, office_code)
    g.time_zone = office.time_zone
    given["columns"] = given["columns"] or ",".join(BY_KEY)
    days = {"since": since, "until": until}
    given |= {name: f"{day:%Y-%m-%d}" for name, day in days.items() if day}
    with force_locale(language):
        asked = read_address(MultiDict(given))
        view = View(office, None, asked.filters, now())
        wish = wish_of(session, view, asked, photos=photos)
        with tqdm(total=len(wish.ids), unit=" rows", disable=None) as bar:
            write_file(session, view, wish, file, kind, lambda done: _move(bar, done))
    click.echo(_("%(count)s cases written to %(file)s.", count=len(wish.ids), file=file))


def _move(bar: "tqdm[None]", done: int) -> None:
    bar.update(done - bar.n)


@commands.command("ledger-import")
@click.argument("file", type=EXISTING)
@click.option("--apply", "really", is_flag=True, help="Do what differs; else it is only shown.")
@office_option
def ledger_import_command(file: Path, really: bool, office_code: str | None) -> None:
    """Compare FILE, a ledger that comes back, with the cases, and correct their words."""
    session = current_session()
    office = only_office(session, office_code)
    begin_write(session)
    plan = compare(session, office, Case.office_id == office.id, read_sheet(file), now())
    _show(plan)
    if really:
        count = apply(session, plan, None, now())
        session.commit()
        click.echo(_("%(count)s cases corrected.", count=count))


def _show(plan: Plan) -> None:
    for change in plan.changes:
        click.echo(
            _(
                'row %(row)s, %(number)s, %(column)s: "%(before)s" -> "%(after)s"',
                row=change.at,
                number=change.number,
                column=change.column.name,
                before=change.before,
                after=change.after,
            )
        )
    for refusal in plan.refusals:
        click.echo(
            _("row %(row)s, %(number)s: %(words)s", row=refusal.at, number=refusal.number or "—",
              words=refusal.words)
        )  # fmt: skip
    click.echo(
        _(
            "%(rows)s rows, %(changes)s cells differ, %(refusals)s stand in the way.",
            rows=plan.rows,
            changes=len(plan.changes),
            refusals=len(plan.refusals),
        )
    )
