"""Files of cases come in whole, once, and say what became of every row."""

from datetime import UTC, datetime

import geopandas as gpd
import openpyxl
import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select

from tests import scenes
from tests.factories.case_files import HEADER, MAPPING, TEN, row
from tests.factories.cases import CENTRE, INSIDE, LITTER, OTHER, OUTSIDE, make_ground
from tests.factories.places import STEP
from webapp.cases.importing import Reject, import_cases, read_mapping, reject_rows
from webapp.cases.models import Case, CaseKey, ImportReject, ImportRun
from webapp.cases.vocabulary import Action, Source, State
from webapp.core.errors import BadInput

scene = scenes.by(ground=make_ground)


@pytest.fixture
def ground(scene, session):
    return scene.on(session)


@pytest.fixture
def bring(session, ground, tmp_path):
    """Import rows by a mapping; answers the outcome."""

    def bring(*rows: str, mapping: str = MAPPING, name: str = "cases.csv", **options):
        path = tmp_path / name
        path.write_text(HEADER + "".join(rows), "utf-8")
        return import_cases(session, ground.office, path, read_mapping(mapping.encode()), **options)

    return bring


def counts(run: ImportRun) -> tuple[int, int, int]:
    return run.imported, run.unplaced, run.rejected


def case_of(session, external_id: str) -> Case:
    return session.scalar(select(Case).join(CaseKey).where(CaseKey.external_id == external_id))


def reasons(session) -> dict[int, str]:
    return {r.row: r.reason for r in session.scalars(select(ImportReject))}


def test_a_row_becomes_a_case_with_all_it_needs(session, bring):
    outcome = bring(row("A1"), row("A2"))
    assert counts(outcome.run) == (2, 0, 0)
    case = case_of(session, "A1")
    assert case.number == "TJ261124-0001"
    assert (case.state, case.source) == (State.REPORTED, Source.IMPORT)
    assert case.reported_at == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # the office's 10:30
    assert case.due_at == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
    assert case.grid.code == "640121001001003"
    assert case.lead_department.name == CENTRE
    assert (case.description, case.address) == ("w (lamp)", "w")
    assert case_of(session, "A2").number == "TJ261124-0002"


def test_its_event_says_what_the_source_said(session, bring):
    bring(row("A1", state="done", closed="2026-11-25T09:00:00"))
    [event] = case_of(session, "A1").events
    assert (event.action, event.to_state) == (Action.IMPORTED, State.CLOSED)
    assert event.detail == {
        "source": "old", "row": 1, "class": "lamp", "class_listed": True, "state": "done",
        "created": TEN, "closed": "2026-11-25T09:00:00", "conflict": False,
    }  # fmt: skip


def test_imported_cases_are_as_reported_ones(session, ground, bring):
    """The same place, class and time by the form and by a file: the same facts."""
    from tests.factories.cases import NOW, make_case

    bring(row("A1"))
    reported, imported = make_case(session, ground.office, now=NOW), case_of(session, "A1")
    session.expire_all()
    for name in (
        "area_id", "grid_id", "boundary_version_id", "near_edge", "overlapping", "due_at",
        "warn_at", "due_provisional", "routing_decision_id", "lead_department_id", "leader_id",
        "raw_x", "raw_y",
        "limit_amount", "limit_unit", "condition_id", "reported_at", "edge_distance_m",
    ):  # fmt: skip
        assert getattr(imported, name) == getattr(reported, name), name
    assert to_shape(imported.location).equals_exact(to_shape(reported.location))


def test_outside_and_without_a_place_they_stay_unplaced(session, bring):
    outcome = bring(row("A1", lon=OUTSIDE[0], lat=OUTSIDE[1]), row("A2", lon="", lat=""))
    assert counts(outcome.run) == (0, 2, 0)
    outside, nowhere = case_of(session, "A1"), case_of(session, "A2")
    assert outside.nearest_grid.code == "640121001001003"
    assert outside.edge_distance_m == pytest.approx(87, abs=2)
    assert (nowhere.location, nowhere.nearest_grid_id) == (None, None)
    assert nowhere.area.path == "/640121/001/"


def test_the_mapping_may_reject_what_has_no_place(session, bring):
    outcome = bring(row("A1", lon="", lat=""), mapping='without_location = "reject"\n' + MAPPING)
    assert counts(outcome.run) == (0, 0, 1)
    assert reasons(session) == {1: Reject.NO_PLACE}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"lon": 0, "lat": 0}, Reject.ZERO),
        ({"lon": 38.28, "lat": 106.25}, Reject.SWAPPED),
        ({"lon": "inf", "lat": 38.28}, Reject.NOT_FINITE),
        ({"lon": "nan", "lat": 38.28}, Reject.NOT_A_NUMBER),
        ({"lon": "", "lat": 38.28}, Reject.NOT_A_NUMBER),
        ({"lon": "east", "lat": 38.28}, Reject.NOT_A_NUMBER),
        ({"lon": 605000, "lat": 4238000}, Reject.PROJECTED),
        ({"lon": 200, "lat": 95}, Reject.OUT_OF_RANGE),
        ({"created": ""}, Reject.TIME),
        ({"created": "24.11.2026"}, Reject.TIME),
        ({"created": "1850-01-01T00:00:00"}, Reject.TIME_RANGE),
        ({"created": "2199-01-01T00:00:00"}, Reject.TIME_RANGE),
    ],
    ids=str,
)
def test_what_cannot_be_a_case_is_rejected_with_its_reason(session, bring, cells, reason):
    outcome = bring(row("A1"), row("A2", **cells), row("A3"))
    assert counts(outcome.run) == (2, 0, 1)
    assert reasons(session) == {2: reason}


