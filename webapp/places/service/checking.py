"""Look at a file before anything changes: all findings at once, and what would change."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.boundaries import read_boundaries
from gis.findings import Finding, FindingKind, Severity
from gis.topology import find_problems, repair
from webapp.core.errors import BadInput
from webapp.people.models import Office
from webapp.places.locating import office_today
from webapp.places.models import Area, AreaLevel, BoundaryVersion
from webapp.places.rules import Node, code_fault, is_official, official_parent, street_branch
from webapp.places.service.layers import carried_grids, communities_layer, grids_layer
from webapp.places.service.parents import stated_parents, unknown_parent
from webapp.places.service.progress import Progress, Step, untold
from webapp.places.service.request import BoundaryCheck, ImportRequest
from webapp.places.stored import communities_on, last_version, rows_of

_KINDS = list(FindingKind)
_OF_PARENTS = (FindingKind.OUTSIDE_PARENT, FindingKind.IN_TWO_PARENTS)


def check_boundaries(
    session: Session,
    office: Office,
    request: ImportRequest,
    now: datetime,
    progress: Progress = untold,
) -> BoundaryCheck:
    """Read a file and find everything that is wrong with it; changes nothing.

    Raises
    ------
    GeoDataError
        The file cannot be read, or its CRS, encoding, layer or fields must be said first: the
        error's ``choices`` are the proposals.
    BadInput
        ``street_missing``, ``street_elsewhere``, ``no_communities``, ``too_early``,
        ``make_communities``, ``no_areas``: the request itself cannot be met.
    """
    if request.make_communities and request.layer is not AreaLevel.GRID:
        raise BadInput(
            "make_communities",
            _("Communities can be made of a file of grids only: choose the layer grids."),
        )
    progress(Step.READING, 0, 0)
    areas = read_boundaries(
        request.path,
        member=request.member,
        layer=request.file_layer,
        code_field=request.code_field,
        name_field=request.name_field,
        parent_field=request.parent_field,
        crs=request.crs,
        encoding=request.encoding,
        swap_axes=request.swap_axes,
        datum=request.datum,
    )
    if areas.empty:
        raise BadInput("no_areas", _("%(name)s holds no areas.", name=request.source_name))
    progress(Step.LOOKING, 0, len(areas))
    check = BoundaryCheck(
        request=request,
        branch=_branch(session, office, request, areas),
        valid_from=request.valid_from or office_today(office, now),
        revision=office.revision,
        areas=areas,
        findings=[],
    )
    _check_start(session, office, check)
    if request.layer is AreaLevel.COMMUNITY:
        return _check_communities(session, office, check, areas)
    if request.make_communities:
        return _check_grids_alone(session, office, check, areas)
    return _check_grids(session, office, check, areas)


def _check_communities(
    session: Session, office: Office, check: BoundaryCheck, areas: gpd.GeoDataFrame
) -> BoundaryCheck:
    former = rows_of(session, last_version(session, office, check.street.path, AreaLevel.COMMUNITY))
    found = find_problems(areas, reference=_unless_empty(former))
    check = replace(check, findings=_sorted([*_check_codes(areas), *found]))
    if check.unmendable:
        return check
    communities = communities_layer(session, office, check, _mended(areas, check.findings))
    grids = rows_of(session, last_version(session, office, check.street.path, AreaLevel.GRID))
    if grids.empty:
        return replace(check, layers=(communities,))
    doubts = [f for f in find_problems(grids, parents=communities.areas) if f.kind in _OF_PARENTS]
    carried = carried_grids(session, office, check, grids, communities, doubts)
    return replace(check, carried_findings=doubts, layers=(communities, carried))


def _check_grids(
    session: Session, office: Office, check: BoundaryCheck, areas: gpd.GeoDataFrame
) -> BoundaryCheck:
    communities = communities_on(session, office, check.street.path, check.valid_from)
    if communities.empty:
        raise BadInput(
            "no_communities",
            _(
                "%(street)s has no communities in force on %(day)s: import them first, or let "
                "them be made of the grids (--make-communities).",
                street=check.street.code,
                day=check.valid_from.isoformat(),
            ),
        )
    stated, found = stated_parents(areas, communities)
    told = areas.assign(parent_code=stated)
    former = rows_of(session, last_version(session, office, check.street.path, AreaLevel.GRID))
    found += find_problems(told, parents=communities, reference=_unless_empty(former))
    check = replace(check, findings=_sorted([*_check_codes(areas), *found]))
    if check.unmendable:
        return check
    grids = grids_layer(session, office, check, _mended(told, check.findings), communities)
    return replace(check, layers=(grids,))


def _check_grids_alone(
    session: Session, office: Office, check: BoundaryCheck, areas: gpd.GeoDataFrame
) -> BoundaryCheck:
    """Grids whose communities are made of them: one for each parent's code, else for each grid."""
    former = rows_of(session, last_version(session, office, check.street.path, AreaLevel.GRID))
    found = find_problems(areas, reference=_unless_empty(former))
    by_parent = check.request.parent_field is not None
    if by_parent:
        found += _check_parent_codes(areas)
    check = replace(check, findings=_sorted([*_check_codes(areas), *found]))
    if check.unmendable:
        return check
    mended = _mended(areas, check.findings)
    if not by_parent:
        mended = mended.assign(parent_code=mended["code"])
    made = _dissolved(session, check.street, mended) if by_parent else mended
    communities = communities_layer(session, office, check, made)
    grids = grids_layer(session, office, check, mended, communities.areas)
    return replace(check, layers=(communities, grids))


