"""`flask cases`: import, export, and deadlines computed anew."""

import csv
from pathlib import Path

import click
from flask_babel import gettext as _
from tqdm import tqdm

from webapp.cases.deadlines import recompute_deadlines
from webapp.cases.exporting import FORMATS, export_cases
from webapp.cases.importing import Outcome, import_cases, read_mapping, reject_rows
from webapp.cases.life.closing import close_department
from webapp.cases.life.replay import cases_in_order, differences
from webapp.cases.models import ImportRun
from webapp.core.audit import CommandLine, note_change
from webapp.core.clock import now
from webapp.core.commands import Commands
from webapp.core.database import begin_write, current_session
from webapp.people.service import find_department, only_office

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
office_option = click.option("--office", "office_code", help="Its code, if there are several.")

commands = Commands("cases", help="Cases: from files, to files, and their deadlines.")


@commands.command("import")
@click.argument("file", type=EXISTING)
@click.option(
    "--mapping", "mapping_file", type=EXISTING, required=True, help="What the columns mean."
)
@office_option
@click.option("--rejects", type=NEW_FILE, help="Write the rejected rows, each with its reason.")
def import_command(
    file: Path, mapping_file: Path, office_code: str | None, rejects: Path | None
) -> None:
    """Import the cases of FILE: CSV, Excel, GeoJSON or GeoPackage.

    Killed on its way, it goes on where it was when it is called again.
    """
    session = current_session()
    office = only_office(session, office_code)
    mapping = read_mapping(mapping_file.read_bytes())
    with tqdm(unit=" rows", disable=None) as bar:

        def progress(run: ImportRun) -> None:
            if not bar.total:  # the first of this command, in the transaction of its first rows
                by = CommandLine(office.id)
                note_change(session, "cases.import", file.name, by, now())
            bar.total = run.total_rows
            bar.update(run.next_row - bar.n)

        outcome = import_cases(session, office, file, mapping, progress=progress)
    click.echo(_summary(outcome))
    if rejects:
        with rejects.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows(reject_rows(session, outcome.run))


def _summary(outcome: Outcome) -> str:
    run = outcome.run
    lines = [
        _(
            "%(imported)s imported, %(unplaced)s unplaced, %(rejected)s rejected:"
            " together %(total)s rows.",
            imported=run.imported,
            unplaced=run.unplaced,
            rejected=run.rejected,
            total=run.imported + run.unplaced + run.rejected,
        )
    ]
    if outcome.again:
        lines.insert(0, _("This file was imported before with this mapping; nothing was added."))
    if run.contradictory:
        lines.append(_("%(count)s contradict themselves and are flagged.", count=run.contradictory))
    for word, count in sorted(run.unmapped_classes.items(), key=lambda item: -item[1]):
        lines.append(_("under other: %(count)s × %(word)s", count=count, word=word or "—"))
    return "\n".join(map(str, lines))


@commands.command("export")
@click.argument("file", type=NEW_FILE)
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True)
@office_option
def export_command(file: Path, kind: str, office_code: str | None) -> None:
    """Write every case of the office to FILE."""
    session = current_session()
    office = only_office(session, office_code)
    count = export_cases(session, office, file, kind)
    if count:
        click.echo(_("%(count)s cases written to %(file)s.", count=count, file=file))
    else:
        click.echo(_("There are no cases to write; %(file)s holds none.", file=file))


@commands.command("recompute-deadlines")
@office_option
def recompute_command(office_code: str | None) -> None:
    """Compute provisional deadlines anew, now that more holidays may be known."""
    session = current_session()
    office = only_office(session, office_code)
    begin_write(session)
    changed, left = recompute_deadlines(session, office, now())
    session.commit()
    click.echo(
        _(
            "%(changed)s deadlines are settled, %(left)s stay provisional.",
            changed=changed,
            left=left,
        )
    )


@commands.command("close-department")
@click.argument("code")
@office_option
def close_department_command(code: str, office_code: str | None) -> None:
    """Close a department down: its cases go back to the dispatcher, rules send it no more."""
    session = current_session()
    office = only_office(session, office_code)
    begin_write(session)
    department = find_department(session, office, code)
    count = close_department(session, department, None, now())
    by, back = CommandLine(office.id), {"cases_back": count}
    note_change(session, "department.close", department, by, now(), new=back)
    session.commit()
    click.echo(
        _(
            "%(name)s is closed down. Cases that went back to the dispatcher: %(count)d.",
            name=department.name,
            count=count,
        )
    )


@commands.command("check-events")
@office_option
def check_events_command(office_code: str | None) -> None:
    """Hold each case against its events: they alone must give its present state."""
    session = current_session()
    office = only_office(session, office_code)
    wrong = total = 0
    for case in cases_in_order(session, office):
        total += 1
        if found := differences(session, case):
            wrong += 1
            click.echo(f"{case.number}: {', '.join(sorted(found))}")
    click.echo(_("%(total)s cases, %(wrong)s differ from their events.", total=total, wrong=wrong))
    if wrong:
        raise SystemExit(1)
