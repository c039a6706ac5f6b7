"""The hot spots as somebody gets them: what is said, counted, listed, refused and taken away."""

import csv
import io
import re

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image

from gis.hotspots import gi_star
from gis.nets import NetKind
from gis.weights import distance_band
from tests import scenes
from tests.factories.cases import LAMP_OUT, OTHER
from tests.factories.hotspots import FIRST, HOT, PERIOD, SECOND, Heat, make_heat
from tests.factories.people import make_department, make_office, make_person, sign_in
from tests.factories.places import make_grids
from webapp.core.settings import ROOT
from webapp.insight.hotspots import colours
from webapp.insight.hotspots.places import to_metres
from webapp.insight.hotspots.rules import GRIDS, read_by, read_near
from webapp.insight.hotspots.service import analyse
from webapp.insight.selection import read_selection
from webapp.people.models import Role
from webapp.places.locating import office_today

PAGE = "/insight/hotspots"
scene = scenes.by(heat=make_heat)


@pytest.fixture
def heat(scene, session):
    return Heat(scene.on(session), session)


@pytest.fixture
def enter(client, session, heat):
    """Sign somebody in: `enter(role, **facts)`."""

    def go(role=Role.LEADER, **facts):
        person = make_person(session, heat.office, role, **facts)
        session.commit()
        sign_in(client, person)
        return person

    return go


@pytest.fixture
def ask(client, enter):
    """The answer to a leader, in English: `ask(by="square:200")`."""
    enter()

    def go(**args):
        found = client.get(
            f"{PAGE}/data.json", query_string=PERIOD | args, headers={"Accept-Language": "en"}
        )
        assert found.status_code == 200, found.text
        return found.json

    return go


def levels(found, name="level"):
    places = found["places"]
    return dict(zip(places["ids"], places[name], strict=True))


def test_the_hot_corner_is_found_and_said_in_words(ask, heat):
    found = ask()
    hot = {place for place, level in levels(found).items() if level > 0}
    assert {heat.area(grid) for grid in HOT} <= hot
    assert len(hot) < 20
    assert found["said"][0] == (
        f"In {len(hot)} of 60 grids there were more reports than chance explains"
        " (corrected for 60 tests)."
    )
    assert found["notes"][0] == "108 cases, 2026-09-02 to 2026-11-24."


def test_correction_takes_places_away_and_never_adds_one(ask):
    found = ask()
    raw, corrected = levels(found, "raw"), levels(found)
    assert {p for p, n in corrected.items() if n} < {p for p, n in raw.items() if n}
    assert "about 3 look unusual by chance" in " ".join(found["said_raw"])


def test_the_answer_is_that_of_the_statistics(session, heat):
    """The numbers of places beside a plain Gi* over what was put there."""
    selection = read_selection(PERIOD, office_today(heat.office))
    near = read_near("band:150")
    found = analyse(session, heat.office, selection, GRIDS, near)
    counts = np.ones(60)
    counts[list(HOT)] += 12
    assert found.cases.tolist() == counts.tolist()
    crs = to_metres(found.places).target_crs
    metres = gpd.GeoSeries.from_xy(*found.places.points.T, crs=4326).to_crs(crs)
    plain = gi_star(counts, distance_band(np.column_stack([metres.x, metres.y]), 150))
    assert found.z == pytest.approx(plain.z, abs=1e-9)
    assert found.q == pytest.approx(plain.corrected, abs=1e-9)


def test_a_place_tells_since_when_of_what_and_whose(ask, heat):
    rows = {row["id"]: row for row in ask()["list"]}
    row = rows[heat.area(0)]
    assert row["cases"] == 13
    assert row["classes"].startswith("exposed litter 12")
    assert row["open"] == 13
    assert sum(row["spark"]) == 13
    assert row["since"].startswith("since ")
    assert row["development"] == "persistent"


@pytest.mark.parametrize(
    "args",
    [{}, {"by": "square:150"}, {"by": "hex:120"}, {"group": "K01"}, {"state": "open"},
     {"rate": "area"}, {"weights": "band:200"}, {"department": "D02"}, {"community": FIRST}],
    ids=str,
)  # fmt: skip
def test_the_list_behind_a_place_is_what_was_counted(ask, client, args):
    found = ask(**args)
    assert found["list"] or args.get("group") or args.get("department")
    for row in found["list"][:6]:
        page = client.get(row["url"], headers={"Accept-Language": "en"})
        assert page.status_code == 200
        numbers = set(re.findall(r'href="/cases/([A-Z0-9-]+)"', page.text))
        assert len(numbers) == row["cases"], row
        assert f"The {row['cases']} cases" in page.text