def test_the_rejects_are_a_table_of_row_reason_and_cells(session, bring):
    outcome = bring(row("A1", lon=0, lat=0), "A2,too,short\n", row("A1"), row("A1"), row(""))
    table = list(reject_rows(session, outcome.run))
    assert [line[0] for line in table[1:]] == ["1", "2", "4", "5"]
    assert table[2][2:] == ["A2", "too", "short"]
    assert reasons(session) == {1: Reject.ZERO, 2: Reject.COLUMNS, 4: Reject.TWICE, 5: Reject.NO_ID}


def test_a_class_that_the_mapping_lacks_comes_in_as_other_and_is_counted(session, bring):
    outcome = bring(row("A1", "meteor"), row("A2", "meteor"), row("A3"))
    assert outcome.run.unmapped_classes == {"meteor": 2}
    case = case_of(session, "A1")
    assert case.condition.code == OTHER
    assert case.events[0].detail["class"] == "meteor"
    assert case.events[0].detail["class_listed"] is False


@pytest.mark.parametrize(
    "cells",
    [
        {"state": "done", "closed": "2026-11-23T10:30:00"},
        {"state": "done", "closed": ""},
        {"state": "", "closed": "2026-11-25T10:30:00"},
    ],
    ids=["closed before it was created", "closed without a time", "open with a closing time"],
)
def test_a_source_that_contradicts_itself_is_kept_and_flagged(session, bring, cells):
    outcome = bring(row("A1", **cells))
    assert counts(outcome.run) == (1, 0, 0)
    assert outcome.run.contradictory == 1
    case = case_of(session, "A1")
    assert case.source_conflict
    assert case.events[0].detail["conflict"] is True
    assert (case.state is State.CLOSED) == (cells["state"] == "done")


def test_a_state_that_needs_a_department_stays_opened_where_none_answers(session, bring):
    bring(row("A1", state="busy"), row("A2", "litter", state="busy"))
    assert case_of(session, "A1").state is State.HANDLING
    assert case_of(session, "A2").state is State.OPENED
    assert case_of(session, "A2").events[0].detail["state"] == "busy"


def test_near_an_edge_the_grids_that_nearly_won_come_too(session, bring):
    bring(row("A1", lon=INSIDE[0] + STEP * 0.53))
    case = case_of(session, "A1")
    assert case.near_edge
    assert [c.grid.code for c in case.candidates] == ["640121001001003"]


def test_the_same_file_twice_adds_nothing_and_says_so(session, bring):
    first = bring(row("A1"), row("A2"))
    second = bring(row("A1"), row("A2"))
    assert (first.again, second.again) == (False, True)
    assert session.scalar(select(func.count(Case.id))) == 2


def test_a_longer_file_of_the_same_source_adds_what_is_new(session, bring):
    bring(row("A1"), row("A2"))
    outcome = bring(row("A1"), row("A2"), row("A3"), name="later.csv")
    assert counts(outcome.run) == (1, 0, 2)
    assert reasons(session) == {1: Reject.KNOWN, 2: Reject.KNOWN}


def test_a_file_without_ids_counts_by_its_rows(session, bring):
    mapping = MAPPING.replace('external_id = "id"\n', "")
    assert counts(bring(row(""), row(""), mapping=mapping).run) == (2, 0, 0)
    assert bring(row(""), row(""), mapping=mapping).again


def test_times_are_read_in_the_mapping_s_form_and_zone(session, bring):
    mapping = (
        'time_zone = "America/Los_Angeles"\n' + MAPPING + '[times]\ncreated = "%d.%m.%Y %H:%M"\n'
    )
    bring(
        row("winter", created="01.12.2025 12:00"),
        row("summer", created="01.07.2025 12:00"),
        row("twice", created="02.11.2025 01:30"),
        row("never", created="09.03.2025 02:30"),
        row("iso", created="2025-12-01T12:00:00Z"),
        mapping=mapping,
    )
    at = {name: case_of(session, name).reported_at.isoformat()[:16]
          for name in ("winter", "summer", "twice", "never", "iso")}  # fmt: skip
    assert at == {
        "winter": "2025-12-01T20:00",
        "summer": "2025-07-01T19:00",
        "twice": "2025-11-02T08:30",  # the first of the two
        "never": "2025-03-09T10:00",  # moved to the next moment that exists
        "iso": "2025-12-01T12:00",
    }


