"""What the commands print: open questions with their answers, findings, changes."""

from collections.abc import Iterable
from itertools import groupby

import click
from sqlalchemy.orm import Session

from gis.findings import Finding
from gis.inspection import FileInspection, inspect_file
from webapp.people.models import Office
from webapp.places.locating import middle_of_office
from webapp.places.service import BoundaryCheck, Changes, ImportRequest

LINES_A_KIND = 50


def print_open_questions(session: Session, office: Office, request: ImportRequest) -> bool:
    """Say what the file does not, with proposals and the option that accepts each; any open?"""
    inspection = inspect_file(
        request.path,
        member=request.member,
        layer=request.file_layer,
        near=middle_of_office(session, office),
    )
    needs = set(inspection.needs)
    lines: list[str] = []
    if "crs" in needs and request.crs is None:
        lines += _crs_question(inspection)
    if "encoding" in needs and request.encoding is None:
        lines += _encoding_question(inspection)
    if request.code_field is None:
        lines += _field_question(inspection)
    for line in lines:
        click.echo(line)
    return bool(lines)


def print_findings(check: BoundaryCheck) -> None:
    """All findings, counted by kind; of each kind the first fifty."""
    click.echo(f"{len(check.areas)} areas in {check.request.source_name}.")
    _print_list(check.findings)
    if check.carried_findings:
        click.echo("The grids in force against these communities:")
        _print_list(check.carried_findings)
    if not check.counts:
        click.echo("No findings.")


def print_changes(check: BoundaryCheck, changes: Iterable[Changes], *, would: bool) -> None:
    """What changes, in numbers."""
    former = {layer.layer: layer.former for layer in check.layers}
    for change in changes:
        words = f"{len(change.new)} new, {len(change.renamed)} renamed, {len(change.gone)} gone"
        verb = "would be" if would else "are"
        line = f"{change.total} {change.layer.label_many} {verb} in force from {check.valid_from}"
        before = former.get(change.layer)
        end = f"; those of {before.source_name} end" if before else ""
        click.echo(f"{line}: {words}{end}.")


def _print_list(findings: list[Finding]) -> None:
    for kind, group in groupby(findings, key=lambda finding: finding.kind):
        found = list(group)
        click.echo(f"{kind.replace('_', ' ')}: {len(found)}")
        for finding in found[:LINES_A_KIND]:
            click.echo(f"  {finding.describe()}")
        if len(found) > LINES_A_KIND:
            click.echo(f"  and {len(found) - LINES_A_KIND} more (--findings FILE has them all)")


def _crs_question(inspection: FileInspection) -> list[str]:
    stated = inspection.crs.name if inspection.crs else None
    why = f"cannot be in {stated}, as it states" if stated else "does not state its CRS"
    lines = [f"{inspection.name} {why}. Choose by where it would lie:"]
    for proposal in inspection.crs_proposals:
        swap = " --swap-axes" if proposal.swapped else ""
        lines.append(f"  --crs {proposal.crs}{swap}\t{proposal.describe()}")
    return lines if inspection.crs_proposals else [*lines, "  --crs EPSG:…\tno proposal fits"]


def _encoding_question(inspection: FileInspection) -> list[str]:
    stated = inspection.encoding
    why = f"is not in {stated}, as it states" if stated else "does not state its encoding"
    lines = [f"{inspection.name} {why}. Choose by which texts make sense:"]
    return lines + [
        f"  --encoding {proposal.encoding}\t{' | '.join(proposal.samples)}"
        for proposal in inspection.encoding_proposals
    ]


def _field_question(inspection: FileInspection) -> list[str]:
    lines = ["Say which field holds the codes (and --name-field, --parent-field). There are:"]
    lines += [
        f"  {field.name}\t{field.distinct} different: {', '.join(field.samples)}"
        for field in inspection.fields
    ]
    proposed = inspection.field_proposal
    named = {"code": proposed.code, "name": proposed.name, "parent": proposed.parent}
    options = " ".join(f"--{what}-field {names[0]}" for what, names in named.items() if names)
    return [*lines, f"Proposed: {options}"] if options else lines
