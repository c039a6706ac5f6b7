"""Draw the sample sub-district: `python -m data.shapefiles.make_sample [FOLDER]`.

No public boundary of its ten communities exists. Borders are laid out by hand as a county town has
them (a canal in the west, a main road in the east, small communities round the crossing in the
middle) and bent a little by seeded noise; the grids are cut by `gis.gridding`. The result is the
same on every run.
"""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.conformal import metres_per_degree
from gis.cutting import share_vertices
from gis.gridding import grid_codes, make_grids

CENTRE = (106.25, 38.28)
STREET = "640121001"
SEED = 640121001
DATE = "2026-11-24"
STEP_M = 90.0
WAVES_M = ((1100.0, 32.0), (420.0, 11.0), (190.0, 4.0))
"""Wavelength and height of the bends, in metres."""

# Borders in kilometres east and north of the centre. Inner ones run on past the border they end at;
# what sticks out is dropped.
OUTER = [
    (-2.45, 2.05), (-1.7, 2.2), (-1.15, 2.5), (0.2, 2.35), (0.9, 2.45), (1.65, 2.3), (2.2, 2.4),
    (2.55, 1.6), (2.4, 0.9), (2.7, 0.3), (2.5, -0.8), (2.15, -1.3), (2.3, -2.1), (1.3, -2.45),
    (0.5, -2.3), (-0.3, -2.55), (-1.5, -2.4), (-2.3, -2.6), (-2.7, -1.7), (-2.4, -0.9),
    (-2.65, 0.1), (-2.35, 1.0),
]  # fmt: skip
CANAL = [(-0.75, 2.7), (-0.85, 1.7), (-1.15, 0.9), (-1.05, 0.2), (-1.3, -0.7), (-1.2, -1.5),
         (-1.6, -2.7)]  # fmt: skip
EAST_ROAD = [(1.5, 2.6), (1.35, 1.6), (1.42, 0.8), (1.2, 0.1), (1.25, -0.9), (1.05, -1.6),
             (1.1, -2.7)]  # fmt: skip
MAIN_ROAD = [(-1.3, 0.3), (-0.5, 0.22), (0.15, 0.3), (0.9, 0.22), (1.45, 0.26)]
MAIN_STREET = [(0.32, 1.5), (0.3, 0.75), (0.12, 0.7), (0.1, -0.1), (0.02, -0.7), (0.06, -1.4)]
NORTH_ROAD = [(-1.3, 1.2), (-0.45, 1.25), (-0.42, 1.45), (0.35, 1.42), (0.8, 1.36), (0.82, 1.22),
              (1.6, 1.25)]  # fmt: skip
SOUTH_ROAD = [(-1.5, -0.85), (-0.7, -0.92), (-0.65, -1.12), (0.4, -1.2), (0.75, -1.05),
              (1.5, -1.0)]  # fmt: skip
WEST_LANE = [(-2.8, -0.35), (-2.0, -0.25), (-1.95, -0.5), (-1.1, -0.42)]
EAST_LANE = [(1.0, 0.75), (1.9, 0.68), (1.95, 0.4), (2.9, 0.45)]
INNER = [CANAL, EAST_ROAD, MAIN_ROAD, MAIN_STREET, NORTH_ROAD, SOUTH_ROAD, WEST_LANE, EAST_LANE]

# Name, a place inside in kilometres, and the area of its grids in square metres, in order of codes.
COMMUNITIES = [
    ("建设社区", (-0.4, 0.8), 84_000),
    ("利民社区", (0.8, 0.8), 84_000),
    ("胜利社区", (-0.5, -0.4), 90_000),
    ("团结社区", (0.7, -0.4), 90_000),
    ("东环社区", (1.8, -0.6), 330_000),
    ("南环社区", (-0.2, -1.8), 300_000),
    ("阳光社区", (0.2, 2.0), 260_000),
    ("祥和社区", (-1.7, 1.0), 400_000),
    ("宁和社区", (-1.9, -1.4), 340_000),
    ("永和社区", (1.9, 1.5), 290_000),
]


