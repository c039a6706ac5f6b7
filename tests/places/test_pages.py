"""The administrator's way of a file in: sent, asked about, looked at, applied or dropped."""

import re
import zipfile
from pathlib import Path

import pytest
import shapely
from sqlalchemy import func, select

from tests.factories.people import make_office, make_person, sign_in, token
from tests.factories.places import STEP, WEST, draw, make_grids
from webapp.core.jobs_cli import work_one
from webapp.people.models import Role
from webapp.places import working
from webapp.places.models import BoundaryVersion, Community

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def administrator(session, client):
    office = make_office(session, code="640121001")
    person = make_person(session, office, Role.ADMINISTRATOR)
    session.commit()
    sign_in(client, person)
    return person


@pytest.fixture
def send(client, administrator):
    """Send a file; answers the address of its questions."""

    def send_file(path: Path, name: str | None = None) -> str:
        with path.open("rb") as file:
            data = {"file": (file, name or path.name), "csrf_token": token(client, "/me")}
            answer = client.post("/admin/places/import", data=data, headers=ENGLISH)
        assert answer.status_code == 302, answer.text
        return answer.location

    return send_file


@pytest.fixture
def reply(client):
    """Answer the questions about a file."""

    def answer_questions(address: str, layer: str = "community", **answers: str):
        facts = {
            "layer": layer, "code_field": "code", "name_field": "name", "encoding": "", "crs": "",
            "datum": "wgs84", "valid_from": "2026-03-01", "csrf_token": token(client, "/me"),
        }  # fmt: skip
        return client.post(address, data=facts | answers, headers=ENGLISH)

    return answer_questions


def post(client, address: str, **data: str):
    facts = data | {"csrf_token": token(client, "/me")}
    return client.post(address, data=facts, headers=ENGLISH)


def uploads(app):
    folder = app.config["WANGGE"].upload_dir / "boundaries"
    return list(folder.iterdir()) if folder.exists() else []


def test_a_file_goes_in_by_the_pages(app, client, session, send, reply, write, administrator):
    address = send(write(draw()[0], "c.gpkg"))
    checked = reply(address)
    assert checked.location == f"{address}/findings"
    page = client.get(checked.location, headers=ENGLISH).text
    assert "Nothing was found." in page
    assert "2 communities" in page
    applied = post(client, f"{address}/apply")
    assert applied.location == "/admin/places"
    assert uploads(app) == []
    version = session.scalar(select(BoundaryVersion))
    assert (version.source_name, version.made_by_id) == ("c.gpkg", administrator.id)
    listed = client.get("/admin/places", headers=ENGLISH).text
    assert "c.gpkg" in listed
    shapes = client.get("/admin/places/current.json").json
    assert len(shapes["communities"]["features"]) == 2


def test_findings_are_counted_drawn_and_applied_only_when_accepted(
    client, session, send, reply, write
):
    communities, _ = draw()
    communities.loc[0, "geometry"] = shapely.box(WEST, 38.28, WEST + 2.5 * STEP, 38.282)
    address = send(write(communities, "c.gpkg"))
    reply(address)
    page = client.get(f"{address}/findings", headers=ENGLISH).text
    assert "I have seen the finding and accept it" in page
    found = client.get(f"{address}/findings.json", headers=ENGLISH).json
    [overlap] = found["findings"]["features"]
    assert overlap["properties"]["label"] == "Overlaps"
    assert "overlap by" in overlap["properties"]["words"]
    assert overlap["geometry"]["type"] == "MultiPolygon" or overlap["geometry"]["type"] == "Polygon"
    refused = post(client, f"{address}/apply")
    assert refused.location == f"{address}/findings"
    assert session.scalar(select(func.count()).select_from(BoundaryVersion)) == 0
    assert post(client, f"{address}/apply", accept="on").location == "/admin/places"


