"""`flask places`: what it prints, what it changes, and what it leaves alone."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories.people import make_office, make_person
from tests.factories.places import draw, make_grids
from tests.shared import shared_data
from webapp.people.models import Role
from webapp.places.models import Area, BoundaryVersion, Community


@pytest.fixture
def run(app, session):
    """Run a command: `run("import", path, "--layer", "grids")`; the session sees what it did."""

    def command(*words: object):
        session.rollback()
        return app.test_cli_runner().invoke(args=["places", *map(str, words)])

    return command


@pytest.fixture
def office(session):
    office = make_office(session, code="640121001")
    session.commit()
    return office


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def fields(path: Path, layer: str) -> list[object]:
    return ["import", path, "--layer", layer, "--code-field", "code", "--name-field", "name"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(session, office, run, write):
    path = write(draw()[0], "c.gpkg")
    done = run(*fields(path, "communities"), "--dry-run")
    assert done.exit_code == 0
    assert "2 communities would be in force" in done.output
    assert "2 new, 0 renamed, 0 gone" in done.output
    assert [count(session, table) for table in (Area, BoundaryVersion, Community)] == [0, 0, 0]
    assert session.get_one(type(office), office.id).revision == 0


def test_boundaries_go_in_and_are_listed(session, office, run, write):
    communities, grids = draw()
    run(*fields(write(communities, "c.gpkg"), "communities"))
    done = run(*fields(write(grids, "g.gpkg"), "grids"), "--parent-field", "parent_code")
    assert "8 grids are in force" in done.output, done.output
    listed = run("list", "--grids").output
    assert "640121001002\tCommunity 2\t4 grids" in listed
    assert "640121001002004\tGrid 004" in listed


def test_open_questions_are_printed_with_the_option_that_answers_each(session, office, run, write):
    communities, _ = draw()
    communities["name"] = ["团结社区", "建设社区"]
    path = write(communities.to_crs(4544).drop(columns="parent_code"), "c.shp", encoding="GBK")
    for suffix in (".cpg", ".prj"):
        path.with_suffix(suffix).unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0  # the language byte says nothing either
    path.with_suffix(".dbf").write_bytes(table)
    done = run("import", path, "--layer", "communities")
    assert done.exit_code == 1
    assert "--crs EPSG:4544" in done.output
    assert "--encoding GBK\t" in done.output
    assert "团结社区" in done.output
    assert "--code-field code" in done.output
    assert count(session, BoundaryVersion) == 0
    said = ["--crs", "EPSG:4544", "--encoding", "GBK"]
    assert run(*fields(path, "communities"), *said).exit_code == 0
    assert set(session.scalars(select(Community.name))) == {"团结社区", "建设社区"}


def test_a_manager_is_named_for_a_grid(session, office, run):
    make_grids(session, office)
    make_person(session, office, Role.GRID_MANAGER, username="walker", area_path="/640121/001/001/")
    make_person(session, office, Role.DISPATCHER, username="desk")
    session.commit()
    named = run("assign-manager", "--grid", "640121001001001", "--person", "walker")
    assert named.exit_code == 0, named.output
    refused = run("assign-manager", "--grid", "640121001001001", "--person", "desk")
    assert "is not a grid manager for" in refused.output
    elsewhere = run("assign-manager", "--grid", "640121001002001", "--person", "walker")
    assert "is not a grid manager for" in elsewhere.output
    unknown = run("assign-manager", "--grid", "77", "--person", "walker")
    assert "No grid with the code 77" in unknown.output
    session.rollback()
    area = session.scalar(select(Area).where(Area.code == "640121001001001"))
    assert area.manager.username == "walker"


def test_a_community_is_cut_by_a_command(session, office, run):
    make_grids(session, office, communities=1, columns=3, rows=2)
    session.commit()
    assert "say --replace" in run("make-grids", "--community", "640121001001").output
    done = run("make-grids", "--community", "640121001001", "--replace")
    assert "6 grids, 640121001001007 to 640121001001012" in done.output


@pytest.mark.shared
def test_the_councils_of_los_angeles_are_refused_and_go_in_when_told(
    session, database, run, tmp_path
):
    """192 pairs overlap and there are gaps: the list has them all, and nothing changes."""
    councils = shared_data("la311", "councils", "councils.shp")
    make_office(session, code="LA", area_path="/LA/", time_zone="America/Los_Angeles")
    session.commit()
    told = ["--code-field", "nc_id", "--name-field", "name", "--street", "LA", "--make-communities"]
    words = ["import", councils, "--layer", "grids", *told]
    file = tmp_path / "findings.geojson"
    refused = run(*words, "--findings", file)
    assert refused.exit_code == 1
    assert "overlap: 192" in refused.output
    assert "and 142 more" in refused.output
    assert "Nothing was imported" in refused.output
    found = [feature["properties"]["kind"] for feature in json.loads(file.read_text())["features"]]
    assert found.count("overlap") == 192
    assert found.count("gap") > 0
    assert count(session, BoundaryVersion) == 0
    done = run(*words, "--accept-findings")
    assert "99 grids are in force" in done.output
    version = session.scalar(select(BoundaryVersion).where(BoundaryVersion.layer == "grid"))
    assert sum(one["kind"] == "overlap" for one in version.findings) == 192
    below = select(func.count()).select_from(Area).where(Area.path.startswith("/LA/10/"))
    assert session.scalar(below) == 2  # council 10 and its grid, not 100 to 109
