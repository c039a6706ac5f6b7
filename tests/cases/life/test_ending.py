"""How a case ends, and what can be done about it afterwards."""

from datetime import timedelta

import pytest

from tests.factories.life import Town
from webapp.cases.life.models import Supervision
from webapp.cases.models import Case
from webapp.cases.vocabulary import Action, Colour, State, SupervisionKind

DAY = timedelta(days=1)


def closed_late(town: Town) -> Case:
    case = town.handling()
    town.now = case.due_at + DAY
    town.step(case, Action.ANSWER, "member", note="修好了")
    town.step(case, Action.ASK_CHECK, "dispatcher")
    town.step(case, Action.PASS_CHECK, "manager", note="亮了")
    return case


class TestAppeal:
    def test_only_a_case_that_was_overdue_is_appealed_and_only_when_closed(self, town, refused):
        assert "overdue" in refused(town.closed(), Action.APPEAL, "member", note="冤枉")
        case = town.handling()
        town.now = case.due_at + DAY
        refused(case, Action.APPEAL, "member", note="冤枉")

    def test_what_is_granted_counts_no_more_and_stays_a_fact(self, town):
        case = closed_late(town)
        town.step(case, Action.APPEAL, "member", note="停电三天")
        town.step(case, Action.GRANT_APPEAL, "leader", note="属实")
        assert case.exempt
        assert case.answered_at > case.due_at

    @pytest.mark.parametrize("action", [Action.GRANT_APPEAL, Action.REFUSE_APPEAL])
    def test_once(self, town, refused, action):
        case = closed_late(town)
        town.step(case, Action.APPEAL, "member", note="停电三天")
        town.step(case, action, "leader", note="看过")
        assert "once" in refused(case, Action.APPEAL, "member", note="再来")

    def test_one_that_a_reopening_left_undecided_can_be_made_anew(self, town):
        case = closed_late(town)
        town.step(case, Action.APPEAL, "member", note="停电三天")
        town.step(case, Action.REOPEN, "resident", note="又不亮了")
        town.step(case, Action.ASK_CHECK, "dispatcher")
        town.step(case, Action.PASS_CHECK, "manager", note="亮着")
        town.step(case, Action.APPEAL, "member", note="停电三天")

    def test_it_is_the_lead_department_s_to_make(self, town, refused):
        case = closed_late(town)
        for who in ("helper", "dispatcher", "leader"):
            refused(case, Action.APPEAL, who, note="冤枉")


class TestReopening:
    def test_a_resident_s_not_done_leads_to_the_dispatcher(self, town):
        case = town.closed()
        town.step(case, Action.RATE, "resident", score=1)
        town.step(case, Action.REOPEN, "resident", note="又不亮了")
        facts = case.state, case.closed_at, case.satisfaction
        assert facts == (State.REOPENED, None, None)
        town.step(case, Action.CLOSE, "dispatcher", note="看过：亮着")
        assert case.state is State.CLOSED

    def test_to_the_same_department_the_clock_runs_on(self, town):
        case = town.closed()
        town.step(case, Action.REOPEN, "leader", note="又不亮了")
        event = town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        assert not event.detail["clock_anew"]

    def test_a_resident_has_a_month_and_the_office_for_ever(self, town, refused):
        case = town.closed()
        town.now += 31 * DAY
        refused(case, Action.REOPEN, "resident", note="又不亮了")
        town.step(case, Action.REOPEN, "dispatcher", note="又不亮了")
        assert case.state is State.REOPENED

    def test_an_imported_case_without_a_lead_is_dispatched_or_closed(self, town, refused):
        case = town.report(state=State.CLOSED, closed_at=town.now, lead_department_id=None)
        town.step(case, Action.REOPEN, "dispatcher", note="没修")
        refused(case, Action.ASK_CHECK, "dispatcher")
        town.step(case, Action.CLOSE, "dispatcher", note="修好了")
        assert case.result == "修好了"


class TestRating:
    def test_a_resident_rates_once_from_1_to_5(self, town, refused):
        case = town.closed()
        for score in (0, 6):
            refused(case, Action.RATE, "resident", score=score)
        town.step(case, Action.RATE, "resident", score=5)
        assert case.satisfaction == 5
        refused(case, Action.RATE, "resident", score=1)