def test_projected_coordinates_are_turned_when_the_mapping_names_their_crs(session, bring):
    x, y = gpd.GeoSeries([shapely.Point(INSIDE)], crs=4326).to_crs(4544)[0].coords[0]
    outcome = bring(row("A1", lon=x, lat=y), mapping='crs = "EPSG:4544"\n' + MAPPING)
    assert counts(outcome.run) == (1, 0, 0)
    assert case_of(session, "A1").grid.code == "640121001001003"
    assert case_of(session, "A1").raw_x == x


def test_awkward_text_comes_in_as_it_is(session, bring):
    evil = '"<script>alert(1)</script>\n\t\\N ${x} ,,"'
    bring(row("A1", words=evil))
    assert case_of(session, "A1").address == evil.strip('"')


def test_a_workbook_is_read_with_its_own_dates(session, ground, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(
        [
            17,
            "lamp",
            "done",
            datetime(2026, 11, 24, 10, 30),  # noqa: DTZ001 - as Excel has it
            datetime(2026, 11, 25, 9, 0),  # noqa: DTZ001
            *INSIDE,
            "w",
        ]
    )
    book.save(tmp_path / "cases.xlsx")
    mapping = read_mapping(MAPPING.encode())
    outcome = import_cases(session, ground.office, tmp_path / "cases.xlsx", mapping)
    assert counts(outcome.run) == (1, 0, 0)
    assert case_of(session, "17").reported_at == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_points_of_a_layer_are_the_places(session, ground, tmp_path, kind):
    facts = {"id": ["A1", "A2"], "what": ["lamp", "lamp"], "state": ["", ""], "words": ["w", "w"],
             "created": [TEN, TEN], "closed": ["", ""]}  # fmt: skip
    path = tmp_path / f"cases.{kind}"
    gpd.GeoDataFrame(facts, geometry=[shapely.Point(INSIDE), None], crs=4326).to_file(path)
    mapping = MAPPING.replace('longitude = "lon"\nlatitude = "lat"\n', "")
    outcome = import_cases(session, ground.office, path, read_mapping(mapping.encode()))
    assert counts(outcome.run) == (1, 1, 0)
    assert case_of(session, "A1").grid.code == "640121001001003"


def test_a_gbk_file_is_read_when_the_mapping_says_so_and_named_when_not(session, ground, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(HEADER + row("A1", words="路灯不亮"), "gbk")
    with pytest.raises(BadInput, match="utf-8"):
        import_cases(session, ground.office, path, read_mapping(MAPPING.encode()))
    mapping = read_mapping(f'encoding = "gbk"\n{MAPPING}'.encode())
    import_cases(session, ground.office, path, mapping)
    assert case_of(session, "A1").address == "路灯不亮"


def test_nothing_begins_while_columns_or_conditions_are_unknown(session, bring):
    for change in (('"words"', '"verba"'), ('"lat"', '"breite"'), (LITTER, "E77-777.7")):
        with pytest.raises(BadInput):
            bring(row("A1"), mapping=MAPPING.replace("{words}", "{verba}").replace(*change))
    assert session.scalar(select(func.count(ImportRun.id))) == 0


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b'{"type": "FeatureCollection"}', b"\x00\xff"])
def test_files_that_are_nothing_are_refused_in_words(session, ground, tmp_path, content):
    from gis.errors import GeoDataError

    for suffix in ("geojson", "gpkg", "xlsx"):
        path = tmp_path / f"cases.{suffix}"
        path.write_bytes(content)
        with pytest.raises((BadInput, GeoDataError)):
            import_cases(session, ground.office, path, read_mapping(MAPPING.encode()))


def test_chunks_make_no_difference(session, bring):
    rows = [row(f"A{n}") for n in range(7)] + [row("A2"), row("A9", lon=0, lat=0)]
    outcome = bring(*rows, chunk_rows=2)
    assert counts(outcome.run) == (7, 0, 2)
    numbers = session.scalars(select(Case.number).order_by(Case.id)).all()
    assert numbers == [f"TJ261124-{n:04}" for n in range(1, 8)]
    assert reasons(session) == {8: Reject.KNOWN, 9: Reject.ZERO}


def test_broken_off_between_chunks_it_goes_on_where_it_was(session, bring):
    rows = [row(f"A{n}") for n in range(6)]

    class PulledPlugError(Exception):
        pass

    def pull_the_plug(run: ImportRun) -> None:
        if run.next_row == 4:
            raise PulledPlugError

    with pytest.raises(PulledPlugError):
        bring(*rows, chunk_rows=2, progress=pull_the_plug)
    session.rollback()
    assert session.scalar(select(func.count(Case.id))) == 2
    outcome = bring(*rows, chunk_rows=2)
    assert counts(outcome.run) == (6, 0, 0)
    assert session.scalar(select(func.count(Case.id))) == 6
