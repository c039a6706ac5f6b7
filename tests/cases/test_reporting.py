"""A report becomes a case: placed, routed, timed, numbered, once."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select

from gis.coordinates import Datum, from_wgs84
from gis.errors import GeoDataError
from tests import scenes
from tests.at_once import at_once
from tests.factories.cases import (
    CENTRE,
    INSIDE,
    LAMP_OUT,
    LITTER,
    NOW,
    OUTSIDE,
    make_case,
    make_draft,
    make_ground,
    reported,
)
from tests.factories.people import make_person
from tests.factories.places import SOUTH, STEP, WEST
from webapp.cases.models import Case, CaseEvent, CaseKey, Reporter
from webapp.cases.service import report_case, token_sha256
from webapp.cases.vocabulary import Action, Source, State
from webapp.core.database import Database, begin_write
from webapp.core.errors import BadInput
from webapp.people.models import Office
from webapp.standards.models import LimitUnit

scene = scenes.by(ground=make_ground)


@pytest.fixture
def ground(scene, session):
    return scene.on(session)


def test_a_report_finds_its_grid_department_and_deadline(session, ground):
    case = reported(session, ground.office, make_draft(), NOW)
    session.expire_all()
    assert case.grid.code == "640121001001003"
    assert case.area.path == "/640121/001/001/003/"
    assert case.lead_department.name == CENTRE
    assert (case.limit_amount, case.limit_unit) == (2, LimitUnit.WORK_DAY)
    assert case.due_at == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)  # Thursday 10:30
    assert case.state is State.REPORTED
    assert case.routing_decision.reason["matches"][0]["lead"]["name"] == CENTRE
    assert case.boundary_version_id == ground.grids[0].version_id
    assert (to_shape(case.location).x, to_shape(case.location).y) == INSIDE


def test_its_first_event_says_that_it_was_reported(session, ground):
    case = reported(session, ground.office, make_draft(), NOW)
    [event] = session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id))
    assert (event.action, event.at, event.to_state) == (Action.REPORTED, NOW, State.REPORTED)


def test_numbers_count_on_through_the_office_s_day(session, ground):
    late = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 23:59 at the office
    cases = [reported(session, ground.office, make_draft(), at)
             for at in (NOW, late, late + timedelta(minutes=1))]  # fmt: skip
    assert [case.number for case in cases] == ["TJ261124-0001", "TJ261124-0002", "TJ261125-0001"]


def test_what_was_given_is_kept_beside_what_it_means(session, ground):
    lon, lat = from_wgs84(*INSIDE, Datum.GCJ02)
    draft = make_draft(lon=lon, lat=lat, datum=Datum.GCJ02, accuracy_m=30.0)
    case = reported(session, ground.office, draft, NOW)
    assert (case.raw_x, case.raw_y, case.datum, case.accuracy_m) == (lon, lat, Datum.GCJ02, 30.0)
    assert case.grid.code == "640121001001003"
    session.expire_all()
    assert to_shape(case.location).x == pytest.approx(INSIDE[0], abs=1e-7)


def test_near_an_edge_the_grids_that_nearly_won_are_kept(session, ground):
    near = make_draft(lon=WEST + STEP * 1.03, lat=SOUTH + STEP / 2)
    case = reported(session, ground.office, near, NOW)
    assert case.near_edge
    [candidate] = case.candidates
    assert candidate.grid.code == "640121001001003"
    assert candidate.distance_m == pytest.approx(2.6, abs=0.1)


def test_outside_all_grids_it_is_kept_with_the_nearest(session, ground):
    case = reported(session, ground.office, make_draft(lon=OUTSIDE[0], lat=OUTSIDE[1]), NOW)
    assert case.grid is None
    assert case.area.path == "/640121/001/"
    assert case.nearest_grid.code == "640121001001003"
    assert case.edge_distance_m == pytest.approx(87, abs=2)
    assert case.lead_department.name == CENTRE


def test_without_a_rule_it_goes_to_the_dispatcher_s_desk(session, ground):
    case = reported(session, ground.office, make_draft(condition_code=LITTER), NOW)
    assert case.lead_department_id is None
    assert case.routing_decision.reason["notes"] == ["no_rule"]


def test_far_away_it_is_refused_with_the_distance(session, ground):
    with pytest.raises(BadInput, match="km") as caught:
        report_case(session, ground.office, make_draft(lon=116.4, lat=39.9), NOW)
    assert caught.value.detail == {"field": "place"}
    assert session.scalar(select(func.count(Case.id))) == 0


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(38.28, 106.25), (float("inf"), 38.28), (float("nan"), 38.28), (605000.0, 4238000.0)],
)
def test_what_is_no_place_on_earth_is_refused(session, ground, lon, lat):
    with pytest.raises(GeoDataError):
        report_case(session, ground.office, make_draft(lon=lon, lat=lat), NOW)


def test_an_unknown_condition_is_refused_at_its_field(session, ground):
    with pytest.raises(BadInput) as caught:
        report_case(session, ground.office, make_draft(condition_code="<script>"), NOW)
    assert caught.value.detail == {"field": "condition"}


def test_only_the_hash_of_the_resident_s_link_is_kept(session, ground):
    draft = make_draft(follow_token="secret")
    case = reported(session, ground.office, draft, NOW)
    assert session.get(CaseKey, case.id).follow_token_sha256 == token_sha256("secret")


def test_nothing_is_kept_of_a_resident_who_says_nothing(session, ground):
    silent = reported(session, ground.office, make_draft(), NOW)
    named = reported(session, ground.office, make_draft(contact="13800000000"), NOW)
    assert session.get(Reporter, silent.id) is None
    assert session.get(Reporter, named.id).contact == "13800000000"


def test_a_grid_manager_s_report_says_who_it_was(session, ground):
    person = make_person(session, ground.office)
    draft = make_draft(source=Source.GRID_MANAGER, person_id=person.id, follow_token=None)
    case = reported(session, ground.office, draft, NOW)
    session.expire_all()
    assert case.events[0].actor is person
    assert case.reporter.person_id == person.id


def test_script_in_every_text_field_is_text(session, ground):
    evil = "<script>alert(1)</script>${alert(2)}"
    draft = make_draft(description=evil, address=evil, name=evil, contact=evil)
    case = reported(session, ground.office, draft, NOW)
    session.expire_all()
    assert (case.description, case.address, case.reporter.name) == (evil, evil, evil)


def test_the_same_form_twice_is_one_case(session, ground):
    draft = make_draft()
    first = reported(session, ground.office, draft, NOW)
    session.commit()
    begin_write(session)
    second = reported(session, ground.office, draft, NOW + timedelta(minutes=1))
    session.commit()
    assert second.id == first.id
    assert session.scalar(select(func.count(Case.id))) == 1
    assert make_case(session, ground.office).number == "TJ261124-0002"  # none was used up


def test_the_same_form_at_once_from_two_threads_is_one_case(database, session):
    ground = make_ground(session)
    session.commit()
    draft = make_draft(submission_uuid=str(uuid.uuid4()))

    def send():
        with Database(database).session() as own:
            begin_write(own)
            case = reported(own, own.get(Office, ground.office.id), draft, NOW)
            own.commit()
            return case.number

    assert at_once(send, 4) == ["TJ261124-0001"] * 4
    assert session.scalar(select(func.count(Case.id))) == 1
    assert session.scalar(select(func.count(CaseEvent.id))) == 1


def test_a_limit_that_was_applied_stays_with_its_case(session, ground):
    case = reported(session, ground.office, make_draft(), NOW)
    case.condition.limit_amount = 9
    session.flush()
    assert (case.limit_amount, case.condition.code) == (2, LAMP_OUT)