class TestCancelling:
    def test_it_needs_approval(self, town, refused):
        case = town.handling()
        refused(case, Action.GRANT_CANCEL, "leader")
        town.step(case, Action.ASK_CANCEL, "dispatcher", note="重复录入")
        refused(case, Action.GRANT_CANCEL, "dispatcher")
        town.step(case, Action.GRANT_CANCEL, "leader")
        assert (case.state, case.next_alert_at) == (State.CANCELLED, None)

    def test_refused_it_goes_on_and_can_be_asked_for_again(self, town):
        case = town.handling()
        town.step(case, Action.ASK_CANCEL, "dispatcher", note="重复录入")
        town.step(case, Action.REFUSE_CANCEL, "leader", note="不重复")
        town.step(case, Action.ASK_CANCEL, "dispatcher", note="真重复")
        town.step(case, Action.ANSWER, "member", note="修好了")  # meanwhile work goes on
        assert case.state is State.ANSWERED

    def test_a_suspended_case_that_is_cancelled_waits_for_no_day(self, town):
        case = town.handling()
        until = town.now.date() + 30 * DAY
        town.step(case, Action.SUSPEND, "dispatcher", until=until, note="等开春")
        town.step(case, Action.ASK_CANCEL, "dispatcher", note="拆迁")
        town.step(case, Action.GRANT_CANCEL, "leader")
        assert case.suspended_until is None


class TestSupervision:
    def press(self, town: Town, case: Case) -> Supervision:
        town.step(case, Action.SUPERVISE, "leader", note="尽快", kind=SupervisionKind.LEADER,
                  colour=Colour.RED, reply_by=town.now + DAY)  # fmt: skip
        return town.session.query(Supervision).filter_by(case_id=case.id, ended_at=None).one()

    def test_a_leader_presses_and_is_replied_to(self, town, refused):
        case = town.handling()
        row = self.press(town, case)
        assert case.pressed is Colour.RED
        refused(case, Action.SUPERVISE, "leader", note="再", kind=SupervisionKind.KEY,
                colour=Colour.BLUE, reply_by=town.now + DAY)  # fmt: skip
        town.step(case, Action.REPLY_SUPERVISION, "member", note="今天修")
        assert (row.reply, row.replied_at) == ("今天修", town.now)
        assert "already" in refused(case, Action.REPLY_SUPERVISION, "dispatcher", note="在修")
        town.step(case, Action.END_SUPERVISION, "leader")
        assert (case.pressed, row.ended_at) == (None, town.now)
        refused(case, Action.END_SUPERVISION, "leader")
        self.press(town, case)

    def test_a_reply_is_due_later_than_now(self, town, refused):
        case = town.handling()
        refused(case, Action.SUPERVISE, "leader", note="尽快", kind=SupervisionKind.LEADER,
                colour=Colour.RED, reply_by=town.now)  # fmt: skip

    def test_a_closed_case_is_pressed_no_more(self, town):
        case = town.checking()
        row = self.press(town, case)
        town.step(case, Action.PASS_CHECK, "manager", note="亮了")
        assert (case.pressed, row.ended_at) == (None, town.now)


class TestTwoPeople:
    def test_the_second_is_told_what_the_first_did(self, town, refused):
        case = town.dispatched()
        seen = case.version
        town.step(case, Action.TAKE, "member")
        words = refused(case, Action.RETURN, "head", note="不归我们管", seen_version=seen)
        assert town.people["member"].name in words
        assert "taken on" in words
        town.step(case, Action.RETURN, "head", note="不归我们管", seen_version=case.version)

    def test_a_very_long_note_is_refused_with_its_length(self, town, refused):
        case = town.handling()
        words = refused(case, Action.RETURN, "member", note="字" * 100_000)
        assert "100000" in words
        assert "5000" in words


class TestProposedDepartment:
    def test_before_the_dispatch_it_has_no_say(self, town, refused):
        """The rules name a lead from the report on; it answers only once it has the case."""
        case = town.report()
        assert case.lead_department_id == town.centre.id
        town.step(case, Action.SUPERVISE, "leader", note="尽快", kind=SupervisionKind.LEADER,
                  colour=Colour.RED, reply_by=town.now + DAY)  # fmt: skip
        refused(case, Action.REPLY_SUPERVISION, "member", note="在修")
