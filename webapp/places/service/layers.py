"""Make checked areas into layers that can be put in force: paths, parents, what changes."""

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from gis.findings import Finding
from webapp.core.errors import BadInput
from webapp.people.models import Office
from webapp.places.models import AreaLevel
from webapp.places.rules import Node, segment
from webapp.places.service.parents import NOWHERE, largest_overlap, parents_of
from webapp.places.service.request import BoundaryCheck, Changes, NewLayer
from webapp.places.stored import last_version, rows_of


def communities_layer(
    session: Session, office: Office, check: BoundaryCheck, areas: gpd.GeoDataFrame
) -> NewLayer:
    """Communities under the street."""
    parents = [check.street] * len(areas)
    return _layer(session, office, check, AreaLevel.COMMUNITY, _placed(areas, parents))


def grids_layer(
    session: Session,
    office: Office,
    check: BoundaryCheck,
    areas: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
) -> NewLayer:
    """Grids under their communities: by `parent_code`, else by the largest overlap."""
    at = parents_of(areas, list(areas["parent_code"]), communities)
    known = _nodes(communities)
    placed = _placed(areas, [known[position] for position in at])
    return _layer(session, office, check, AreaLevel.GRID, placed)


def carried_grids(
    session: Session,
    office: Office,
    check: BoundaryCheck,
    grids: gpd.GeoDataFrame,
    communities: NewLayer,
    findings: list[Finding],
) -> NewLayer:
    """The grids in force under new communities.

    The rule: each goes to the community that shares most with it, of equals to the one of before;
    a grid that shares nothing with any ends with the old communities.
    """
    known = _nodes(communities.areas)
    at = {node.path: position for position, node in enumerate(known)}
    before = [path[: path[:-1].rindex("/") + 1] for path in grids["path"]]
    preferred = np.array([at.get(path, NOWHERE) for path in before], np.int64)
    position = largest_overlap(grids, communities.areas, preferred)
    staying = grids[position != NOWHERE]
    parents = [known[number] for number in position[position != NOWHERE]]
    layer = _layer(session, office, check, AreaLevel.GRID, _placed(staying, parents))
    return replace(layer, findings=findings, carried=True)


def _nodes(communities: gpd.GeoDataFrame) -> list[Node]:
    return [
        Node("community", code, path)
        for code, path in zip(communities["code"], communities["path"], strict=True)
    ]


def _placed(areas: gpd.GeoDataFrame, parents: list[Node]) -> gpd.GeoDataFrame:
    """The areas with their parents' paths and their own."""
    paths = [
        f"{parent.path}{segment(code, parent.code)}/"
        for code, parent in zip(areas["code"], parents, strict=True)
    ]
    _refuse_same(paths)
    return areas.assign(path=paths, parent_path=[parent.path for parent in parents])


def _refuse_same(paths: list[str]) -> None:
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            raise BadInput(
                "same_path",
                _(
                    "Two areas would have the same place in the tree, %(path)s: give one of them "
                    "another code.",
                    path=path,
                ),
            )
        seen.add(path)


def _layer(
    session: Session,
    office: Office,
    check: BoundaryCheck,
    level: AreaLevel,
    areas: gpd.GeoDataFrame,
) -> NewLayer:
    former = last_version(session, office, check.street.path, level)
    changes = compare(level, rows_of(session, former), areas)
    return NewLayer(level, areas, former, changes, check.findings)


def compare(level: AreaLevel, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Changes:
    """What is new, renamed and gone between two versions of a layer."""
    old = {path: (code, name) for path, code, name in _facts(before)}
    new = {path: (code, name) for path, code, name in _facts(after)}
    return Changes(
        layer=level,
        total=len(new),
        new=tuple(code for path, (code, _name) in new.items() if path not in old),
        renamed=tuple(
            code for path, (code, name) in new.items() if path in old and old[path][1] != name
        ),
        gone=tuple(code for path, (code, _name) in old.items() if path not in new),
    )


def _facts(areas: gpd.GeoDataFrame) -> Iterable[tuple[str, str, str]]:
    return zip(areas["path"], areas["code"], areas["name"], strict=True)
