"""`flask standards`: take in the office's departments, plan and standards."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from webapp.core.audit import CommandLine, note_change
from webapp.core.clock import now
from webapp.core.commands import Commands
from webapp.core.database import begin_write, current_session
from webapp.people.service import only_office
from webapp.standards import service

commands = Commands("standards", help="Case classes, limits, departments, tasks and rules.")

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
OFFICE = click.option("--office", help="Code of the office, where there are several.")
ENCODING = click.option("--encoding", help="Of a CSV file that is not UTF-8, such as gb18030.")


@commands.command("import")
@FILE
@OFFICE
@ENCODING
@click.option(
    "--valid-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day from which rows without one of their own hold.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def import_standards(
    file: Path, office: str | None, encoding: str | None, valid_from: datetime | None, dry_run: bool
) -> None:
    """Take in classes, conditions, limits and who answers for them (CSV or Excel).

    Rows are told apart by condition_code and valid_from. Nothing is wiped: a later valid_from
    follows on the former row, the same file again changes nothing. All or nothing.
    """
    session = current_session()
    chosen = only_office(session, office)
    begin_write(session)
    report = service.import_standards(
        session,
        chosen,
        file,
        now(),
        valid_from.date() if valid_from else None,
        encoding=encoding,
        dry_run=dry_run,
    )
    if not dry_run:
        note_change(session, "standards.apply", file.name, CommandLine(chosen.id), now())
    session.commit()
    for name in ("classes", "conditions", "rules"):
        click.echo(f"{name}: {counted(getattr(report, name))}")
    if dry_run:
        click.echo("Nothing was changed: this was a dry run.")


@commands.command("import-departments")
@FILE
@OFFICE
@ENCODING
def import_departments(file: Path, office: str | None, encoding: str | None) -> None:
    """Take in departments: columns code, name, kind (office, centre, community)."""
    session = current_session()
    chosen = only_office(session, office)
    begin_write(session)
    counts = service.import_departments(session, chosen, file, encoding=encoding)
    note_change(session, "departments.import", file.name, CommandLine(chosen.id), now())
    session.commit()
    click.echo(f"departments: {counted(counts)}")


@commands.command("import-tasks")
@FILE
@OFFICE
@ENCODING
@click.option("--plan", help="The plan's name; the year of its last deadline unless given.")
def import_tasks(file: Path, office: str | None, encoding: str | None, plan: str | None) -> None:
    """Take in the tasks of the office's plan, whose leaders answer for their classes."""
    session = current_session()
    chosen = only_office(session, office)
    begin_write(session)
    counts = service.import_tasks(session, chosen, file, now(), plan=plan, encoding=encoding)
    note_change(session, "tasks.import", file.name, CommandLine(chosen.id), now())
    session.commit()
    click.echo(f"tasks: {counted(counts)}")


def counted(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in counts.items()) or "none"
