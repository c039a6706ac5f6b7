"""Put a checked layer in force: a new version, its rows, and the end of the version before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import geopandas as gpd
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from gis.coordinates import metric_crs
from gis.findings import Finding
from gis.shapes import as_multipolygon
from webapp.people.models import Office, Person
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Community, Grid
from webapp.places.service.request import NewLayer
from webapp.places.service.tree import Wanted, ensure_children
from webapp.places.stored import in_force, stored

CHUNK = 500  # areas that are written at once


@dataclass(frozen=True)
class Provenance:
    """Where boundaries come from, who brought them, when, and from which day they hold."""

    source_name: str
    source_sha256: str
    made_by: Person | None
    made_at: datetime
    valid_from: date
    illustrative: bool


def put_in_force(
    session: Session,
    office: Office,
    street: Area,
    layer: NewLayer,
    origin: Provenance,
    told: Callable[[int], None] = lambda _written: None,
) -> BoundaryVersion:
    """Write a layer as a new version; the version before it ends on its first day.

    A layer that is carried over keeps the source of the version before. `told` hears how many of
    its areas are written.
    """
    former, source = layer.former, (origin.source_name, origin.source_sha256, origin.illustrative)
    if former:
        _close(session, former, origin.valid_from)
        if layer.carried:
            source = former.source_name, former.source_sha256, former.illustrative
    version = BoundaryVersion(
        office_id=office.id,
        street_id=street.id,
        layer=layer.layer,
        source_name=source[0],
        source_sha256=source[1],
        made_by=origin.made_by,
        made_at=origin.made_at,
        valid_from=origin.valid_from,
        findings=[as_record(finding) for finding in layer.findings],
        illustrative=source[2],
    )
    session.add(version)
    session.flush()
    rows = _grids if layer.layer is AreaLevel.GRID else _communities
    _write(session, rows(session, street, layer.areas, version), told)
    return version


def _write(session: Session, rows: Iterator[Community | Grid], told: Callable[[int], None]) -> None:
    written = 0
    told(written)
    while chunk := list(islice(rows, CHUNK)):
        session.add_all(chunk)
        session.flush()
        written += len(chunk)
        told(written)


def as_record(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept with the version: without its shapes."""
    return {
        "kind": str(finding.kind),
        "severity": str(finding.severity),
        "features": list(finding.features),
        "codes": list(finding.codes),
        "area_m2": finding.area_m2,
        "repaired": finding.repair is not None,
        "detail": dict(finding.detail),
    }


def _close(session: Session, former: BoundaryVersion, day: date) -> None:
    former.valid_to = day
    table = Grid if former.layer is AreaLevel.GRID else Community
    session.execute(update(table).where(table.version_id == former.id).values(valid_to=day))


def _communities(
    session: Session, street: Area, areas: gpd.GeoDataFrame, version: BoundaryVersion
) -> Iterator[Community]:
    nodes = ensure_children(session, {street.path: street}, AreaLevel.COMMUNITY, _wanted(areas))
    for row in areas.itertuples(index=False):
        yield Community(
            area_id=nodes[row.path].id,
            version_id=version.id,
            code=row.code,
            name=row.name,
            boundary=stored(as_multipolygon(row.geometry)),
            valid_from=version.valid_from,
        )


def _grids(
    session: Session, street: Area, areas: gpd.GeoDataFrame, version: BoundaryVersion
) -> Iterator[Grid]:
    communities = {
        community.area.path: community
        for community in session.scalars(_communities_at(street, version))
    }
    parents = {path: community.area for path, community in communities.items()}
    nodes = ensure_children(session, parents, AreaLevel.GRID, _wanted(areas))
    for row, size in zip(areas.itertuples(index=False), _areas_m2(areas), strict=True):
        yield Grid(
            area_id=nodes[row.path].id,
            community_id=communities[row.parent_path].id,
            version_id=version.id,
            code=row.code,
            name=row.name,
            boundary=stored(as_multipolygon(row.geometry)),
            area_m2=float(size),
            valid_from=version.valid_from,
        )


def _communities_at(street: Area, version: BoundaryVersion) -> Select[Any]:
    """The street's communities on the first day of a version, with their areas."""
    return (
        select(Community)
        .join(Community.version)
        .where(
            BoundaryVersion.street_id == street.id,
            BoundaryVersion.office_id == version.office_id,
            in_force(Community, version.valid_from),
        )
        .options(joinedload(Community.area))
    )


def _wanted(areas: gpd.GeoDataFrame) -> Wanted:
    columns = (areas[name] for name in ("path", "parent_path", "code", "name"))
    return list(zip(*columns, strict=True))


def _areas_m2(areas: gpd.GeoDataFrame) -> Any:
    if areas.empty:
        return []
    west, south, east, north = areas.total_bounds
    return areas.geometry.to_crs(metric_crs((west + east) / 2, (south + north) / 2)).area