def test_the_sum_over_a_net_is_the_sum_over_the_grids(ask):
    for by in ("square:150", "hex:120", "square:1000"):
        found = ask(by=by)
        assert sum(found["places"]["cases"]) == 108, by


@pytest.mark.parametrize("kind", list(NetKind))
def test_a_cell_is_drawn_where_its_outline_is(session, heat, ask, kind):
    by = read_by(f"{kind}:150")
    found = ask(by=by.text)
    selection = read_selection(PERIOD, office_today(heat.office))
    analysis = analyse(session, heat.office, selection, by)
    outlines = analysis.field.outlines(session)
    first = found["places"]["ids"][0]
    at = np.array(found["places"]["at"][:2])
    drawn = np.array(found["cell"]) + at
    true = np.array(outlines[first].exterior.coords)[:-1]
    away = np.abs(drawn[:, None, :] - true[None]).max(axis=2).min(axis=1)
    assert away.max() < 2e-5  # two metres


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"since": "2020-01-01", "until": "2020-03-01"}, "no such case"),
        ({"group": "E99"}, "no such case"),
        ({"department": "D02", "since": "2026-11-20"}, "chance explains anything"),
        ({"community": f"{FIRST}003"}, "one place only"),
        ({"weights": "band:20"}, "has a neighbour"),
    ],
)
def test_where_nothing_can_be_said_there_is_a_sentence_and_no_number(ask, args, words):
    found = ask(**args)
    assert words in found["nothing"]
    assert found["said"] == [found["nothing"]]
    assert not any(levels(found).values())


def test_equal_values_everywhere_are_said_to_be_equal(ask):
    found = ask(group="K01")
    assert "same value" in found["nothing"]


