"""The handling clock: begun, standing, running on, extended; and the limits of the stages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.cases import LITTER
from tests.factories.life import Town
from webapp.cases.deadlines import recompute_deadlines
from webapp.cases.life.clocks import STAGE_LIMITS, STAGES
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, State
from webapp.standards.models import CalendarDay
from webapp.standards.rules import WorkClock
from webapp.standards.service import office_standards

DAY = timedelta(days=1)


def clock_of(town: Town) -> WorkClock:
    return office_standards(town.session, town.ground.office).clock


def left(town: Town, case: Case) -> timedelta:
    """What is left of the limit now, or was when the clock stopped."""
    at = case.clock_stopped_at or town.now
    return clock_of(town).running(at, case.due_at, case.limit_unit)


class TestBeginAndReturn:
    def test_the_clock_begins_with_the_dispatch(self, town: Town) -> None:
        case = town.opened()
        town.now += DAY
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        limit = clock_of(town).deadline(town.now, 2, "work_day")
        assert (case.due_at, case.warn_at) == (limit.due_at, limit.warn_at)

    @pytest.mark.parametrize("action", [Action.RETURN, Action.RECALL])
    def test_sent_again_to_the_same_department_it_runs_on(self, town, action):
        case = town.handling()
        town.now += timedelta(hours=1)
        town.step(case, action, "member" if action is Action.RETURN else "dispatcher", note="缺件")
        stopped, before = case.clock_stopped_at, left(town, case)
        assert stopped == town.now
        town.now += 3 * DAY
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        assert case.clock_stopped_at is None
        assert left(town, case) == before
        assert case.return_count == (1 if action is Action.RETURN else 0)

    def test_sent_to_another_department_it_begins_anew(self, town):
        case = town.handling()
        town.now += timedelta(hours=2)
        town.step(case, Action.RETURN, "member", note="不归我们管", department_id=town.helpers.id)
        town.now += 3 * DAY
        event = town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
        assert case.due_at == clock_of(town).deadline(town.now, 2, "work_day").due_at
        assert event.detail["clock_anew"]
        assert case.lead_department_id == town.helpers.id

    def test_who_receives_a_return_cannot_skip_the_dispatch(self, town, refused):
        case = town.handling()
        town.step(case, Action.RETURN, "member", note="缺件")
        for action in (Action.TAKE, Action.ANSWER):
            refused(case, action, "member", note="跳过")
        for action in (Action.ASK_CHECK, Action.CLOSE, Action.OPEN):
            refused(case, action, "dispatcher", note="跳过")
        assert case.state is State.RETURNED

    def test_a_return_needs_a_reason(self, town, refused):
        case = town.handling()
        refused(case, Action.RETURN, "member", note="  ")

    def test_what_was_late_when_it_stopped_stays_late(self, town):
        case = town.handling()
        town.now = case.due_at + DAY
        due = case.due_at
        town.step(case, Action.RETURN, "member", note="缺件")
        town.now += 9 * DAY
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        assert case.due_at == due


class TestUndo:
    def dispatched_and_back(self, town: Town, seconds: int = 5) -> Case:
        case = town.opened()
        was = {name: getattr(case, name) for name in self.KEPT}
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
        town.now += timedelta(seconds=seconds) - timedelta(minutes=1)
        town.step(case, Action.UNDO_DISPATCH, "dispatcher")
        assert {name: getattr(case, name) for name in self.KEPT} == was
        return case

    KEPT = ("state", "previous_state", "due_at", "warn_at", "due_provisional", "clock_stopped_at",
            "lead_department_id", "dispatched_at", "stage_since", "stage_warn_at",
            "stage_due_at")  # fmt: skip

    def test_a_dispatch_taken_back_leaves_all_as_it_was(self, town):
        self.dispatched_and_back(town)

    def test_a_second_dispatch_taken_back_gives_the_first_one_s_department_back(self, town):
        case = town.handling()
        town.step(case, Action.RETURN, "member", note="缺件")
        due, stopped = case.due_at, case.clock_stopped_at
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
        town.now -= timedelta(seconds=50)
        town.step(case, Action.UNDO_DISPATCH, "dispatcher")
        facts = case.state, case.lead_department_id, case.due_at, case.clock_stopped_at
        assert facts == (State.RETURNED, town.centre.id, due, stopped)

    def test_ten_seconds_and_the_way_of_the_answer_later_it_is_too_late(self, town, refused):
        case = town.dispatched()
        assert "10 seconds" in refused(case, Action.UNDO_DISPATCH, "dispatcher")

    def test_only_who_dispatched_takes_it_back(self, town, refused):
        case = town.dispatched()
        town.people["manager"].duties[0].role = town.people["dispatcher"].duties[0].role
        town.now -= timedelta(seconds=55)
        refused(case, Action.UNDO_DISPATCH, "manager")

    def test_what_the_department_has_begun_is_not_taken_back(self, town, refused):
        case = town.handling()
        town.now -= timedelta(seconds=58)
        refused(case, Action.UNDO_DISPATCH, "dispatcher")


class TestExtension:
    def granted(self, town: Town, case: Case) -> None:
        town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
        town.step(case, Action.ENDORSE_EXTENSION, "head")
        town.step(case, Action.GRANT_EXTENSION, "dispatcher")

    def test_it_adds_one_original_limit_to_the_present_deadline(self, town):
        case = town.handling()
        due = case.due_at
        self.granted(town, case)
        first = clock_of(town).deadline(due, 2, "work_day")
        assert (case.due_at, case.warn_at) == (first.due_at, first.warn_at)
        self.granted(town, case)
        assert case.due_at == clock_of(town).deadline(first.due_at, 2, "work_day").due_at

    def test_at_most_two_are_granted(self, town, refused):
        case = town.handling()
        self.granted(town, case)
        self.granted(town, case)
        assert "Two extensions" in refused(case, Action.ASK_EXTENSION, "member", note="再等")

    def test_a_refusal_does_not_count(self, town):
        case = town.handling()
        due = case.due_at
        for by in ("head", "dispatcher"):
            town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
            town.step(case, Action.REFUSE_EXTENSION, by, note="不必等")
        assert (case.extension_count, case.due_at) == (0, due)
        self.granted(town, case)
        self.granted(town, case)
        assert case.extension_count == 2

    def test_it_is_asked_for_before_the_deadline_only(self, town, refused):
        case = town.handling()
        town.now = case.due_at - timedelta(minutes=1)
        town.step(case, Action.ASK_EXTENSION, "member", note="正好")  # at the very deadline
        town.step(case, Action.REFUSE_EXTENSION, "dispatcher", note="不必等")
        assert "before it" in refused(case, Action.ASK_EXTENSION, "member", note="晚了")

    def test_what_was_asked_for_in_time_is_granted_after_the_deadline_too(self, town):
        case = town.handling()
        due = case.due_at
        town.step(case, Action.ASK_EXTENSION, "head", note="等配件")
        town.now = due + DAY
        town.step(case, Action.GRANT_EXTENSION, "dispatcher")
        assert case.due_at == clock_of(town).deadline(due, 2, "work_day").due_at

    def test_the_head_endorses_before_the_dispatcher_grants(self, town, refused):
        case = town.handling()
        town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
        assert "head" in refused(case, Action.GRANT_EXTENSION, "dispatcher")
        refused(case, Action.ENDORSE_EXTENSION, "member")
        refused(case, Action.GRANT_EXTENSION, "head")
        town.step(case, Action.ENDORSE_EXTENSION, "head")
        assert "already" in refused(case, Action.ENDORSE_EXTENSION, "head")

    def test_a_head_s_own_and_one_where_nobody_heads_go_to_the_dispatcher_at_once(self, town):
        case = town.handling()
        town.step(case, Action.ASK_EXTENSION, "head", note="等配件")
        town.step(case, Action.GRANT_EXTENSION, "dispatcher")
        town.people["head"].duties[0].is_head = False
        town.session.flush()
        town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
        town.step(case, Action.GRANT_EXTENSION, "dispatcher")
        assert case.extension_count == 2

    def test_one_is_asked_for_at_a_time_and_an_answer_leaves_it_behind(self, town, refused):
        case = town.handling()
        town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
        refused(case, Action.ASK_EXTENSION, "member", note="等配件")
        event = town.step(case, Action.ANSWER, "member", note="修好了")
        assert event.detail["rows"][0]["set"]["state"] == "dropped"


class TestSuspension:
    def suspended(self, town: Town, days: int = 30) -> Case:
        case = town.handling()
        until = town.now.date() + days * DAY
        town.step(case, Action.SUSPEND, "dispatcher", until=until, note="等开春")
        return case

    def test_the_clock_stands_and_runs_on_by_itself(self, town, refused):
        case = self.suspended(town)
        before = left(town, case)
        assert case.next_alert_at <= case.suspended_until
        for action in (Action.ANSWER, Action.RETURN):
            refused(case, action, "member", note="不等了")
        refused(case, Action.RESUME, "program")
        town.now = case.suspended_until
        town.step(case, Action.RESUME, "program")
        assert case.state is State.HANDLING
        assert case.suspended_until is None
        assert left(town, case) == before

    def test_it_ends_at_the_begin_of_the_day_at_the_office(self, town):
        case = self.suspended(town, days=1)
        assert case.suspended_until == datetime(2026, 11, 24, 16, tzinfo=UTC)

    @pytest.mark.parametrize("until", [None, "2026-11-23", "2026-11-24", "2027-11-25"])
    def test_its_end_lies_from_tomorrow_within_a_year(self, town, refused, until):
        case = town.handling()
        day = date.fromisoformat(until) if until else None
        refused(case, Action.SUSPEND, "dispatcher", until=day, note="等开春")

    def test_a_year_is_a_year_also_from_a_leap_day(self, town):
        town.now = datetime(2028, 2, 29, 3, tzinfo=UTC)
        case = town.handling()
        town.step(case, Action.SUSPEND, "dispatcher", until=date(2029, 2, 28), note="等开春")
        assert case.state is State.SUSPENDED

    def test_it_is_possible_once(self, town, refused):
        case = self.suspended(town)
        town.step(case, Action.RESUME, "dispatcher")
        until = town.now.date() + 9 * DAY
        assert "once" in refused(case, Action.SUSPEND, "dispatcher", until=until, note="再等")

    def test_a_case_imported_as_suspended_goes_on_in_handling(self, town):
        case = town.report(state=State.SUSPENDED)
        town.step(case, Action.RESUME, "dispatcher")
        assert case.state is State.HANDLING


class TestCheck:
    def test_a_failed_check_is_counted_and_the_clock_runs_on_there(self, town):
        case = town.checking()
        before = left(town, case)
        town.now += 2 * DAY
        town.step(case, Action.FAIL_CHECK, "manager", note="还是不亮")
        assert (case.state, case.rework_count) == (State.HANDLING, 1)
        assert case.lead_department_id == town.centre.id
        assert left(town, case) == before
        town.step(case, Action.ANSWER, "member", note="又换了")
        town.step(case, Action.ASK_CHECK, "dispatcher")
        town.step(case, Action.FAIL_CHECK, "inspector", note="还是不亮")
        assert case.rework_count == 2

    def test_by_how_much_an_answer_is_late_is_counted_as_the_limit_runs(self, town):
        case = town.handling()
        town.now = case.due_at + timedelta(days=1) - timedelta(minutes=1)  # one work day later
        event = town.step(case, Action.ANSWER, "member", note="修好了")
        assert event.detail["late_us"] == timedelta(hours=8) / timedelta(microseconds=1)


class TestClass:
    def test_another_class_has_its_own_limit_as_if_it_had_been_reported_so(self, town):
        case = town.report()
        town.step(case, Action.RECLASS, "dispatcher", condition_code=LITTER)
        limit = clock_of(town).deadline(case.reported_at, 4, "work_hour")
        assert (case.limit_amount, case.limit_unit) == (4, "work_hour")
        assert case.due_at == limit.due_at
        assert case.lead_department_id is None  # nobody answers for litter

    def test_a_returned_case_stays_its_department_s_and_its_clock_begins_anew(self, town):
        case = town.handling()
        town.step(case, Action.RETURN, "member", note="类别不对")
        town.step(case, Action.RECLASS, "dispatcher", condition_code=LITTER)
        assert case.lead_department_id == town.centre.id
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        assert case.due_at == clock_of(town).deadline(town.now, 4, "work_hour").due_at

    def test_the_same_class_or_none_is_refused(self, town, refused):
        case = town.report()
        refused(case, Action.RECLASS, "dispatcher", condition_code=case.condition.code)
        refused(case, Action.RECLASS, "dispatcher", condition_code="K99")


class TestStages:
    def test_each_stage_has_the_limit_of_the_office(self, town):
        town.ground.office.settings = {"stage_limits": {"take": [3, "work_day"]}}
        case = town.opened()
        amount, unit = STAGE_LIMITS[STAGES[State.OPENED]]
        assert case.stage_due_at == clock_of(town).deadline(town.now, amount, unit).due_at
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        assert case.stage_due_at == clock_of(town).deadline(town.now, 3, "work_day").due_at
        town.step(case, Action.TAKE, "member")
        assert (case.stage_since, case.stage_due_at) == (town.now, None)

    def test_an_event_says_whether_its_stage_ended_in_time(self, town):
        case = town.opened()
        town.now += 9 * DAY
        late = town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        in_time = town.step(case, Action.TAKE, "member")
        assert (late.detail["in_time"], in_time.detail["in_time"]) == (False, True)

    def test_the_sweep_is_due_at_the_next_threshold_at_the_latest(self, town):
        case = town.dispatched()
        assert case.next_alert_at <= min(case.stage_warn_at, case.warn_at)
        town.step(case, Action.TAKE, "member")
        assert case.next_alert_at <= case.warn_at
        case.next_alert_at = None
        town.step(case, Action.ANSWER, "member", note="修好了")
        assert case.next_alert_at == case.stage_warn_at
        town.step(case, Action.ASK_CHECK, "dispatcher")
        town.step(case, Action.PASS_CHECK, "manager", note="亮了")
        assert case.next_alert_at is None


class TestTime:
    def test_events_stay_in_order_when_the_clock_is_set_back(self, town):
        case = town.opened()
        last = case.changed_at
        town.now -= 2 * DAY
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        town.now -= 2 * DAY
        town.step(case, Action.TAKE, "member")
        events = town.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id))
        moments = [event.at for event in events]
        assert moments == sorted(moments)
        assert len(set(moments)) == len(moments)
        assert case.changed_at == last + timedelta(microseconds=2)

    def test_a_guessed_deadline_is_recounted_over_stops_and_extensions(self, town):
        """2027 is not announced: its days are guessed until the office says that some are free."""
        town.now = datetime(2026, 12, 31, 1, tzinfo=UTC)  # a Thursday, 9:00
        case = town.handling()
        assert case.due_provisional
        town.step(case, Action.ASK_EXTENSION, "head", note="等配件")
        town.step(case, Action.GRANT_EXTENSION, "dispatcher")
        town.step(case, Action.RETURN, "member", note="缺件")
        town.now = datetime(2027, 1, 1, 1, tzinfo=UTC)
        town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        before = left(town, case)
        office = town.ground.office
        assert recompute_deadlines(town.session, office, town.now) == (0, 1)
        days = [date(2027, 1, day) for day in range(1, 32)]
        free = {1, 2, 3}
        town.session.add_all(
            CalendarDay(office_id=office.id, day=d, working=d.day not in free and d.weekday() < 5)
            for d in days
        )  # fmt: skip
        office.revision += 1
        town.session.flush()
        assert recompute_deadlines(town.session, office, town.now) == (1, 0)
        assert left(town, case) == before
        assert case.due_at.date() == date(2027, 1, 7)
        assert not case.due_provisional
