"""`flask insight hotspots`: the answer of the page, and that of any file of points, as a file."""

import time
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webapp.cases.vocabulary import Source
from webapp.core.database import current_session
from webapp.core.errors import BadInput, NotFound
from webapp.core.i18n import listed
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import BESIDE, NOW, Asked, read_address
from webapp.insight.hotspots.files import FORMATS, write_places
from webapp.insight.hotspots.places import grids_of
from webapp.insight.hotspots.pointfile import AREAS, VectorFile, analyse_points
from webapp.insight.hotspots.reach import WHOLE
from webapp.insight.hotspots.rules import By, read_by, read_near
from webapp.insight.hotspots.sentences import islands_words, notes, said
from webapp.insight.hotspots.service import answer
from webapp.insight.selection import Selection
from webapp.people.service import only_office
from webapp.places.locating import office_today

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
NETS = ("square:", "hex:")
STATISTICS = {"gi": NOW, "moran": BESIDE}
OF_CASES = {
    "since": "--from", "until": "--to", "group": "--class", "department": "--department",
    "source": "--source", "community": "--area", "by": "--by", "office": "--office",
}  # fmt: skip
OF_POINTS = {
    "areas": "--areas", "crs": "--crs", "encoding": "--encoding", "layer": "--layer",
    "areas_crs": "--areas-crs", "areas_encoding": "--areas-encoding", "code": "--code",
}  # fmt: skip


@click.command("hotspots")
@click.option("--from", "since", help="The first day, such as 2026-09-01.")
@click.option("--to", "until", help="The last day; without both, the last 90 days.")
@click.option("--class", "group", help="Code of a class or of a class group.")
@click.option("--department", help="Code of the lead department.")
@click.option("--source", help=f"One of {', '.join(Source)}.")
@click.option("--area", "community", help="Code of an area, which is then tested alone.")
@click.option("--by", help="The places: grids, square:500 or hex:250 (metres).")
@click.option("--weights", default="queen", help="Neighbours: queen, or band:1000 (metres).")
@click.option(
    "--statistic",
    type=click.Choice(list(STATISTICS)),
    default="gi",
    help="What is said: gi (hot and cold, Gi*) or moran (beside the neighbours, local Moran).",
)
@click.option("--office", help="Its code, where there are several.")
@click.option("--points", type=EXISTING, help="Points of a file in place of the office's cases.")
@click.option("--areas", help="Their places: a file of areas, or square:500 or hex:250.")
@click.option("--crs", help="The CRS of the points, such as EPSG:4544, where the file says none.")
@click.option("--encoding", help="Of the texts of the points, where the file says none.")
@click.option("--layer", help="Of the points, where the file has several.")
@click.option("--areas-crs", help="The CRS of the areas.")
@click.option("--areas-encoding", help="Of the texts of the areas.")
@click.option("--code", help="The field of the areas' codes.")
@click.option("--out", type=FILE, help="A file to write all places to: .csv, .geojson or .gpkg.")
@with_appcontext
def hotspots_command(
    points: Path | None, weights: str, statistic: str, out: Path | None, **given: str
) -> None:
    """Find where more was reported than chance explains; with --points, of any file of points."""
    kind, view = _kind_of(out) if out else "", STATISTICS[statistic]
    if points is None:
        _refuse(given, OF_POINTS, _("without --points"))
        analysis, outlines, words = _of_cases(given | {"weights": weights, "view": view}, kind)
    else:
        _refuse(given, OF_CASES, _("with --points"))
        analysis, outlines, words = _of_points(points, weights, view, given)
    if out:
        write_places(analysis, outlines if kind != "csv" else None, out, kind)
        words.append(
            _("%(count)d places written to %(file)s.", count=len(analysis.places), file=out)
        )
    for line in words:
        click.echo(line)


def _kind_of(out: Path) -> str:
    """The format that a file's ending says."""
    kind = out.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise BadInput(
            "format",
            _(
                '"%(file)s" is of no format of ours: let its name end with one of %(all)s.',
                file=out.name,
                all=listed(f".{name}" for name in FORMATS),
            ),
        )
    if not out.absolute().parent.is_dir():
        raise BadInput("out", _("There is no folder %(folder)s.", folder=out.parent))
    return kind


def _refuse(given: dict[str, str], options: dict[str, str], when: str) -> None:
    """What is given and would not be looked at."""
    idle = [option for name, option in options.items() if given[name] is not None]
    if idle:
        raise BadInput(
            "options",
            _("%(options)s says nothing %(when)s: leave it out.", options=listed(idle), when=when),
        )


def _of_cases(given: dict[str, str], kind: str) -> tuple[Analysis, Any, list[str]]:
    session = current_session()
    office = only_office(session, given.pop("office"))
    if not len(grids_of(session, office)):
        raise NotFound("no_boundaries", _("There are no places to compare yet"))
    asked = read_address({n: v for n, v in given.items() if v}, office_today(office))
    begun = time.perf_counter()
    analysis = answer(session, office, asked, WHOLE)
    took = time.perf_counter() - begun
    outlines = analysis.field.outlines(session) if kind not in ("", "csv") else None
    return analysis, outlines, [
        *said(analysis, asked, raw=False), *notes(analysis, asked, WHOLE), _took(took)
    ]  # fmt: skip


def _of_points(
    points: Path, weights: str, view: str, given: dict[str, str]
) -> tuple[Analysis, Any, list[str]]:
    areas = given["areas"]
    if not areas:
        raise BadInput(
            "areas", _("Say with --areas where to count: a file, square:500 or hex:250.")
        )
    file = VectorFile(points, given["crs"], given["encoding"], given["layer"])
    places: VectorFile | By = AREAS
    if areas.startswith(NETS):
        _refuse(given, {n: OF_POINTS[n] for n in ("areas_crs", "areas_encoding", "code")},
                _("of a net"))  # fmt: skip
        places = read_by(areas)
    else:
        places = VectorFile(Path(areas), given["areas_crs"], given["areas_encoding"],
                            code_field=given["code"])  # fmt: skip
    found = analyse_points(file, places, read_near(weights))
    analysis = found.analysis
    asked = Asked(Selection(), by=places if isinstance(places, By) else AREAS, view=view)
    counted = _(
        "%(count)d points, %(nowhere)d of them in none of the places; distances in %(crs)s.",
        count=found.points,
        nowhere=analysis.nowhere,
        crs=found.crs.name,
    )
    lines = [*said(analysis, asked, raw=False), counted, islands_words(analysis)]
    return analysis, found.outlines, [line for line in [*lines, _took(analysis.took_s)] if line]


def _took(seconds: float) -> str:
    return _("It took %(seconds).1f s.", seconds=seconds)