def _dissolved(session: Session, street: Node, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One area for each parent's code; its name is the one it has had so far, else the code."""
    known = select(Area.code, Area.name).where(
        Area.path.startswith(street.path, autoescape=True), Area.level == AreaLevel.COMMUNITY
    )
    names: dict[str, str] = dict(session.execute(known).all())
    groups = grids.groupby("parent_code", sort=True)
    return gpd.GeoDataFrame(
        [{"code": code, "name": names.get(code, code)} for code, _rows in groups],
        geometry=[_union(rows.geometry.values) for _code, rows in groups],
        crs=grids.crs,
    )


def _union(shapes: Iterable[shapely.Geometry]) -> shapely.MultiPolygon:
    union = shapely.union_all(np.asarray(shapes, object))
    parts = shapely.get_parts(union)
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _mended(areas: gpd.GeoDataFrame, findings: list[Finding]) -> gpd.GeoDataFrame:
    """The areas with the proposed repairs, and their codes for names where there is none."""
    mended = repair(areas, findings)
    return mended.assign(name=mended["name"].where(mended["name"] != "", mended["code"]))


def _check_codes(areas: gpd.GeoDataFrame) -> list[Finding]:
    return [
        Finding(
            FindingKind.BAD_CODE, Severity.ERROR, (int(row),), (code,),
            detail={"code": code, "reason": str(fault)},
        )
        for row, code in zip(areas["row"], areas["code"], strict=True)
        if (fault := code_fault(code))
    ]  # fmt: skip


def _check_parent_codes(areas: gpd.GeoDataFrame) -> list[Finding]:
    """Parents' codes that no community can be made of."""
    return [
        unknown_parent(Severity.ERROR, int(row), code, parent)
        for row, code, parent in zip(areas["row"], areas["code"], areas["parent_code"], strict=True)
        if not parent or code_fault(parent)
    ]


def _sorted(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: _KINDS.index(finding.kind))


def _unless_empty(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    return None if table.empty else table


# --- which street, from when --------------------------------------------------------------------


def _branch(
    session: Session, office: Office, request: ImportRequest, areas: gpd.GeoDataFrame
) -> list[Node]:
    """The areas down to the street: the one named, else what the codes say, else the only one."""
    code = request.street_code or _street_of_codes(areas, request.layer)
    if code is None:
        streets = _streets(session, office)
        if len(streets) != 1:
            raise BadInput(
                "street_missing",
                _("The codes do not say which street this is: give its code (--street)."),
                choices=sorted(streets),
            )  # fmt: skip
        code = streets.pop()
    if (fault := code_fault(code)) or not code.strip():
        raise BadInput(
            "street_code",
            _('"%(code)s" cannot be a street\'s code: %(why)s.', code=code, why=fault or "empty"),
        )
    branch = street_branch(code, office.area_path)
    if not branch[-1].path.startswith(office.area_path):
        raise BadInput(
            "street_elsewhere",
            _(
                "Street %(code)s lies at %(path)s, which is not in the area of %(office)s "
                "(%(area)s).",
                code=code,
                path=branch[-1].path,
                office=office.name,
                area=office.area_path,
            ),
        )
    return branch


def _street_of_codes(areas: gpd.GeoDataFrame, layer: AreaLevel) -> str | None:
    """The one street that all codes name by their official form."""
    communities = areas["code"]
    if layer is AreaLevel.GRID:
        communities = pd.Series([official_parent(code, "grid") for code in areas["code"]])
    streets = {official_parent(code, "community") for code in communities}
    return streets.pop() or None if len(streets) == 1 else None


def _streets(session: Session, office: Office) -> set[str]:
    known = set(
        session.scalars(
            select(Area.code)
            .join(BoundaryVersion, BoundaryVersion.street_id == Area.id)
            .where(BoundaryVersion.office_id == office.id)
        )
    )
    last = _street_of_office(office)
    return known or ({last} if last else set())


def _street_of_office(office: Office) -> str:
    """The code of the street that an office looks after, if its path ends at one."""
    code = "".join(part for part in office.area_path.split("/") if part)
    return code if is_official(code, "street") else ""


def _check_start(session: Session, office: Office, check: BoundaryCheck) -> None:
    """Refuse a version that would begin before the one it follows."""
    layers = [AreaLevel.COMMUNITY, AreaLevel.GRID]
    if check.request.layer is AreaLevel.GRID and not check.request.make_communities:
        layers = [AreaLevel.GRID]
    for layer in layers:
        former = last_version(session, office, check.street.path, layer)
        if former and former.valid_from > check.valid_from:
            raise BadInput(
                "too_early",
                _(
                    "The version of %(layer)s before this one (%(source)s) is valid from "
                    "%(former)s: the new one cannot begin earlier, on %(day)s.",
                    layer=layer.label_many,
                    source=former.source_name,
                    former=former.valid_from.isoformat(),
                    day=check.valid_from.isoformat(),
                ),
            )
