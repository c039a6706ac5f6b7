"""Locating points in grids, against `geopandas.sjoin` of the same points in the same run.

Bars: membership at most 1 x sjoin, the full answer (distance to the edge and candidates) at most
2 x. sjoin includes making its points, as the locator takes bare coordinates.
"""

import gc
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from bench._world import CRS, VERTICES, synthetic_cases, timed, voronoi_grids
from gis.locate import GridLocator

POINTS, GRIDS, ROUNDS = 1_000_000, 10_000, 3
BARS = {"membership": 1.0, "full answer": 2.0}
SINGLE_MS, BUILD_S, MEMORY_MB = 0.3, 2.0, 100

Floats = NDArray[np.float64]


def synthetic_points(count: int) -> tuple[Floats, Floats]:
    """Longitude and latitude of `count` synthetic cases from `../shared/data/loadgen`."""
    cases = synthetic_cases(count)
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(cases.x, cases.y)
    return np.asarray(lon), np.asarray(lat)


def spatial_join(lon: Floats, lat: Floats, shapes: NDArray[np.object_]) -> gpd.GeoDataFrame:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    grids = gpd.GeoDataFrame({"grid": np.arange(len(shapes))}, geometry=shapes, crs="EPSG:4326")
    return gpd.sjoin(points, grids)


def median_seconds(*works: Callable[[], object]) -> list[float]:
    """Median of each over the rounds; taking turns, so that a busy machine is busy for all."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, so_far in zip(works, took, strict=True):
            gc.collect()
            with timed() as seconds:
                work()
            so_far.extend(seconds)
    return [statistics.median(seconds) for seconds in took]


def resident_mb() -> float:
    """Memory of this process now, where the system tells (Linux)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except FileNotFoundError:
        return float("nan")


def memory_of_locator(outlines: list[bytes]) -> float:
    """Megabytes that a locator adds to a fresh process that holds the outlines already."""
    shapes = shapely.from_wkb(outlines)
    gc.collect()
    before = resident_mb()
    locator = GridLocator(np.arange(len(shapes)), shapes)
    gc.collect()
    return resident_mb() - before if len(locator.ids) else 0.0


def build(shapes: NDArray[np.object_]) -> GridLocator:
    with timed() as seconds:
        locator = GridLocator(np.arange(len(shapes)), shapes)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        memory = pool.apply(memory_of_locator, [shapely.to_wkb(shapes).tolist()])
    vertices = shapely.get_num_coordinates(shapes).mean()
    print(
        f"locator of {len(shapes):,} grids of {vertices:.0f} vertices: built in {seconds[0]:.2f} s "
        f"(aim {BUILD_S:.0f} s), {memory:.0f} MB besides the outlines (aim {MEMORY_MB} MB)"
    )
    return locator


def compare(
    locator: GridLocator, shapes: NDArray[np.object_], lon: Floats, lat: Floats
) -> dict[str, float]:
    """Print one line each; returns the ratios."""
    joined = spatial_join(lon, lat, shapes).grid
    single = joined[~joined.index.duplicated(keep=False)]
    ours = locator.membership(lon, lat)
    assert (ours[single.index] == single).all(), "sjoin found other grids"
    assert np.count_nonzero(ours >= 0) == joined.index.nunique()
    seconds = median_seconds(
        lambda: spatial_join(lon, lat, shapes),
        lambda: locator.membership(lon, lat),
        lambda: locator.locate(lon, lat),
    )
    print(f"\n{len(lon):,} points, median of {ROUNDS} rounds, same answers as sjoin:")
    ratios = {}
    for name, took in zip(["geopandas.sjoin", *BARS], seconds, strict=True):
        ratios[name] = took / seconds[0]
        bar = f", bar {BARS[name]:.0f} x" if name in BARS else ""
        rate = f"{len(lon) / took / 1e6:5.2f} million/s"
        print(f"  {name:16}{took:7.2f} s  {rate}  {ratios[name]:5.2f} x{bar}")
    return ratios


def single_lookup(locator: GridLocator, lon: Floats, lat: Floats) -> None:
    took = []
    for place in range(2000):
        start = time.perf_counter()
        locator.locate(lon[place], lat[place])
        took.append(time.perf_counter() - start)
    median, late = np.percentile(took, [50, 95]) * 1000
    print(f"\none point, full answer: {median:.2f} ms, p95 {late:.2f} ms (aim {SINGLE_MS} ms)")


def what_limits(locator: GridLocator, lon: Floats, lat: Floats) -> None:
    """Where the time goes: the steps of the full answer on one thread, over neighbours."""
    from gis.cellindex import UNSURE
    from gis.conformal import metres_per_unit, to_map

    holders, edges = locator._holders, locator._edges
    order = holders.neighbourly(lon, lat)[: len(lon) // 10]
    x, y = lon[order], lat[order]
    found = locator.locate(x, y)
    index = locator.membership(x, y)
    deep = np.flatnonzero((index >= 0) & ~found.near_edge)
    spots = shapely.points(*to_map(x, y))
    reach = locator.near_edge_m / metres_per_unit(y)
    unsure = float(np.mean(holders._cells.lookup(x, y) == UNSURE))
    steps: dict[str, Callable[[], object]] = {
        f"which grid ({unsure:.0%} ask a polygon, the others a raster cell)": (
            lambda: holders.of(x, y)
        ),
        "points on the map": lambda: shapely.points(*to_map(x, y)),
        f"edges within {locator.near_edge_m:.0f} m ({found.near_edge.mean():.0%} have one)": (
            lambda: edges.within(spots, reach)
        ),
        f"distance to the whole edge of the grid ({len(deep) / len(x):.0%})": (
            lambda: edges.distance(spots[deep], index[deep])
        ),
    }
    print(f"\nwhat limits it: one thread, µs a point ({os.cpu_count()} threads share the blocks)")
    for (name, _), seconds in zip(steps.items(), median_seconds(*steps.values()), strict=True):
        print(f"  {seconds / len(x) * 1e6:6.2f}  {name}")


def main() -> int:
    shapes = voronoi_grids(GRIDS)
    lon, lat = synthetic_points(POINTS)
    print(f"{POINTS:,} points in {GRIDS:,} Voronoi cells densified to about {VERTICES} vertices")
    locator = build(shapes)
    ratios = compare(locator, shapes, lon, lat)
    compare(locator, shapes, lon[::10], lat[::10])
    single_lookup(locator, lon, lat)
    what_limits(locator, lon, lat)
    met = all(ratios[name] <= bar for name, bar in BARS.items())
    print("bars met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
