"""Cases go out as files with all that is known of them, and come in again from those."""

import csv
from datetime import UTC, datetime

import geopandas as gpd
import pytest
from sqlalchemy import select

from tests.factories.cases import CENTRE, INSIDE, NOW, OUTSIDE, make_case, make_ground
from tests.factories.people import make_office
from tests.factories.places import STEP
from webapp.cases.deadlines import recompute_deadlines
from webapp.cases.exporting import export_cases
from webapp.cases.importing import import_cases, read_mapping
from webapp.cases.models import Case, CaseKey
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput
from webapp.core.settings import ROOT

EVIL = '=HYPERLINK("http://x")\n"quoted", 路灯'


@pytest.fixture
def office(session):
    """Three cases: inside and near an edge, outside, and with awkward words."""
    office = make_ground(session).office
    make_case(session, office, draft={"lon": INSIDE[0] + STEP * 0.53})
    make_case(session, office, draft={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})
    make_case(session, office, draft={"description": EVIL})
    session.commit()
    return office


def test_a_csv_has_what_is_known_of_each_case(session, office, tmp_path):
    assert export_cases(session, office, tmp_path / "c.csv", "csv") == 3
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        first, outside, evil = csv.DictReader(file)
    assert (first["number"], first["grid"]) == ("TJ261124-0001", "640121001001004")
    assert first["community_code"] == "640121001001"
    assert (first["near_edge"], first["lead_department"]) == ("True", CENTRE)
    assert first["candidates"].startswith("640121001001003=2.6")
    assert first["due_at"] == "2026-11-26T02:30:00Z"
    assert (outside["grid"], outside["community"]) == ("", "")
    assert evil["description"] == f"'{EVIL}"  # no spreadsheet takes it for a formula


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_a_layer_has_the_same_with_its_points(session, office, tmp_path, kind):
    path = tmp_path / f"c.{kind}"
    export_cases(session, office, path, kind)
    frame = gpd.read_file(path).sort_values("number")
    assert list(frame["number"]) == ["TJ261124-0001", "TJ261124-0002", "TJ261124-0003"]
    assert frame.geometry.iloc[2].coords[0] == pytest.approx(INSIDE)
    assert frame["description"].iloc[2] == EVIL
    assert not list(tmp_path.glob(".partial*"))


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_a_layer_without_a_case_can_be_opened(session, tmp_path, kind):
    path = tmp_path / f"c.{kind}"
    assert export_cases(session, make_ground(session).office, path, kind) == 0
    frame = gpd.read_file(path)
    assert len(frame) == 0
    assert list(tmp_path.iterdir()) == [path]


def test_files_without_a_case_have_the_columns_of_the_others(session, office, tmp_path):
    none = make_office(session)
    for name, which in (("full", office), ("none", none)):
        export_cases(session, which, tmp_path / f"{name}.csv", "csv")
        export_cases(session, which, tmp_path / f"{name}.gpkg", "gpkg")
    lines = (tmp_path / "none.csv").read_text("utf-8-sig").splitlines()
    assert lines == (tmp_path / "full.csv").read_text("utf-8-sig").splitlines()[:1]
    full, empty = (gpd.read_file(tmp_path / f"{name}.gpkg") for name in ("full", "none"))
    assert list(empty.columns) == list(full.columns)
    assert empty.crs == full.crs
    for name in ("near_edge", "edge_distance_m", "longitude", "limit_amount"):
        assert empty[name].dtype == full[name].dtype, name


def test_the_command_says_that_there_is_no_case_to_write(app, session, tmp_path):
    make_office(session, code="east")
    session.commit()
    path = tmp_path / "none.gpkg"
    arguments = ["cases", "export", str(path), "--format", "gpkg"]
    told = app.test_cli_runner().invoke(args=arguments)
    assert (told.exit_code, told.output) == (
        0, f"There are no cases to write; {path} holds none.\n"
    )  # fmt: skip
    assert path.exists()


def test_an_unknown_format_is_refused(session, office, tmp_path):
    with pytest.raises(BadInput, match="csv, geojson, gpkg"):
        export_cases(session, office, tmp_path / "c.doc", "doc")


def test_what_went_out_comes_in_again(session, office, tmp_path):
    export_cases(session, office, tmp_path / "c.csv", "csv")
    mapping = read_mapping((ROOT / "data" / "mappings" / "wangge.toml").read_bytes())
    run = import_cases(session, office, tmp_path / "c.csv", mapping).run
    assert (run.imported, run.unplaced, run.rejected) == (2, 1, 0)
    again = select(Case).join(CaseKey).where(CaseKey.external_source == "wangge")
    once = select(Case).join(CaseKey).where(CaseKey.external_source.is_(None))
    for copy, case in zip(
        *(session.scalars(q.order_by(Case.id)) for q in (again, once)), strict=True
    ):
        for name in ("condition_id", "state", "reported_at", "due_at", "grid_id", "near_edge"):
            assert getattr(copy, name) == getattr(case, name), name


def test_a_provisional_deadline_is_settled_once_with_an_event(session, office):
    case = session.scalar(select(Case).order_by(Case.id))
    case.due_provisional = True
    case.due_at = datetime(2026, 12, 24, tzinfo=UTC)
    session.flush()
    assert recompute_deadlines(session, office, NOW) == (1, 0)
    assert recompute_deadlines(session, office, NOW) == (0, 0)
    session.expire_all()
    assert case.due_at == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
    assert [event.action for event in case.events] == [Action.REPORTED, Action.DEADLINE_RECOMPUTED]


def test_a_deadline_in_a_year_not_announced_waits(session, office):
    far = datetime(2090, 3, 6, 2, 0, tzinfo=UTC)
    case = make_case(session, office, now=far)
    assert case.due_provisional
    assert recompute_deadlines(session, office, far) == (0, 1)
