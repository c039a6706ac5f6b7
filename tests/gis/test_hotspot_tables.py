"""Local statistics held to published tables, and to those that R's spdep computed."""

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from gis.hotspots import gi_star
from gis.localmoran import Null, local_moran
from gis.nets import NetKind, net_over_points
from gis.weights import Weights, distance_band, of_neighbours, queen, read_gal
from tests.shared import shared_data

pytestmark = pytest.mark.shared

CLOSE = {"rtol": 0, "atol": 1e-9, "equal_nan": False}


def reference(name: str) -> Path:
    return shared_data("hotspot_ref", name)


def test_the_256_cells_of_getis_and_ord():
    table = pd.read_csv(reference("spdep_getisord_localG.csv"))
    assert len(table) == 256
    for metres in (30, 60, 90, 120, 150):
        found = gi_star(table.val, distance_band(table[["x", "y"]], metres))
        np.testing.assert_allclose(found.z, table[f"Gistar_{metres}"], **CLOSE)
    without = gi_star(table.val, distance_band(table[["x", "y"]], 30), itself=False)
    np.testing.assert_allclose(without.z, table.Gi_30, **CLOSE)


def test_crime_in_columbus():
    """Its column p_fdr is not Benjamini-Hochberg of its P, and is left out."""
    table = pd.read_csv(reference("spdep_columbus_local.csv"))
    weights, ids = read_gal(reference("columbus.gal"))
    assert list(ids) == table.POLYID.tolist()
    np.testing.assert_allclose(gi_star(table.CRIME, weights).z, table.Gistar_B, **CLOSE)
    without = gi_star(table.CRIME, weights, itself=False)
    np.testing.assert_allclose(without.z, table.Gi_B, **CLOSE)
    moran = local_moran(table.CRIME, weights)
    np.testing.assert_allclose(moran.i, table.Ii_W, **CLOSE)
    np.testing.assert_allclose(moran.expected, table["E.Ii"], **CLOSE)
    np.testing.assert_allclose(moran.variance, table["Var.Ii"], **CLOSE)
    np.testing.assert_allclose(moran.z, table["Z.Ii"], **CLOSE)
    np.testing.assert_allclose(moran.p, table.P, **CLOSE)


def test_conflict_in_africa():
    table = pd.read_csv(reference("spdep_afcon_local.csv"))
    weights, ids = read_gal(reference("afcon.gal"))
    assert len(ids) == len(table) == 42
    np.testing.assert_allclose(gi_star(table.totcon, weights).z, table.Gistar, **CLOSE)
    without = gi_star(table.totcon, weights, itself=False)
    np.testing.assert_allclose(without.z, table.Gi, **CLOSE)
    moran = local_moran(table.totcon, weights)
    np.testing.assert_allclose(moran.i, table.Ii, **CLOSE)
    np.testing.assert_allclose(moran.z, table.Z, **CLOSE)


# The ten places of de Smith, Goodchild and Longley, Geospatial Analysis, as PySAL has them.
DE_SMITH = {
    1: [2, 4], 2: [1, 5], 3: [4, 7], 4: [1, 3, 5, 8], 5: [2, 4, 6, 9],
    6: [5, 10], 7: [3, 8], 8: [4, 7, 9], 9: [5, 8, 10], 10: [6, 9],
}  # fmt: skip


def test_the_ten_places_of_de_smith():
    """esda's own figure is (n - 1) / n of spdep's and ours."""
    table = pd.read_csv(reference("esda_desmith_localmoran.csv"))
    moran = local_moran(table.z, of_neighbours(DE_SMITH, list(DE_SMITH), "by hand"))
    np.testing.assert_allclose(moran.i * 9 / 10, table.Is_r, **CLOSE)
    numbers = {"high_high": 1, "low_high": 2, "low_low": 3, "high_low": 4}
    assert [numbers[q] for q in moran.quadrant] == table.q.tolist()


@pytest.fixture(scope="module")
def memphis() -> pd.DataFrame:
    return pd.read_csv(reference("spdep_memphis_500m_gistar.csv"))


@pytest.fixture(scope="module")
def robberies() -> geopandas.GeoSeries:
    path = shared_data("memphis", "memphis_robberies.geojson")
    return geopandas.read_file(path).to_crs("EPSG:32616").geometry


def check_memphis(table: pd.DataFrame, counts: np.ndarray, weights: Weights) -> None:
    found = gi_star(counts, weights, cases=int(counts.sum()))
    np.testing.assert_allclose(found.z, table.Gistar, **CLOSE)
    np.testing.assert_allclose(found.p, table.p, **CLOSE)
    np.testing.assert_allclose(found.corrected, table.p_fdr_BH, **CLOSE)
    assert np.count_nonzero(found.p < 0.05) == 552
    assert np.count_nonzero(found.corrected < 0.05) == 380
    assert found.z.max() == pytest.approx(15.43966, abs=5e-6)


def test_robberies_in_memphis_from_points_to_hot_spots(memphis, robberies):
    x, y = robberies.x.to_numpy(), robberies.y.to_numpy()
    assert len(x) == 2_245
    net = net_over_points(NetKind.SQUARE, 500, x, y)
    assert (net.columns, net.rows) == (74, 59)
    corners = net.centres() - 250
    np.testing.assert_array_equal(corners, memphis[["xmin", "ymin"]])
    counts = net.count(x, y)
    np.testing.assert_array_equal(counts, memphis["count"])
    check_memphis(memphis, counts, net.queen())


def test_the_same_with_neighbours_by_distance(memphis):
    weights = distance_band(memphis[["xmin", "ymin"]], 500 * 1.5)
    check_memphis(memphis, memphis["count"].to_numpy(), weights)


def test_local_moran_of_memphis(memphis):
    weights = distance_band(memphis[["xmin", "ymin"]], 500 * 1.5)
    moran = local_moran(memphis["count"], weights)
    np.testing.assert_allclose(moran.i, memphis.Ii, **CLOSE)
    np.testing.assert_allclose(moran.z, memphis.Z_Ii, **CLOSE)
    total = local_moran(memphis["count"], weights, null=Null.TOTAL)
    np.testing.assert_allclose(total.i, memphis.Ii, **CLOSE)
    assert not np.allclose(total.z, moran.z)


def test_the_neighbours_of_a_real_map_are_those_of_libpysal():
    """The file of neighbours is of another edition of the map: 230 links, of the shapes 236."""
    shapes = geopandas.read_file(reference("columbus.geojson")).geometry
    theirs = Graph.build_contiguity(shapes, rook=False)
    ours = queen(shapes.translate(1_000, 1_000).to_numpy(), tolerance_m=1e-9)  # no degrees
    assert theirs.n_edges == len(ours.indices) == 236
    np.testing.assert_array_equal(ours.to_graph().sparse.toarray(), theirs.sparse.toarray())
