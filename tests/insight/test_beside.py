"""Places beside their neighbours: page, list, print, picture, files and command say the same."""

import csv
import io
import re

import numpy as np
import pytest
from PIL import Image

from gis.localmoran import Quadrant, local_moran
from tests import scenes
from tests.factories.cases import LITTER, make_ground
from tests.factories.hotspots import PERIOD, Heat
from tests.factories.people import make_person, sign_in
from webapp.insight.hotspots import colours, ranking
from webapp.insight.hotspots.asking import read_address
from webapp.insight.hotspots.reach import WHOLE
from webapp.insight.hotspots.service import answer
from webapp.insight.hotspots.signs import VIEWS, in_order
from webapp.people.models import Role
from webapp.places.locating import office_today

PAGE = "/insight/hotspots"
ENGLISH = {"Accept-Language": "en"}
LONE = 7  # in the middle of the first community


def make_quiet_quarter(session):
    """Three reports in each grid, but none in the first community, save eight in one place."""
    ground = make_ground(session, plan={"communities": 3, "columns": 5, "rows": 4})
    heat = Heat(ground, session)
    for grid in range(20, 60):
        for number in range(3):
            heat.report(grid, grid + number * 7, condition_code=LITTER)
    for number in range(8):
        heat.report(LONE, number * 10, condition_code=LITTER)
    return ground


scene = scenes.by(quiet=make_quiet_quarter)


@pytest.fixture
def quiet(scene, session):
    return Heat(scene.on(session), session)


@pytest.fixture
def get(client, session, quiet):
    """What a leader is answered, in English."""
    person = make_person(session, quiet.office, Role.LEADER)
    session.commit()
    sign_in(client, person)

    def go(path, **args):
        found = client.get(f"{PAGE}{path}", query_string=PERIOD | args, headers=ENGLISH)
        assert found.status_code == 200, found.text
        return found

    return go


def kinds_of(data, name="beside"):
    places = data["places"]
    pairs = zip(places["ids"], places[name], strict=True)
    return {place: VIEWS["beside"][code] for place, code in pairs if code >= 0}


def test_a_lone_trouble_spot_is_found_which_is_not_hot(get, quiet):
    data = get("/data.json").json
    place = quiet.area(LONE)
    assert kinds_of(data)[place] == "high-low"
    hot = dict(zip(data["places"]["ids"], data["places"]["level"], strict=True))
    assert hot[place] <= 0
    assert place in {row["id"] for row in data["list"]}
    assert data["said_beside"][0] == (
        "In 1 of 60 grids there are many reports amid few: trouble spots of their own"
        " (corrected for 60 tests)."
    )
    kinds = list(kinds_of(data).values())
    assert data["said_beside"][1] == (
        f"{kinds.count('high-high')} have many amid many, {kinds.count('low-high')} few amid many,"
        f" {kinds.count('low-low')} few amid few."
    )


def test_the_raw_answer_holds_the_corrected_one(get):
    data = get("/data.json").json
    raw, corrected = kinds_of(data, "beside_raw"), kinds_of(data)
    assert corrected.items() <= raw.items()
    assert "about 3 look unusual by chance" in data["said_beside_raw"][-1]


def test_page_and_files_have_the_numbers_of_the_statistic(session, quiet, get):
    asked = read_address(PERIOD, office_today(quiet.office))
    found = answer(session, quiet.office, asked, WHOLE)
    counts = np.repeat([0.0, 3.0], [20, 40])
    counts[LONE] = 8
    plain = local_moran(counts, found.field.weights)
    rows = list(csv.DictReader(io.StringIO(get("/file/csv").data.decode("utf-8-sig"))))
    for column, name in (("local_moran", "i"), ("moran_z", "z"), ("moran_p", "p"),
                         ("moran_p_corrected", "corrected")):  # fmt: skip
        numbers = [float(row[column]) for row in rows]
        assert numbers == pytest.approx(getattr(plain, name), abs=1e-9), column
    assert [row["moran_kind"] for row in rows] == plain.kinds(0.05).tolist()
    assert [row["moran_kind_raw"] for row in rows] == plain.kinds(0.05, raw=True).tolist()


def test_print_and_picture_show_what_the_page_shows(session, quiet, get):
    data = get("/data.json").json
    paper = get("/print", view="beside").text
    assert data["said_beside"][0] in paper
    shown = re.findall(r'<tr><td><span class="hot-swatch ([a-z-]+)">', paper)
    assert shown[0] == "high-low"
    assert shown == sorted(shown, key=VIEWS["beside"].index)
    assert len(shown) == min(12, len(kinds_of(data)))
    picture = Image.open(io.BytesIO(get("/file/png", view="beside").data)).convert("RGB")
    seen = {colour: n for n, colour in picture.getcolors(1 << 24)}
    for sign in ("high-low", "low-low"):
        assert seen[tuple(bytes.fromhex(colours.COLOURS[sign][1:]))] > 500, sign


def test_the_list_keeps_lone_places_where_hundreds_are_hot(session, quiet):
    asked = read_address(PERIOD | {"view": "beside"}, office_today(quiet.office))
    found = answer(session, quiet.office, asked, WHOLE)
    ranked = ranking.order(found, most=2)
    assert LONE in ranked.tolist()
    assert in_order(ranked, found, None, asked)[0] == LONE
    assert sorted(ranking.order(found)) == sorted(set(ranking.order(found).tolist()))


def test_two_periods_are_no_matter_of_it(get):
    data = get("/data.json", against_since="2026-05-01", against_until="2026-05-31").json
    assert len(data["said_beside"]) == 2
    assert "cannot be compared" in data["said"][-1]


@pytest.mark.parametrize(
    ("args", "words"),
    [({"since": "2020-01-01", "until": "2020-03-01"}, "no such case"),
     ({"community": "640121001001"}, "8 cases only")],
)  # fmt: skip
def test_where_nothing_can_be_said_it_says_so(get, args, words):
    data = get("/data.json", **args).json
    assert words in data["nothing"]
    assert data["said_beside"] == [data["nothing"]]
    assert kinds_of(data, "beside_raw") == {}
    assert 'class="hot-swatch"' not in get("/print", view="beside", **args).text


def test_the_command_says_it_of_cases_and_writes_it(app, quiet, tmp_path):
    out = tmp_path / "beside.csv"
    quiet.session.commit()
    words = ["--from", PERIOD["since"], "--to", PERIOD["until"], "--statistic", "moran"]
    told = app.test_cli_runner().invoke(args=["insight", "hotspots", *words, "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "many reports amid few: trouble spots of their own" in told.output
    assert "more reports than chance explains" not in told.output
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row["moran_kind"] for row in rows].count(Quadrant.HIGH_LOW) == 1


def test_the_command_refuses_a_statistic_there_is_not(app, quiet):
    told = app.test_cli_runner().invoke(args=["insight", "hotspots", "--statistic", "geary"])
    assert told.exit_code != 0
    assert "'gi', 'moran'" in told.output


# --- what a period is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "words", "trend"),
    [("2026-09-01", "A period is a week.", "Cases by week"),
     ("2024-01-01", "A period is a calendar month.", "Cases by month")],
)  # fmt: skip
def test_definitions_speak_of_the_periods_that_were_looked_at(get, since, words, trend):
    args = {"since": since, "until": "2026-11-24"}
    data = get("/data.json", **args).json
    assert (data["period"], data["trend"]) == (words, trend)
    page = get("", **args).text
    assert "Hot in the last period and never before." in page
    assert "last week" not in page
    if since.startswith("2026"):
        assert words in get("/print", view="emerging", **args).text
