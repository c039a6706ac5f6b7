"""Which rule wins, and what a decision says about the others."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.standards.rules import COMMUNITY, LostBy, Note, Router, Rule

LAMP = "/component/K01/K01-037/K01-037.4/"
STREET = "/640121/001/"
GRID = "/640121/001/003/012/"
COMMUNITIES = {f"/640121/001/{n:03}/": 1000 + n for n in range(1, 11)}
MADE = datetime(2026, 1, 5, tzinfo=UTC)
FACILITIES, LIVELIHOOD, LAW = 2, 3, 4


def rule(number: int, area: str, class_path: str, *, days: int = 0, lead=FACILITIES, **parties):
    made_at = MADE + timedelta(days=days)
    return Rule(number, area, class_path, made_at, lead=lead, **parties)


def route(*rules: Rule, area: str = GRID, class_path: str = LAMP):
    return Router(rules, COMMUNITIES).route(area, class_path)


def outcome(decision) -> list[tuple[int, str | None]]:
    return [(match.rule.id, match.lost_by) for match in decision.matches]


def test_the_most_exact_class_wins_over_the_most_exact_area():
    decision = route(
        rule(1, GRID, "/component/K01/"),
        rule(2, STREET, "/component/K01/K01-037/"),
    )
    assert outcome(decision) == [(2, None), (1, LostBy.CLASS)]


def test_of_one_class_the_most_exact_area_wins():
    decision = route(
        rule(1, STREET, "/component/K01/"),
        rule(2, GRID, "/component/K01/"),
        rule(3, "/640121/001/003/", "/component/K01/"),
    )
    assert outcome(decision) == [(2, None), (3, LostBy.AREA), (1, LostBy.AREA)]


def test_in_one_scope_the_newest_wins_and_of_one_moment_the_smallest_id():
    decision = route(
        rule(3, STREET, "/component/"),
        rule(2, STREET, "/component/"),
        rule(5, STREET, "/component/", days=1),
        rule(4, STREET, "/component/", days=1),
    )
    assert outcome(decision) == [(4, None), (5, LostBy.ID), (2, LostBy.AGE), (3, LostBy.AGE)]


def test_rules_of_other_areas_and_classes_do_not_match():
    decision = route(
        rule(1, "/640121/001/003/013/", LAMP),
        rule(2, "/640121/001/00/", LAMP),
        rule(3, STREET, "/component/K01/K01-03/"),
        rule(4, STREET, "/event/"),
    )
    assert decision.winner is None
    assert decision.lead is None
    assert decision.notes == (Note.NO_RULE,)


def test_community_1_does_not_match_community_10():
    decision = route(rule(1, "/1/", "/"), area="/10/5/")
    assert decision.winner is None


def test_a_rule_for_everything_everywhere_matches():
    assert route(rule(1, "/", "/")).lead == FACILITIES


def test_each_community_means_the_community_of_the_place():
    decision = route(rule(1, STREET, "/component/", informed=(LIVELIHOOD, COMMUNITY)))
    assert decision.informed == (LIVELIHOOD, 1003)
    assert decision.community == 1003
    assert decision.notes == ()


def test_a_place_without_a_community_drops_it_from_the_informed_and_says_so():
    decision = route(rule(1, STREET, "/component/", informed=(LIVELIHOOD, COMMUNITY)), area=STREET)
    assert (decision.lead, decision.informed) == (FACILITIES, (LIVELIHOOD,))
    assert decision.notes == (Note.NO_COMMUNITY,)


def test_the_community_may_lead_and_without_one_the_desk_decides():
    by_community = rule(1, STREET, "/component/", lead=COMMUNITY)
    assert route(by_community).lead == 1003
    unplaced = route(by_community, area=STREET)
    assert unplaced.lead is None
    assert unplaced.notes == (Note.NO_LEAD, Note.NO_COMMUNITY)


def test_who_leads_is_not_informed_besides():
    decision = route(rule(1, STREET, "/component/", lead=COMMUNITY, informed=(1003, LAW, LAW)))
    assert decision.informed == (LAW,)


def test_a_winner_without_a_lead_goes_to_the_desk_and_not_to_the_loser():
    decision = route(rule(1, STREET, "/component/"), rule(2, STREET, LAMP, lead=None))
    assert outcome(decision) == [(2, None), (1, LostBy.CLASS)]
    assert decision.lead is None
    assert decision.notes == (Note.NO_LEAD,)


def test_the_first_leader_is_the_responsible_one():
    decision = route(rule(1, STREET, "/component/", leaders=(7, 5)))
    assert (decision.leader, decision.leaders) == (7, (7, 5))
    assert route(rule(1, STREET, "/component/")).leader is None


def test_places_that_no_rule_tells_apart_share_one_decision():
    router = Router([rule(1, STREET, "/component/K01/K01-037/")], COMMUNITIES)
    first = router.route("/640121/001/003/012/", LAMP)
    assert router.route("/640121/001/003/099/", "/component/K01/K01-037/K01-037.1/") is first
    assert router.route("/640121/001/004/012/", LAMP) is not first
    assert (first.area_path, first.class_path) == ("/640121/001/003/", "/component/K01/K01-037/")


@pytest.mark.parametrize("path", ["640121/001/", "/640121/001", "", "001"])
def test_a_path_that_could_be_cut_anywhere_is_refused(path):
    with pytest.raises(ValueError, match="must begin and end with '/'"):
        route(rule(1, "/", "/"), area=path)


paths = st.lists(st.sampled_from(["1", "10", "2"]), max_size=3).map(
    lambda codes: "".join(["/", *(f"{code}/" for code in codes)])
)
drafts = st.lists(st.tuples(paths, paths, st.integers(0, 2)), max_size=12)


@settings(deadline=None)
@given(drafts, paths, paths, st.randoms())
def test_the_winner_is_the_best_of_all_matches_whatever_the_order_of_rules(
    facts, area, class_path, random
):
    rules = [rule(i, a, c, days=days) for i, (a, c, days) in enumerate(facts)]
    shuffled = random.sample(rules, len(rules))
    decision = route(*shuffled, area=area, class_path=class_path)
    matching = [
        r for r in rules if area.startswith(r.area_path) and class_path.startswith(r.class_path)
    ]
    best = sorted(
        matching,
        key=lambda r: (-len(r.class_path), -len(r.area_path), -r.made_at.timestamp(), r.id),
    )
    assert [match.rule for match in decision.matches] == best