def main(folder: Path) -> None:
    communities, grids = draw()
    for layer, shapes in (("communities", communities), ("grids", grids)):
        shapes.to_file(
            folder / f"{layer}.shp", engine="pyogrio", encoding="UTF-8", DBF_DATE_LAST_UPDATE=DATE
        )
        print(f"{len(shapes):4} {layer}")


def draw() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Communities and grids with code, name and parent, in EPSG:4326."""
    outlines = draw_outlines()
    communities, grids = [], []
    for number, (name, _, area_m2) in enumerate(COMMUNITIES, 1):
        code = f"{STREET}{number:03}"
        outline = outlines[number - 1]
        communities.append({"code": code, "name": name, "parent": STREET, "geometry": outline})
        cut = make_grids(outline, area_m2)
        grids += [
            {
                "code": grid,
                "name": f"{name}第{int(grid[12:]):02}网格",
                "parent": code,
                "geometry": s,
            }
            for grid, s in zip(grid_codes(code, len(cut)), cut, strict=True)
        ]
    shapes = np.array(share_vertices([grid["geometry"] for grid in grids], step_deg=1e-9))
    parents = np.array([grid["parent"] for grid in grids])
    for grid, shape in zip(grids, shapes, strict=True):
        grid["geometry"] = shape
    for community in communities:
        community["geometry"] = shapely.coverage_union_all(shapes[parents == community["code"]])
    return (
        gpd.GeoDataFrame(communities, crs="EPSG:4326"),
        gpd.GeoDataFrame(grids, crs="EPSG:4326"),
    )


def draw_outlines() -> list[shapely.Polygon]:
    """The face of the bent borders that holds each community's place."""
    rng = np.random.default_rng(SEED)
    borders = [bend([*OUTER, OUTER[0]], rng), *(bend(line, rng) for line in INNER)]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(borders))))
    places = shapely.points([to_degrees(np.array([place]))[0] for _, place, _ in COMMUNITIES])
    place, face = shapely.STRtree(faces).query(places, predicate="within")
    if sorted(place) != list(range(len(COMMUNITIES))) or len(set(face)) != len(faces):
        raise SystemExit(f"{len(faces)} faces for {len(COMMUNITIES)} communities: mend the borders")
    return [faces[face[np.flatnonzero(place == number)[0]]] for number in range(len(COMMUNITIES))]


def bend(corners: list[tuple[float, float]], rng: np.random.Generator) -> shapely.LineString:
    """A road through corners in kilometres: a point every 90 m, pushed aside by smooth noise."""
    line = shapely.LineString(np.array(corners) * 1000)
    corner = shapely.line_locate_point(line, shapely.points(shapely.get_coordinates(line)[1:-1]))
    even = np.linspace(0, line.length, max(2, round(line.length / STEP_M)))
    far = np.abs(even[:, None] - corner).min(axis=1) > STEP_M / 2
    along = np.sort(np.append(even[far], corner))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, along + 1))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(along - 1, 0)))
    aside = (ahead - behind)[:, ::-1] * (-1, 1)
    aside /= np.hypot(*aside.T)[:, None]
    push = np.zeros(len(along))
    for wavelength, height in WAVES_M:
        phase = rng.uniform(0, 2 * np.pi)
        push += height * np.sin(2 * np.pi * along / wavelength + phase)
    push *= np.minimum(1, np.minimum(along, line.length - along) / 300)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    return shapely.LineString(to_degrees((points + aside * push[:, None]) / 1000))


def to_degrees(kilometres: NDArray[np.float64]) -> NDArray[np.float64]:
    """East and north of the centre to degrees, to nine decimals (0.1 mm)."""
    return np.round(CENTRE + kilometres * 1000 / metres_per_degree(CENTRE[1]), 9)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
