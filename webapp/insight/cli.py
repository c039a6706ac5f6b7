"""`flask insight`: the cube of daily counts and the hot spots from the command line."""

import click
from flask_babel import gettext as _

from webapp.core.commands import Commands
from webapp.core.database import current_session
from webapp.insight.counts.keeping import differences, rebuild
from webapp.insight.hotspots.commands import hotspots_command
from webapp.people.service import only_office

commands = Commands("insight", help="What the cases mean together.")
commands.add_command(hotspots_command)
office_option = click.option("--office", "office_code", help="Its code, where there are several.")


@commands.command("rebuild-counts")
@office_option
def rebuild_command(office_code: str | None) -> None:
    """Count all cases anew by grid, class, department, source and day."""
    session = current_session()
    count = rebuild(session, only_office(session, office_code))
    click.echo(_("%(count)s reports counted.", count=count))


@commands.command("check-counts")
@office_option
def check_command(office_code: str | None) -> None:
    """Compare the daily counts with the cases; fails where they differ."""
    session = current_session()
    different = differences(session, only_office(session, office_code))
    if different:
        words = _(
            "%(count)s daily counts differ from the cases: count them anew with flask insight"
            " rebuild-counts",
            count=different,
        )
        raise click.ClickException(words)
    click.echo(_("The daily counts are those of the cases."))