def test_a_class_that_nobody_has_is_refused(client, enter):
    enter()
    assert client.get(f"{PAGE}/data.json?group=X99").status_code == 400


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"since": "2026-03-01", "until": "2026-02-01"}, "after the last"),
        ({"by": "square:1"}, "can be worked with"),
        ({"by": "circle:5"}, "square:500"),
        ({"by": "square:-5"}, "whole number"),
        ({"weights": "rook"}, "band:1000"),
        ({"weights": "band:0"}, "whole number"),
        ({"rate": "people"}, "count"),
        ({"view": "upside"}, "emerging"),
        ({"source": "dreams"}, "public"),
        ({"against_since": "2026-01-01"}, "first and the last day"),
        ({"against_since": "2026-03-01", "against_until": "2026-02-01"}, "after the last"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(client, enter, args, words):
    enter()
    found = client.get(
        f"{PAGE}/data.json", query_string=PERIOD | args, headers={"Accept-Language": "en"}
    )
    assert found.status_code == 400
    assert words in found.json["message"]


def test_a_place_without_neighbours_is_named(ask, session, heat):
    make_grids(
        session, heat.office, street="640121002", communities=1, columns=1, rows=1, west=106.5
    )
    session.commit()
    found = ask()
    assert "1 place has no neighbour and is tested by itself alone: Grid 001." in found["notes"]


def test_a_community_is_tested_as_one_area_and_the_page_says_so(client, enter, heat):
    enter(Role.INSPECTOR, area_path="/640121/001/002/")
    found = client.get(
        f"{PAGE}/data.json", query_string=PERIOD, headers={"Accept-Language": "en"}
    ).json
    assert set(found["places"]["ids"]) == {heat.area(grid) for grid in range(20, 40)}
    assert any(words.startswith("Tested as one area: Community 2") for words in found["notes"])
    for path in (f"data.json?community={FIRST}", f"cases/{heat.area(0)}", "data.json?whose=D02"):
        assert client.get(f"{PAGE}/{path}").status_code == 404, path
    assert client.get(f"{PAGE}/data.json?community={SECOND}").status_code == 200


def test_nobody_sees_the_place_of_another_office(client, session, enter, heat):
    stranger = make_office(session, area_path="/650000/001/")
    make_grids(session, stranger, street="650000001", west=100.0)
    person = make_person(session, stranger, Role.LEADER)
    session.commit()
    sign_in(client, person)
    assert client.get(f"{PAGE}/cases/{heat.area(0)}").status_code == 404
    assert client.get(f"{PAGE}/data.json?community={FIRST}").status_code == 404
    assert client.get(f"{PAGE}/data.json", query_string=PERIOD).json["places"]["ids"] == []


def test_a_department_of_one_community_chooses_its_area_or_its_own_cases(client, enter, heat):
    centre = heat.report(0, condition_code=LAMP_OUT).lead_department
    enter(Role.DEPARTMENT_MEMBER, area_path="/640121/001/002/", department=centre)
    everything = {"headers": {"Accept-Language": "en"}}
    area = client.get(f"{PAGE}/data.json", query_string=PERIOD, **everything).json
    assert sum(area["places"]["cases"]) == 20
    own = client.get(
        f"{PAGE}/data.json", query_string=PERIOD | {"whose": centre.code}, **everything
    ).json
    assert sum(own["places"]["cases"]) == 61  # lamps alone, everywhere
    assert any(centre.name in words for words in own["notes"])
    other = make_department(heat.session, heat.office)
    heat.session.commit()
    assert client.get(f"{PAGE}/data.json?whose={other.code}").status_code == 404


def test_two_periods_are_compared(ask, heat):
    heat.report(44, 200)
    for _n in range(12):
        heat.report(44, 200, condition_code=OTHER)
    heat.session.commit()
    found = ask(against_since="2026-05-01", against_until="2026-05-31")
    before = dict(zip(found["places"]["ids"], found["places"]["before"], strict=True))
    assert before[heat.area(44)] > 0
    assert "became hot" in found["said"][-1]
    assert heat.area(44) in {row["id"] for row in found["list"]}


def test_what_is_known_is_not_sent_again(client, ask):
    ask()
    for path in ("data.json", "repeats.json", "density.png"):
        first = client.get(f"{PAGE}/{path}", query_string=PERIOD)
        assert first.status_code == 200
        again = client.get(
            f"{PAGE}/{path}", query_string=PERIOD, headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304, path


def test_repeat_places_name_their_cases(client, enter, heat):
    enter()
    repeats = client.get(f"{PAGE}/repeats.json", query_string=PERIOD).json
    assert {repeat["count"] for repeat in repeats} == {12}
    [number, *_others] = repeats[0]["cases"]
    assert client.get(f"/cases/{number}").status_code == 200


@pytest.fixture
def taken(client, enter):
    enter()

    def go(kind, **args):
        found = client.get(f"{PAGE}/file/{kind}", query_string=PERIOD | args)
        assert found.status_code == 200
        return found.data

    return go


@pytest.mark.parametrize("by", ["grids", "square:150"])
def test_the_files_hold_every_place(taken, tmp_path, by):
    rows = list(csv.DictReader(io.StringIO(taken("csv", by=by).decode("utf-8-sig"))))
    for kind in ("geojson", "gpkg"):
        path = tmp_path / f"places.{kind}"
        path.write_bytes(taken(kind, by=by))
        frame = gpd.read_file(path)
        assert len(frame) == len(rows)
        assert frame.geometry.is_valid.all()
        assert frame["cases"].sum() == sum(int(row["cases"]) for row in rows) == 108
        assert set(rows[0]) == set(frame.columns) - {"geometry"}


def test_the_picture_is_a_picture(taken):
    for view in ("now", "emerging"):
        picture = Image.open(io.BytesIO(taken("png", view=view)))
        assert (picture.format, picture.size) == ("PNG", (1600, 1200))
    wanted = tuple(bytes.fromhex(colours.COLOURS["hot-3"][1:]))
    seen = Image.open(io.BytesIO(taken("png"))).convert("RGB").getcolors(1 << 24)
    assert {colour: n for n, colour in seen}[wanted] > 1000


def test_the_page_for_a_meeting_says_what_the_page_says(client, ask):
    found = ask()
    paper = client.get(f"{PAGE}/print", query_string=PERIOD, headers={"Accept-Language": "en"})
    assert found["said"][0] in paper.text
    assert paper.text.count("<tr><td>") == min(12, sum(1 for n in levels(found).values() if n))


def test_a_file_of_another_kind_is_refused(client, enter):
    enter()
    assert client.get(f"{PAGE}/file/exe").status_code == 400


def test_without_boundaries_the_page_says_what_to_do_first(client, session):
    person = make_person(session, None, Role.LEADER)
    session.commit()
    sign_in(client, person)
    assert client.get(PAGE).status_code == 200
    assert client.get(f"{PAGE}/data.json").status_code == 404


def test_the_colours_of_the_picture_are_those_of_the_page():
    tokens = (ROOT / "webapp/static/css/tokens.css").read_text("utf-8")
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", tokens))
    assert {name: found[name] for name in colours.COLOURS} == colours.COLOURS
    assert found["hot-neutral"] == colours.NEUTRAL
