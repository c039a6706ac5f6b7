"""`flask places`: boundaries from the command line."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gis.datums import Datum
from webapp.core.audit import CommandLine, note_change
from webapp.core.clock import now
from webapp.core.commands import Commands
from webapp.core.database import begin_write, current_session
from webapp.people.service import only_office, plain_username
from webapp.places.findings import as_geojson
from webapp.places.models import AreaLevel
from webapp.places.printing import print_changes, print_findings, print_open_questions
from webapp.places.queries import areas_in_force
from webapp.places.service import (
    ImportRequest,
    assign_manager,
    check_boundaries,
    cut_community,
    import_boundaries,
)

commands = Commands("places", help="Communities, grids and their boundaries.")
LAYERS = {"communities": AreaLevel.COMMUNITY, "grids": AreaLevel.GRID}
OFFICE = click.option("--office", help="Code of the office, where there are several.")


@commands.command("import")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--layer", type=click.Choice(list(LAYERS)), required=True)
@click.option("--code-field", help="Field that holds the codes.")
@click.option("--name-field", help="Field that holds the names.")
@click.option("--parent-field", help="Of grids: field that holds the community's code.")
@click.option("--crs", help='If the file states none, or a wrong one: such as "EPSG:4544".')
@click.option("--swap-axes", is_flag=True, help="The file has latitude or northing first.")
@click.option(
    "--datum",
    type=click.Choice([datum.value for datum in Datum]),
    default=Datum.WGS84.value,
    show_default=True,
    help="If the coordinates are shifted (the findings say so).",
)
@click.option("--encoding", help="If a shapefile states none, or a wrong one: such as GBK.")
@click.option("--file-layer", help="Layer of the file, where it has several.")
@click.option("--member", help="File of an archive, where it has several.")
@click.option("--street", "street_code", help="Code of the street, where the areas' do not say it.")
@click.option("--street-name", help="Name of the street.")
@click.option(
    "--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="First day; today if not given."
)
@click.option(
    "--make-communities",
    is_flag=True,
    help="Of a file of grids alone: make the communities too, one for each parent's code or grid.",
)
@click.option(
    "--accept-findings",
    is_flag=True,
    help="Import in spite of warnings, with the repairs proposed.",
)
@click.option("--illustrative", is_flag=True, help="These are not real boundaries; maps say so.")
@click.option(
    "--findings",
    "findings_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write all findings with their shapes to this GeoJSON file.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what was found and would change; change nothing."
)
@OFFICE
def import_command(
    layer: str, valid_from: datetime | None, findings_file: Path | None, dry_run: bool,
    office: str | None, **answers: Any,
) -> None:  # fmt: skip
    """Import boundaries: zipped shapefile, .shp, GeoPackage, GeoJSON, KML, FlatGeobuf."""
    session, moment = current_session(), now()
    chosen = only_office(session, office)
    request = ImportRequest(
        source_name=answers["path"].name,
        layer=LAYERS[layer],
        valid_from=valid_from.date() if valid_from else None,
        **answers,
    )
    if print_open_questions(session, chosen, request):
        raise click.ClickException("Nothing was changed: add the options above, then repeat.")
    check = check_boundaries(session, chosen, request, moment)
    print_findings(check)
    if findings_file:
        findings_file.write_text(json.dumps(as_geojson(check), ensure_ascii=False), "utf-8")
    if dry_run:
        print_changes(check, [layer.changes for layer in check.layers], would=True)
        click.echo("Nothing was changed: this was a dry run.")
        return
    begin_write(session)
    outcome = import_boundaries(session, chosen, request, moment, None, check)
    counts = {str(kind): number for kind, number in check.counts.items()}
    by = CommandLine(chosen.id)
    note_change(session, "places.apply", request.source_name, by, moment, new=counts)
    session.commit()
    print_changes(check, outcome.changes, would=False)


@commands.command("make-grids")
@click.option("--community", required=True, help="Code of a community in force.")
@click.option("--target-area", default=10_000.0, show_default=True, help="Of a grid, in m2.")
@click.option(
    "--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="First day; today if not given."
)
@click.option("--replace", is_flag=True, help="End the grids that the community has.")
@OFFICE
def make_grids_command(
    community: str, target_area: float, valid_from: datetime | None, replace: bool,
    office: str | None,
) -> None:  # fmt: skip
    """Cut a community into grids, numbered west to east, north to south."""
    session = current_session()
    chosen = only_office(session, office)
    day = valid_from.date() if valid_from else None
    begin_write(session)
    outcome = cut_community(
        session, chosen, community, target_area, now(), None, replace_grids=replace, valid_from=day
    )
    codes = outcome.codes
    by, grids = CommandLine(chosen.id), {"grids": len(codes)}
    note_change(session, "places.cut", community, by, now(), new=grids)
    session.commit()
    click.echo(f"{len(codes)} grids, {codes[0]} to {codes[-1]}, from {outcome.version.valid_from}.")


@commands.command("list")
@click.option("--grids", is_flag=True, help="Every grid too, not only their number.")
@OFFICE
def list_command(grids: bool, office: str | None) -> None:
    """Say which communities and grids are in force."""
    session = current_session()
    communities = areas_in_force(session, only_office(session, office), now())
    for community in communities:
        count = len(community.grids)
        click.echo(f"{community.code}\t{community.name}\t{count} grid{'s' if count != 1 else ''}")
        for grid in community.grids if grids else ():
            click.echo(f"  {grid.code}\t{grid.name}\t{grid.area_m2:,.0f} m2\t{grid.manager or '-'}")
    if not communities:
        click.echo("No boundaries are in force yet: flask places import --help")


@commands.command("assign-manager")
@click.option("--grid", required=True, help="Code of a grid in force.")
@click.option("--person", help="User name of a grid manager; nobody unless given.")
@OFFICE
def assign_manager_command(grid: str, person: str | None, office: str | None) -> None:
    """Name the responsible grid manager of a grid."""
    session = current_session()
    chosen = only_office(session, office)
    begin_write(session)
    username = plain_username(person) if person else None
    area = assign_manager(session, chosen, grid, username)
    named = area.manager.name if area.manager else None
    note_change(session, "grid.manager", area, CommandLine(chosen.id), now(), new={"name": named})
    session.commit()
    click.echo(f"Grid {area.code} {area.name}: {named or 'nobody'}.")
