"""Before a case is dispatched: verification, mending on the spot, duplicates."""

import pytest

from tests.factories.life import Town
from webapp.cases.vocabulary import Action, Colour, Source, State, SupervisionKind
from webapp.people.models import Crew


class TestVerification:
    @pytest.mark.parametrize("source", [Source.PUBLIC, Source.MEDIA, Source.TRANSFERRED])
    def test_what_comes_from_outside_is_looked_at_before_it_is_opened(self, town, refused, source):
        case = town.report(source=source)
        assert "verified on the spot" in refused(case, Action.OPEN, "dispatcher")
        town.step(case, Action.ASK_VERIFICATION, "dispatcher")
        town.step(case, Action.VERIFY, "manager", found=True, note="看到了")
        town.step(case, Action.OPEN, "dispatcher")
        assert (case.state, case.opened_at) == (State.OPENED, town.now)

    @pytest.mark.parametrize("source", [Source.GRID_MANAGER, Source.STAFF, Source.IMPORT])
    def test_what_our_own_people_report_is_opened_at_once(self, town, source):
        case = town.report(source=source)
        town.step(case, Action.OPEN, "dispatcher")
        assert case.state is State.OPENED

    def test_which_sources_are_looked_at_is_the_office_s_to_say(self, town):
        town.ground.office.settings = {"verify_sources": ["media"]}
        case = town.report(source=Source.PUBLIC)
        town.step(case, Action.OPEN, "dispatcher")
        assert case.state is State.OPENED

    def test_where_nothing_was_found_nothing_is_opened(self, town, refused):
        case = town.report()
        town.step(case, Action.ASK_VERIFICATION, "dispatcher")
        town.step(case, Action.VERIFY, "manager", found=False, note="没有")
        assert "nothing was found" in refused(case, Action.OPEN, "dispatcher")
        town.step(case, Action.ASK_VERIFICATION, "dispatcher")
        town.step(case, Action.VERIFY, "inspector", found=True, note="在背面")
        town.step(case, Action.OPEN, "dispatcher")
        assert case.state is State.OPENED

    def test_a_report_is_not_accepted_with_a_reason_only(self, town, refused):
        case = town.report()
        refused(case, Action.REFUSE, "dispatcher", note="")
        town.step(case, Action.REFUSE, "dispatcher", note="不在本街道")
        assert case.state is State.NOT_ACCEPTED


class TestMendedOnTheSpot:
    def test_it_is_closed_after_a_look_by_the_dispatcher(self, town, refused):
        case = town.report(source=Source.GRID_MANAGER)
        refused(case, Action.CLOSE, "dispatcher", note="看过")
        town.step(case, Action.SELF_HANDLE, "manager", note="扶正了")
        assert (case.state, case.self_handled, case.result) == (State.REPORTED, True, "扶正了")
        refused(case, Action.SELF_HANDLE, "manager", note="又一次")
        refused(case, Action.OPEN, "dispatcher")
        town.step(case, Action.CLOSE, "dispatcher", note="看过照片")
        assert (case.state, case.result) == (State.CLOSED, "扶正了")

    def test_who_doubts_it_has_it_verified_and_opens_it(self, town):
        case = town.report(source=Source.GRID_MANAGER)
        town.step(case, Action.SELF_HANDLE, "manager", note="扶正了")
        town.step(case, Action.ASK_VERIFICATION, "dispatcher", note="照片看不清")
        town.step(case, Action.VERIFY, "inspector", found=True, note="还是歪的")
        town.step(case, Action.OPEN, "dispatcher")
        assert case.state is State.OPENED

    def test_it_can_be_said_in_a_verification_too(self, town):
        case = town.report()
        town.step(case, Action.ASK_VERIFICATION, "dispatcher")
        town.step(case, Action.SELF_HANDLE, "manager", note="扶正了")
        town.step(case, Action.CLOSE, "dispatcher", note="看过照片")
        assert case.state is State.CLOSED

    def test_reopened_it_goes_to_a_department_before_any_check(self, town, refused):
        case = town.report(source=Source.GRID_MANAGER)
        town.step(case, Action.SELF_HANDLE, "manager", note="扶正了")
        town.step(case, Action.CLOSE, "dispatcher", note="看过照片")
        town.step(case, Action.REOPEN, "resident", note="又倒了")
        assert "dispatch it" in refused(case, Action.ASK_CHECK, "dispatcher")
        event = town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        assert event.detail["clock_anew"]


class TestDuplicates:
    def test_a_duplicate_goes_into_the_other_and_comes_back_as_it_was(self, town):
        into, case = town.opened(), town.opened()
        event = town.step(case, Action.MERGE, "dispatcher", into_number=into.number)
        assert (case.state, case.merged_into_id) == (State.MERGED, into.id)
        assert event.detail["into"] == into.number
        town.step(case, Action.SPLIT, "dispatcher", note="是两盏灯")
        assert (case.state, case.merged_into_id) == (State.OPENED, None)

    def test_one_that_a_department_returned_comes_back_as_returned(self, town):
        into, case = town.opened(), town.handling()
        town.step(case, Action.RETURN, "member", note="重复")
        town.step(case, Action.MERGE, "dispatcher", into_number=into.number)
        town.step(case, Action.SPLIT, "dispatcher", note="是两盏灯")
        assert case.state is State.RETURNED

    def test_it_goes_into_another_open_case_of_the_office_only(self, town, refused):
        case, closed = town.report(), town.closed()
        for number in (case.number, closed.number, "TJ000000-0000", ""):
            refused(case, Action.MERGE, "dispatcher", into_number=number)

    def test_a_merged_case_is_pressed_no_more(self, town):
        into, case = town.report(), town.report()
        town.step(case, Action.SUPERVISE, "leader", note="尽快", kind=SupervisionKind.LEADER,
                  colour=Colour.RED, reply_by=case.due_at)  # fmt: skip
        town.step(case, Action.MERGE, "dispatcher", into_number=into.number)
        assert case.pressed is None


def test_a_dispatch_needs_an_active_department_of_the_office(town: Town, refused) -> None:
    case = town.opened()
    town.helpers.active = False
    town.session.flush()
    for department_id in (town.helpers.id, 0, 10**6):
        refused(case, Action.DISPATCH, "dispatcher", department_id=department_id)


def test_a_case_is_assigned_to_a_person_or_crew_of_its_department_only(town: Town, refused) -> None:
    crew = Crew(department_id=town.centre.id, name="一组", active=True)
    town.session.add_all(
        [crew, foreign := Crew(department_id=town.helpers.id, name="二组", active=True)]
    )
    case = town.handling()
    town.step(case, Action.ASSIGN, "member", assignee_id=town.people["head"].id)
    assert (case.assignee_id, case.crew_id) == (town.people["head"].id, None)
    town.step(case, Action.ASSIGN, "member", crew_id=crew.id)
    assert (case.assignee_id, case.crew_id) == (None, crew.id)
    refused(case, Action.ASSIGN, "member", crew_id=foreign.id)
    refused(case, Action.ASSIGN, "member", assignee_id=town.people["helper"].id)
    refused(case, Action.ASSIGN, "member")


def test_what_would_change_nothing_makes_no_event(town: Town, refused) -> None:
    case = town.handling()
    town.step(case, Action.ASSIGN, "member", assignee_id=town.people["head"].id)
    words = refused(case, Action.ASSIGN, "member", assignee_id=town.people["head"].id)
    assert "so already" in words
