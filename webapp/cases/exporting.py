"""Every case of an office as a file: CSV, GeoJSON or GeoPackage, batch after batch."""

import csv
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from webapp.cases.models import Case, CaseCandidate, CaseKey
from webapp.core.database import WGS84
from webapp.core.errors import BadInput
from webapp.core.i18n import listed
from webapp.people.models import Department, Office, Person
from webapp.places.models import Area, Grid
from webapp.standards.models import CaseClass, Condition, RoutingDecision

BATCH = 5_000
FORMATS = ("csv", "geojson", "gpkg")
LIST = "; "  # between the parts of a field that has several
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FREE_TEXTS = ("description", "address")

Row = dict[str, Any]


def export_cases(session: Session, office: Office, path: Path, kind: str) -> int:
    """Write all cases to a new file, whole or not at all; returns how many.

    Without a case the file has its columns and no rows. Times are ISO 8601 in UTC, coordinates
    WGS-84 degrees beside those given. In CSV a free text that a spreadsheet would take for a
    formula begins with an apostrophe.
    """
    if kind not in FORMATS:
        raise BadInput(
            "format",
            _("%(kind)s is no format of ours: use %(all)s.", kind=kind, all=listed(FORMATS)),
        )
    with whole(path) as partial:
        count = write_rows(partial, kind, batches(session, office), _FREE_TEXTS)
        if not count:
            _write_columns(partial, kind)
    return count


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write to that becomes `path` at the end, or nothing when that fails."""
    partial = path.with_name(f".partial-{path.name}")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_rows(
    path: Path, kind: str, rows: Iterator[list[Row]], free_texts: Collection[str]
) -> int:
    """Write batches of rows, each with its `point`, as one of FORMATS; returns how many.

    The columns are those of the first row: without any there are none, and no GeoPackage at all.
    """
    if kind == "csv":
        return _write_csv(path, rows, free_texts)
    return _write_geojson(path, rows) if kind == "geojson" else _write_gpkg(path, rows)


def batches(session: Session, office: Office) -> Iterator[list[Row]]:
    """All cases of an office by id, some thousand at a time; an empty batch comes last."""
    departments = _names(session, Department, office)
    last = -1
    while True:
        found = session.execute(_cases(office, last)).all()
        candidates = _candidates(session, [row.id for row in found])
        yield [_row(row._mapping, departments, candidates.get(row.id, [])) for row in found]
        if not found:
            return
        last = found[-1].id


def _names(session: Session, model: type[Department], office: Office) -> dict[int, str]:
    of_office = select(model.id, model.name).where(model.office_id == office.id)
    return dict(session.execute(of_office).all())


def _cases(office: Office, after: int) -> Any:
    community = aliased(Area)
    return (
        select(
            Case.id, CaseKey.external_source, CaseKey.external_id, Case.number, Case.state,
            Case.source, CaseClass.code.label("class_code"), CaseClass.name_zh.label("class_name"),
            Condition.code.label("condition_code"), Condition.name_zh.label("condition_name"),
            Case.description, Case.address, func.ST_AsBinary(Case.location).label("wkb"),
            Case.raw_x, Case.raw_y, Case.datum, Case.accuracy_m, Grid.code.label("grid"),
            community.code.label("community_code"), community.name.label("community"),
            Case.lead_department_id, RoutingDecision.informed, Person.name.label("leader"),
            Case.limit_amount, Case.limit_unit, Case.reported_at, Case.due_at,
            Case.due_provisional, Case.closed_at, Case.near_edge, Case.edge_distance_m,
            Case.overlapping, Case.source_conflict,
        )
        .join(CaseKey, CaseKey.case_id == Case.id)
        .join(Condition, Case.condition_id == Condition.id)
        .join(CaseClass, Condition.class_id == CaseClass.id)
        .join(Area, Case.area_id == Area.id)
        .outerjoin(Grid, Case.grid_id == Grid.id)
        .outerjoin(community, (Area.parent_id == community.id) & Case.grid_id.is_not(None))
        .outerjoin(RoutingDecision, Case.routing_decision_id == RoutingDecision.id)
        .outerjoin(Person, Case.leader_id == Person.id)
        .where(Case.office_id == office.id, Case.id > after)
        .order_by(Case.id)
        .limit(BATCH)
    )  # fmt: skip


def _candidates(session: Session, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if ids:
        within = (
            select(CaseCandidate.case_id, Grid.code, CaseCandidate.distance_m)
            .join(Grid)
            .where(CaseCandidate.case_id.between(ids[0], ids[-1]))
            .order_by(CaseCandidate.case_id, CaseCandidate.distance_m)
        )
        for case_id, code, metres in session.execute(within):
            found.setdefault(case_id, []).append(f"{code}={metres:.2f}")
    return found


def _row(facts: Any, departments: dict[int, str], candidates: list[str]) -> Row:
    """One case as it is written; `point` is for formats that have geometry."""
    point = shapely.from_wkb(bytes(facts["wkb"])) if facts["wkb"] is not None else None
    lead = facts["lead_department_id"]
    row: Row = {
        name: _plain(value)
        for name, value in facts.items()
        if name not in {"id", "wkb", "lead_department_id", "informed"}
    }
    return row | {
        "longitude": point.x if point else None,
        "latitude": point.y if point else None,
        "lead_department": departments.get(lead) if lead else None,
        "informed_departments": LIST.join(departments[i] for i in facts["informed"] or []),
        "candidates": LIST.join(candidates),
        "point": point,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, str) else value


def _write_csv(path: Path, rows: Iterator[list[Row]], free_texts: Collection[str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for batch in rows:
            for row in batch:
                del row["point"]
                for name in free_texts:
                    if row[name] and row[name].startswith(_FORMULA_STARTS):
                        row[name] = f"'{row[name]}"
                if writer is None:
                    writer = csv.DictWriter(file, list(row))
                    writer.writeheader()
                writer.writerow(row)
                count += 1
    return count


def _write_geojson(path: Path, rows: Iterator[list[Row]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        for batch in rows:
            for row in batch:
                point = row.pop("point")
                geometry = {"type": "Point", "coordinates": [point.x, point.y]} if point else None
                feature = {"type": "Feature", "geometry": geometry, "properties": row}
                file.write(",\n" if count else "\n")
                file.write(json.dumps(feature, ensure_ascii=False))
                count += 1
        file.write("\n]}\n")
    return count


def _write_gpkg(path: Path, rows: Iterator[list[Row]]) -> int:
    count = 0
    for batch in rows:
        if batch:
            frame = gpd.GeoDataFrame(batch, geometry="point", crs=WGS84)
            frame.to_file(path, driver="GPKG", layer="cases", append=count > 0)
            count += len(batch)
    return count


def _write_columns(path: Path, kind: str) -> None:
    """A file of cases without a case; GeoJSON has its columns in the rows alone."""
    columns = _cases(Office(), 0).selected_columns
    blank = _row(dict.fromkeys(column.name for column in columns), {}, [])
    frame = gpd.GeoDataFrame([blank], geometry="point", crs=WGS84).iloc[:0]
    kinds = {column.name: column.type.python_type for column in columns if column.name in frame}
    frame = frame.astype(kinds | {"longitude": float, "latitude": float})
    if kind == "csv":
        frame.drop(columns="point").to_csv(path, index=False, encoding="utf-8-sig")
    elif kind == "gpkg":
        frame.to_file(path, driver="GPKG", layer="cases", geometry_type="Point")