def test_a_file_that_does_not_say_its_crs_is_asked_about(client, send, reply, write, tmp_path):
    communities, _ = draw()
    path = write(communities.to_crs(4544).drop(columns="parent_code"), "c.shp")
    archive = tmp_path / "c.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for suffix in (".shp", ".shx", ".dbf"):
            packed.write(path.with_suffix(suffix), f"c{suffix}")
    address = send(archive)
    page = client.get(address, headers=ENGLISH).text
    assert "The file does not say its coordinate system." in page
    assert "EPSG:4544" in page
    assert reply(address, crs="other").status_code == 422
    assert reply(address, crs="EPSG:4544").location == f"{address}/findings"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.geojson", b"", "is empty"),
        ("a.geojson", b"[1, 2]", "an array"),
        ("a.zip", b"PK nonsense", "cannot be unpacked"),
        ("a.gpkg", b"text", "but is none"),
    ],
)
def test_what_cannot_be_read_is_told(client, send, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    answer = client.get(send(path), headers=ENGLISH)
    assert answer.status_code == 422
    assert words in answer.text


def test_other_formats_are_refused_at_the_door(app, client, administrator, tmp_path):
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with (tmp_path / "a.exe").open("rb") as file:
        data = {"file": (file, "../../a.exe"), "csrf_token": token(client, "/me")}
        answer = client.post("/admin/places/import", data=data, headers=ENGLISH)
    assert answer.status_code == 422
    assert "is of no known format" in answer.text
    assert uploads(app) == []


def test_a_dropped_file_is_gone(app, client, send, write):
    address = send(write(draw()[0], "c.gpkg"))
    post(client, f"{address}/drop")
    assert uploads(app) == []
    assert client.get(address).status_code == 404


def test_a_file_is_seen_by_its_own_office_alone(app, session, send, write):
    address = send(write(draw()[0], "c.gpkg"))
    stranger = make_person(session, make_office(session), Role.ADMINISTRATOR)
    session.commit()
    other = app.test_client()
    sign_in(other, stranger)
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/findings.json").status_code == 404


def test_a_large_file_is_left_to_the_worker(app, client, session, send, reply, write, monkeypatch):
    monkeypatch.setattr(working, "AT_ONCE_BYTES", 10)
    address = send(write(draw()[0], "c.gpkg"))
    waiting = reply(address).location
    assert re.fullmatch(r"/admin/places/import/jobs/\d+", waiting)
    assert "Waiting for the worker." in client.get(waiting, headers=ENGLISH).text
    with app.app_context():
        assert work_one()
    assert client.get(waiting).location == f"{address}/findings"
    applying = post(client, f"{address}/apply").location
    with app.app_context():
        assert work_one()
    assert client.get(applying).location == "/admin/places"
    assert session.scalar(select(func.count()).select_from(Community)) == 2


def test_a_refusal_of_the_worker_leads_back_to_the_questions(
    app, client, send, reply, write, monkeypatch
):
    monkeypatch.setattr(working, "AT_ONCE_BYTES", 10)
    address = send(write(draw()[1], "g.gpkg"))
    waiting = reply(address, "grid").location
    with app.app_context():
        assert work_one()
    answer = client.get(waiting, headers=ENGLISH, follow_redirects=True)
    assert answer.request.path == address
    assert "has no communities in force" in answer.text


def test_a_refusal_of_the_worker_names_the_file_as_its_owner_does(
    app, client, send, reply, write, monkeypatch
):
    monkeypatch.setattr(working, "AT_ONCE_BYTES", 10)
    address = send(write(draw()[0], "b.gpkg"), "东街边界.gpkg")
    waiting = reply(address).location
    (uploads(app)[0] / "boundaries.gpkg").write_bytes(b"damaged")
    with app.app_context():
        assert work_one()
    page = client.get(waiting, headers=ENGLISH, follow_redirects=True).text
    assert page.count("东街边界.gpkg") >= 2  # from the worker, and from reading it again
    assert "boundaries.gpkg" not in page


def test_who_waits_is_told_how_far_the_work_is(
    app, client, session, send, reply, write, monkeypatch
):
    """The page is read in the middle of the work, whenever that has something new to tell."""
    monkeypatch.setattr(working, "AT_ONCE_BYTES", 10)
    address, seen = send(write(draw()[0], "c.gpkg")), []
    keep = working.Upload.keep

    def keep_and_look(upload, what, value):
        keep(upload, what, value)
        if what == working.PROGRESS:
            seen.append(client.get(waiting, headers=ENGLISH).text)

    monkeypatch.setattr(working.Upload, "keep", keep_and_look)
    waiting = reply(address).location
    with app.app_context():
        assert work_one()
    waiting = post(client, f"{address}/apply").location
    with app.app_context():
        assert work_one()
    told = ["The file is being read.", "2 areas are being looked at."]
    told += [*told, "0 of 2 areas are written (0 %).", "2 of 2 areas are written (100 %)."]
    assert [words in page for words, page in zip(told, seen, strict=True)] == [True] * 6


def test_a_check_older_than_another_change_is_made_anew(
    client, session, send, reply, write, administrator
):
    address = send(write(draw()[0], "c.gpkg"))
    reply(address)
    make_grids(session, administrator.office)
    session.commit()
    post(client, f"{address}/apply")
    answer = client.get(f"{address}/findings", headers=ENGLISH, follow_redirects=True)
    assert "check it again" in answer.text
    assert answer.request.path == address


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_the_pages_are_for_administrators_alone(client, session, role):
    sign_in(client, make_person(session, role=role))
    session.commit()
    for path in ("/admin/places", "/admin/places/import", "/admin/places/current.json"):
        assert client.get(path).status_code == 403
