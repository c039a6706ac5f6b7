"""What the measurements share: 10,000 grids of about 137 vertices, on either database.

The grids are Voronoi cells of random seeds in a square of 10 km at (605,000, 4,233,000) in
EPSG:4544, their edges cut into short pieces as real outlines are.
"""

import contextlib
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely
from geoalchemy2.shape import from_shape
from numpy.typing import NDArray
from sqlalchemy import Engine, create_engine, insert, make_url, text
from sqlalchemy.orm import Session

from tools import spatialite
from webapp.core.database import begin_write, make_engine
from webapp.core.migrating import upgrade
from webapp.core.settings import ROOT
from webapp.people.models import Office
from webapp.places.models import Area, AreaLevel, BoundaryVersion, Community, Grid
from webapp.standards.service import import_departments, import_standards, import_tasks

SIDE_M = 10_000.0
ORIGIN = (605_000.0, 4_233_000.0)
CRS = "EPSG:4544"
VERTICES = 137
STREET = "640121001"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DIALECTS = ("spatialite", "postgis")

LOADGEN = ROOT.parent / "shared" / "data" / "loadgen"


def synthetic_cases(count: int) -> pd.DataFrame:
    """`count` cases of `../shared/data/loadgen`: x and y in metres of `CRS`, classes Zipf's."""
    if not (LOADGEN / "make_cases.py").exists():
        raise SystemExit("The cases come from ../shared/data/loadgen/make_cases.py, not found.")
    sys.path.insert(0, str(LOADGEN))
    from make_cases import make  # type: ignore[import-not-found]

    cases, _intensity = make(count)
    return cases.assign(x=cases.x + ORIGIN[0], y=cases.y + ORIGIN[1])


def voronoi_grids(count: int = 10_000, seed: int = 7) -> NDArray[np.object_]:
    """`count` cells that cover the square without gap or overlap, in EPSG:4326."""
    rng = np.random.default_rng(seed)
    seeds = shapely.multipoints(rng.uniform(0, SIDE_M, (count, 2)))
    square = shapely.box(0, 0, SIDE_M, SIDE_M)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square))
    cells = shapely.intersection(cells, square)
    edge = float(np.mean(shapely.length(cells))) / VERTICES
    cells = shapely.segmentize(cells, edge)
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    return shapely.transform(
        cells,
        lambda xy: np.column_stack(
            to_degrees.transform(xy[:, 0] + ORIGIN[0], xy[:, 1] + ORIGIN[1])
        ),
    )


@contextlib.contextmanager
def database(dialect: str) -> Iterator[Engine]:
    """A migrated, empty database of this dialect that is removed afterwards."""
    spatialite.set_library_path()
    with _place(dialect, "bench") as url, _engine(url) as engine:
        upgrade(engine)
        yield engine


@contextlib.contextmanager
def twin(original: Engine) -> Iterator[Engine]:
    """Another database with all that is in `original` now, removed afterwards."""
    original.dispose()  # neither can be copied while somebody is connected
    if original.dialect.name == "sqlite":
        with _place("spatialite", "twin") as url:
            shutil.copyfile(str(original.url.database), str(make_url(url).database))
            with _engine(url) as engine:
                yield engine
    else:
        template = f"TEMPLATE {original.url.database}"
        with _place("postgis", "twin", template) as url, _engine(url) as engine:
            yield engine


@contextlib.contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextlib.contextmanager
def _place(dialect: str, name: str, how: str = "") -> Iterator[str]:
    """The URL of a new file, or of a new database made with the options `how`."""
    if dialect == "spatialite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / name}.sqlite"
        return
    name = f"wangge_{name}_{os.getpid()}"
    server = make_url(os.environ["TEST_POSTGIS_URL"]).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name} {how}"))
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def settle(engine: Engine, grids: NDArray[np.object_]) -> int:
    """An office with standards and these grids, in communities of about 200; returns its id."""
    with Session(engine, expire_on_commit=False) as session:
        begin_write(session)
        office = Office(
            code=STREET, name="bench", area_path="/640121/001/", number_prefix="B", revision=1
        )
        session.add(office)
        session.flush()
        street = _areas(session)
        _boundaries(session, office, street, grids)
        tables = ROOT / "data" / "standards"
        import_departments(session, office, tables / "departments.csv")
        import_tasks(session, office, tables / "tasks.csv", NOW)
        import_standards(session, office, tables / "standards.csv", NOW)
        session.commit()
        if engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
            session.commit()
        return office.id


def _areas(session: Session) -> Area:
    county = Area(level=AreaLevel.COUNTY, code="640121", name="640121", path="/640121/")
    street = Area(
        level=AreaLevel.STREET, code=STREET, name=STREET, path="/640121/001/", parent=county
    )
    session.add_all([county, street])
    session.flush()
    return street


def _boundaries(session: Session, office: Office, street: Area, grids: NDArray[np.object_]) -> None:
    """Strips from west to east are the communities; each has at most 999 grids."""
    versions = [
        BoundaryVersion(
            office_id=office.id, street_id=street.id, layer=layer, source_name="bench",
            source_sha256="", made_at=NOW, valid_from=date(2020, 1, 1),
        )
        for layer in (AreaLevel.COMMUNITY, AreaLevel.GRID)
    ]  # fmt: skip
    session.add_all(versions)
    session.flush()
    order = np.argsort(shapely.get_x(shapely.centroid(grids)))
    for number, members in enumerate(np.array_split(order, max(1, len(grids) // 200)), 1):
        code = f"{STREET}{number:03}"
        area = Area(
            level=AreaLevel.COMMUNITY, code=code, name=code, parent_id=street.id,
            path=f"{street.path}{number:03}/",
        )  # fmt: skip
        session.add(area)
        session.flush()
        community = Community(
            area_id=area.id, version_id=versions[0].id, code=code, name=code,
            boundary=_multi(shapely.union_all(grids[members])), valid_from=date(2020, 1, 1),
        )  # fmt: skip
        session.add(community)
        session.flush()
        _grids(session, community, area, versions[1].id, grids[members])


def _grids(
    session: Session,
    community: Community,
    parent: Area,
    version_id: int,
    shapes: NDArray[np.object_],
) -> None:
    codes = [f"{parent.code}{n:03}" for n in range(1, len(shapes) + 1)]
    areas = [
        Area(
            level=AreaLevel.GRID,
            code=c,
            name=c,
            parent_id=parent.id,
            path=f"{parent.path}{c[-3:]}/",
        )
        for c in codes
    ]
    session.add_all(areas)
    session.flush()
    rows = [
        {
            "area_id": area.id, "community_id": community.id, "version_id": version_id,
            "code": area.code, "name": area.name, "boundary": _multi(shape), "area_m2": 10_000.0,
            "valid_from": date(2020, 1, 1),
        }
        for area, shape in zip(areas, shapes, strict=True)
    ]  # fmt: skip
    session.execute(insert(Grid), rows)


def _multi(shape: shapely.Geometry) -> object:
    polygons = shapely.get_parts(shape)
    return from_shape(shapely.MultiPolygon(list(polygons)), srid=4326)


@contextlib.contextmanager
def timed() -> Iterator[list[float]]:
    """Seconds of the block, appended to the list that it gives."""
    seconds: list[float] = []
    start = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - start)


def peak_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load() -> str:
    """How busy the machine is, to be read beside every figure."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def middles(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """A point in each shape: longitude and latitude, shape (n, 2)."""
    return shapely.get_coordinates(shapely.point_on_surface(shapes))
