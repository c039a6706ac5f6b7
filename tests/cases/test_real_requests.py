"""10,000 real requests of Los Angeles go in whole, and into the city's own councils."""

import csv
from collections.abc import Iterator
from datetime import date

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.cases import NOW
from tests.factories.people import make_office
from tests.factories.standards import make_standards
from tests.shared import shared_data
from webapp.cases.importing import import_cases, read_mapping
from webapp.cases.importing.running import Outcome
from webapp.cases.models import Case, CaseCandidate, CaseKey, ImportRun
from webapp.core.settings import ROOT
from webapp.people.models import CalendarKind, Office
from webapp.places.models import AreaLevel, Grid
from webapp.places.service import ImportRequest, import_boundaries

pytestmark = pytest.mark.shared

MAPPING = (ROOT / "data" / "mappings" / "la311.toml").read_bytes()
NEAR_M = 10.0


def make_city(session: Session) -> Office:
    """Los Angeles with its councils as grids."""
    office = make_office(
        session, code="LA", area_path="/LA/", number_prefix="LA",
        time_zone="America/Los_Angeles", calendar=CalendarKind.WEEKDAYS,
    )  # fmt: skip
    make_standards(session, office)
    councils = shared_data("la311", "councils", "councils.shp")
    request = ImportRequest(
        councils, "councils.shp", AreaLevel.GRID, code_field="nc_id", name_field="name",
        street_code="LA", valid_from=date(2018, 1, 1), make_communities=True, accept_findings=True,
    )  # fmt: skip
    import_boundaries(session, office, request, NOW, None)
    return office


def bring_all(session: Session, city: Office) -> Outcome:
    path = shared_data("la311", "requests-2018.csv")
    return import_cases(session, city, path, read_mapping(MAPPING))


def make_full_city(session: Session) -> tuple[Office, Outcome]:
    city = make_city(session)
    return city, bring_all(session, city)


scene = scenes.by(full=make_full_city)


@pytest.fixture
def full(scene, session: Session) -> tuple[Office, Outcome]:
    """The city with all requests in it, and what their import has said."""
    return scene.on(session)


def requests() -> list[dict[str, str]]:
    with shared_data("la311", "requests-2018.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def located(session: Session, source: str) -> dict[str, tuple[str | None, bool, set[str]]]:
    """Of each request its grid, whether it is near an edge, and the candidates."""
    rows = session.execute(
        select(CaseKey.external_id, Grid.code, Case.near_edge)
        .join(Case, Case.id == CaseKey.case_id)
        .outerjoin(Grid, Grid.id == Case.grid_id)
        .where(CaseKey.external_source == source)
    ).all()
    found = {row[0]: (row[1], row[2], set()) for row in rows}
    for external_id, code in session.execute(
        select(CaseKey.external_id, Grid.code)
        .join(CaseCandidate, CaseCandidate.case_id == CaseKey.case_id)
        .join(Grid, Grid.id == CaseCandidate.grid_id)
        .where(CaseKey.external_source == source)
    ):
        if external_id in found:
            found[external_id][2].add(code)
    return found


def council_distances() -> Iterator[tuple[str, str, float]]:
    """Request, the city's own council number, metres from that council by a second way."""
    councils = gpd.read_file(shared_data("la311", "councils", "councils.shp")).to_crs(32611)
    shapes = dict(zip(councils["nc_id"].astype(int), councils.geometry, strict=True))
    rows = [row for row in requests() if row["NC"] and row["Latitude"]]
    points = gpd.GeoSeries(
        [shapely.Point(float(row["Longitude"]), float(row["Latitude"])) for row in rows], crs=4326
    ).to_crs(32611)
    for row, point in zip(rows, points, strict=True):
        number = int(float(row["NC"]))
        yield row["SRNumber"], str(number), shapes[number].distance(point)


def test_ten_thousand_requests_go_in_whole_and_into_the_city_s_own_councils(session, full):
    run = full[1].run
    assert run.imported + run.unplaced + run.rejected == 10_000
    assert (run.rejected, run.contradictory) == (0, 13)
    assert run.unmapped_classes["Homeless Encampment"] == 250
    found = located(session, "la311")
    assert len(found) == 10_000

    own = list(council_distances())
    assert len(own) == 8_786
    right = [request for request, council, _ in own if found[request][0] == council]
    assert len(right) >= 8_675

    inside = [(request, council) for request, council, metres in own if metres == 0]
    assert len(inside) == 8_688
    lost = [r for r, council in inside if council not in {found[r][0], *found[r][2]}]
    assert lost == []

    outside = [(request, council, metres) for request, council, metres in own if metres > 0]
    close = [(r, council) for r, council, metres in outside if metres <= NEAR_M]
    assert (len(outside), len(close)) == (98, 31)
    assert all(found[r][1] and council in found[r][2] for r, council in close)

    flagged = sum(near for _, near, _ in found.values())
    assert 0 < flagged <= 200  # 2 % of all: a flag on everything would say nothing


def test_those_outside_every_council_keep_their_distance_to_the_nearest(session, full):
    unplaced = session.scalars(select(Case).where(Case.grid_id.is_(None))).all()
    with_a_point = [case for case in unplaced if case.location is not None]
    assert len(unplaced) == 10_000 - session.scalar(select(ImportRun.imported))
    assert len(unplaced) - len(with_a_point) == 1_102  # the source gave no coordinates
    assert all(case.nearest_grid_id and case.edge_distance_m > 0 for case in with_a_point)


def test_the_order_of_the_rows_makes_no_difference(session, full, tmp_path):
    rows = requests()
    turned = tmp_path / "turned.csv"
    with turned.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(reversed(rows))
    again = read_mapping(MAPPING.replace(b'source = "la311"', b'source = "turned"'))
    import_cases(session, full[0], turned, again)
    assert located(session, "turned") == located(session, "la311")


def test_the_same_requests_twice_add_nothing(session, full):
    city, first = full
    assert not first.again
    assert bring_all(session, city).again
    assert len(located(session, "la311")) == 10_000
