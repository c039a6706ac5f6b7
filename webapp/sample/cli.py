"""`flask sample`: load the illustrative sub-district, and name its demo sign-ins."""

import click
from flask_babel import gettext as _
from sqlalchemy import exists, select

from webapp.cases.models import Case
from webapp.core.audit import CommandLine, note_change
from webapp.core.clock import now
from webapp.core.commands import Commands
from webapp.core.database import begin_write, current_session
from webapp.core.errors import Conflict
from webapp.core.upkeep import refresh_statistics
from webapp.people.models import Office
from webapp.sample.inboxes import settle_inboxes, settled
from webapp.sample.lives import load_cases
from webapp.sample.people import ACCOUNTS, PASSWORD
from webapp.sample.service import load_office

commands = Commands("sample", help="The illustrative sub-district and its demo accounts.")


@commands.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing if there is an office already.")
def load_command(if_empty: bool) -> None:
    """Load the sample into an empty database; go on where a killed loading stopped."""
    session = current_session()
    office = session.scalar(select(Office).where(Office.is_sample))
    if office is None:
        if session.scalar(select(exists().where(Office.id.is_not(None)))):
            if if_empty:
                return
            raise Conflict("not_empty", _("There is an office already: the sample stays out."))
        begin_write(session)
        office = load_office(session, now())
        note_change(session, "sample.load", office, CommandLine(office.id), now())
        session.commit()
        click.echo("Loaded the sample sub-district (illustrative boundaries, demo accounts).")
    if not session.scalar(select(exists().where(Case.office_id == office.id))):
        begin_write(session)
        count = load_cases(session, office, now())
        refresh_statistics(session)
        session.commit()
        click.echo(f"Loaded {count} invented reports, each with what became of it.")
    if not settled(session):
        settle_inboxes(session, now())


@commands.command("accounts")
def accounts_command() -> None:
    """Print the demo sign-ins, where the sample is loaded."""
    if not current_session().scalar(select(exists().where(Office.is_sample))):
        return
    click.echo("Demo accounts of the sample (for trying only), password " + PASSWORD + ":")
    for account in ACCOUNTS:
        click.echo(f"  {account.username:<12} {account.role.value.replace('_', ' ')}")
