"""What the pages of boundaries show, gathered from the database and the uploads."""

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from gis.crs import CrsProposal
from gis.inspection import FileInspection, inspect_file
from webapp.mapping.page import MapFragments, build_map
from webapp.people.models import Office
from webapp.places.findings import outlines
from webapp.places.forms import crs_choice
from webapp.places.locating import middle_of_office, office_places
from webapp.places.models import AreaLevel
from webapp.places.stored import communities_on, grids_on
from webapp.places.uploads import Upload
from webapp.places.wording import label_of, sentence

Bounds = tuple[float, float, float, float]
CHINA = (35.0, 105.0)  # where a map without boundaries begins


def overview(session: Session, office: Office, today: date) -> dict[str, Any]:
    """How many areas are in force, and the map that shows them."""
    communities = communities_on(session, office, office.area_path, today)
    grids = len(office_places(session, office).codes)
    empty = communities.empty
    place_map = None if empty else map_of("places_map", tuple(communities.total_bounds))
    return {"communities": len(communities), "grids": grids, "place_map": place_map}


def current_shapes(session: Session, office: Office, today: date) -> dict[str, Any]:
    """The communities and grids in force, no finer than a map of all of them."""
    return {
        "communities": outlines(communities_on(session, office, office.area_path, today)),
        "grids": outlines(grids_on(session, office, office.area_path, today)),
    }


def inspect(
    session: Session, office: Office, upload: Upload, member: str | None, layer: str | None
) -> FileInspection:
    near = middle_of_office(session, office)
    return inspect_file(upload.path, member=member, layer=layer, near=near)


def findings_page(upload: Upload, summary: dict[str, Any]) -> dict[str, Any]:
    """The kinds with their counts, and the map of the file's areas."""
    kept = upload.read("findings") or {}
    features = [*kept["areas"]["features"], *kept["findings"]["features"]]
    kinds = [(kind, label_of(kind), count) for kind, count in summary["counts"].items()]
    labels = {level.value: level.label_many for level in AreaLevel}
    place_map = map_of("findings_map", bounds_of(features))
    return {"kinds": kinds, "labels": labels, "place_map": place_map}


def proposals_by_choice(found: FileInspection) -> dict[str, CrsProposal]:
    """The proposed coordinate systems by the value of their choice in the form."""
    return {crs_choice(proposal): proposal for proposal in found.crs_proposals}


def findings_shapes(upload: Upload) -> dict[str, Any]:
    """The findings in the reader's words, and the file's areas, for the page's script."""
    kept = upload.read("findings") or {"findings": {"features": []}, "areas": {"features": []}}
    for feature in kept["findings"]["features"]:
        facts = feature["properties"]
        feature["properties"] = {
            "kind": facts["kind"],
            "label": label_of(facts["kind"]),
            "severity": facts["severity"],
            "words": sentence(facts),
        }
    return kept


def bounds_of(features: list[dict[str, Any]]) -> Bounds | None:
    """The extent of GeoJSON features; None if none can be drawn."""
    drawn = [feature for feature in features if feature["geometry"]]
    if not drawn:
        return None
    west, south, east, north = gpd.GeoDataFrame.from_features(drawn).total_bounds.tolist()
    return west, south, east, north


def map_of(element_id: str, bounds: Bounds | None) -> MapFragments:
    if bounds is None or any(pd.isna(value) for value in bounds):
        return build_map(element_id, center=CHINA, zoom=4)
    west, south, east, north = (float(value) for value in bounds)
    middle = ((south + north) / 2, (west + east) / 2)
    return build_map(
        element_id, center=middle, zoom=12, bounds=((south, west), (north, east)),
        controls=frozenset({"scale", "full_screen", "coordinates"}),
    )  # fmt: skip
