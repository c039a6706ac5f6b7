"""Routing rules as the administrator sees, tries and saves them."""

from datetime import timedelta

import pytest

from tests import scenes
from tests.factories.cases import LITTER, make_case, make_ground
from tests.factories.people import make_department, make_office, make_person, sign_in, token
from tests.factories.places import middle_of
from webapp.core.clock import now
from webapp.people.models import Role
from webapp.planning.matrix import matrix
from webapp.planning.scopes import area_scopes, class_scopes
from webapp.planning.trial import Change, try_change
from webapp.standards.service import (
    BY_HAND,
    Parties,
    office_standards,
    parties_of,
    put_rule,
    rules_in_force,
)

LAMP = "/component/K01/K01-037/"
OFFICE = "/640121/001/"
FIRST, SECOND = "/640121/001/001/", "/640121/001/002/"


scene = scenes.by(ground=make_ground)


@pytest.fixture
def ground(scene, session):
    return scene.on(session)


@pytest.fixture
def law(session, ground):
    return make_department(session, ground.office, code="D04", name="综合执法办公室")


def past_case(session, ground, grid: int, days: float, **draft):
    """A case in a grid, reported so many days ago."""
    lon, lat = middle_of(ground.grids[grid])
    draft = {"lon": lon, "lat": lat, **draft}
    return make_case(session, ground.office, now=now() - timedelta(days=days), draft=draft)


def cells(session, office) -> dict[tuple[str, str], object]:
    standards = office_standards(session, office)
    blocks = matrix(standards, area_scopes(session, office), class_scopes(standards))
    rows = [row for block in blocks for row in (block.head, *block.rows)]
    return {(cell.area_path, cell.class_path): cell for row in rows for cell in row.cells}


class TestTheMatrix:
    def test_tells_own_rules_from_inherited_ones_and_from_none(self, session, ground):
        seen = cells(session, ground.office)
        own, inherited = seen[OFFICE, LAMP], seen[FIRST, LAMP]
        assert (own.own, own.lead, own.lead_full) == (True, "公用事业", "公用事业服务中心")
        assert (inherited.own, inherited.lead) == (False, "公用事业")
        assert not seen[FIRST, "/event/E99/E99-999/"].answered

    def test_counts_rules_for_grids_and_conditions_in_the_cell_around_them(
        self, session, ground, law
    ):
        for scope in [(f"{FIRST}002/", LAMP), (FIRST, f"{LAMP}K01-037.4/")]:
            put_rule(session, ground.office, *scope, Parties(law.id), made_by=None, now=now())
        session.flush()
        seen = cells(session, ground.office)
        assert seen[FIRST, LAMP].deeper == 2
        assert seen[SECOND, LAMP].deeper == 0

    def test_shortens_names_only_where_they_stay_different(self, session, ground, law):
        make_department(session, ground.office, code="D05", name="综合执法服务中心")
        put_rule(session, ground.office, FIRST, LAMP, Parties(law.id), made_by=None, now=now())
        session.flush()
        assert cells(session, ground.office)[FIRST, LAMP].lead == "综合执法办公室"


class TestATrial:
    def test_counts_the_cases_that_would_have_gone_elsewhere_and_names_them(
        self, session, ground, law
    ):
        moved = past_case(session, ground, 0, days=3)
        past_case(session, ground, 7, days=3)  # the other community
        past_case(session, ground, 0, days=3, condition_code=LITTER)
        past_case(session, ground, 0, days=91)  # too long ago
        change = Change(FIRST, LAMP, Parties(law.id))
        trial = try_change(session, ground.office, change, now())
        assert (trial.looked_at, trial.moved, trial.informed_only) == (1, 1, 0)
        assert [case.number for case in trial.cases] == [moved.number]
        assert trial.ways == {(moved.lead_department_id, law.id): 1}
        (point,) = trial.points
        assert point[:2] == pytest.approx(middle_of(ground.grids[0]))

    def test_saves_nothing(self, session, ground, law):
        before = rules_in_force(session, ground.office)
        try_change(session, ground.office, Change(FIRST, LAMP, Parties(law.id)), now())
        assert rules_in_force(session, ground.office) == before
        lead = office_standards(session, ground.office).router.route(FIRST, LAMP).lead
        assert lead != law.id

    def test_does_not_move_what_a_more_exact_rule_holds(self, session, ground, law):
        past_case(session, ground, 0, days=3)
        change = Change(FIRST, "/component/", Parties(law.id))
        trial = try_change(session, ground.office, change, now())
        assert (trial.looked_at, trial.moved) == (1, 0)

    def test_tells_apart_who_leads_from_who_is_informed(self, session, ground, law):
        case = past_case(session, ground, 0, days=3)
        parties = Parties(case.lead_department_id, informed=(law.id,))
        trial = try_change(session, ground.office, Change(FIRST, LAMP, parties), now())
        assert (trial.moved, trial.informed_only) == (0, 1)

    def test_of_taking_a_rule_back_sends_cases_to_the_desk(self, session, ground):
        case = past_case(session, ground, 0, days=3)
        trial = try_change(session, ground.office, Change(OFFICE, LAMP, None), now())
        assert trial.ways == {(case.lead_department_id, None): 1}


class TestThePages:
    """From the matrix over the rule and its trial to the saved rule."""

    @pytest.fixture
    def admin(self, session, ground, law, client):
        person = make_person(session, ground.office, Role.ADMINISTRATOR, name="管理员")
        session.commit()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        sign_in(client, person)
        return person

    def fields(self, session, ground, **changed):
        own = office_standards(session, ground.office).router.own_rule(FIRST, LAMP)
        seen = str(own.id if own else 0)
        return {"area": FIRST, "of_class": LAMP, "leader": "", "seen": seen} | changed

    def save(self, client, **fields):
        csrf = token(client, f"/admin/routing/rule?area={FIRST}&of_class={LAMP}")
        return client.post("/admin/routing/save", data={"csrf_token": csrf, **fields})

    def own_rules(self, session, ground):
        session.rollback()
        session.expire_all()
        return [r for r in rules_in_force(session, ground.office) if r.area_path == FIRST]

    def test_show_the_matrix_and_what_holds(self, client, admin):
        text = client.get("/admin/routing").text
        assert "公用事业" in text
        text = client.get(f"/admin/routing/rule?area={FIRST}&of_class={LAMP}").text
        assert "the rule for street light in 团结西路街道" in text

    def test_try_without_saving_and_then_save(self, client, admin, session, ground, law):
        past_case(session, ground, 0, days=3)
        session.commit()
        fields = self.fields(session, ground, lead=str(law.id), informed="community")
        text = client.get("/admin/routing/trial", query_string=fields).text
        assert "One case would have gone elsewhere" in text
        assert self.own_rules(session, ground) == []
        assert self.save(client, **fields).status_code == 302
        (rule,) = self.own_rules(session, ground)
        assert parties_of(rule) == Parties(law.id, ("community",))
        assert (rule.source, rule.made_by_id) == (BY_HAND, admin.id)
        standards = office_standards(session, ground.office)
        assert standards.router.route(FIRST, LAMP).lead == law.id

    def test_take_a_rule_back_and_up_again(self, client, admin, session, ground, law):
        self.save(client, **self.fields(session, ground, lead=str(law.id)))
        (rule,) = self.own_rules(session, ground)
        taken = {"seen": str(rule.id), "take_back": "1", "lead": "desk"}
        assert self.save(client, **self.fields(session, ground) | taken).status_code == 302
        assert self.own_rules(session, ground) == []
        page = f"/admin/routing/rule?area={FIRST}&of_class={LAMP}&again={rule.id}"
        assert f'<option selected value="{law.id}">' in client.get(page).text

    def test_refuse_when_somebody_else_was_faster(self, client, admin, session, ground, law):
        fields = self.fields(session, ground, lead=str(law.id))
        assert self.save(client, **fields).status_code == 302
        answer = self.save(client, **fields | {"lead": "desk"})
        assert answer.status_code == 409
        assert len(self.own_rules(session, ground)) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lead": "999999"},
            {"lead": ""},
            {"lead": "<script>"},
            {"informed": "999999"},
            {"leader": "999999"},
            {"area": ""},
            {"area": "/640121/999/"},
            {"area": "/640121/001/001"},
            {"of_class": ""},
            {"of_class": "/component/K99/"},
        ],
        ids=str,
    )
    def test_refuse_what_is_not_there(self, client, admin, session, ground, law, wrong):
        fields = self.fields(session, ground, lead=str(law.id)) | wrong
        assert client.get("/admin/routing/trial", query_string=fields).status_code == 400
        assert self.save(client, **fields).status_code == 400
        assert self.own_rules(session, ground) == []

    def test_know_nothing_of_another_office(self, client, admin, session, ground):
        other = make_department(session, make_office(session))
        session.commit()
        fields = self.fields(session, ground, lead=str(other.id))
        assert self.save(client, **fields).status_code == 400

    def test_hide_areas_that_an_administrator_does_not_look_after(self, client, session, ground):
        person = make_person(session, ground.office, Role.ADMINISTRATOR, area_path=SECOND)
        session.commit()
        sign_in(client, person)
        for area, status in ((SECOND, 200), (FIRST, 404), (OFFICE, 404)):
            page = f"/admin/routing/rule?area={area}&of_class={LAMP}"
            assert client.get(page).status_code == status

    def test_show_script_in_names_as_text(self, client, admin, session, ground, law):
        law.name = "<script>alert(1)</script>"
        ground.office.revision += 1
        past_case(session, ground, 0, days=3)
        session.commit()
        fields = self.fields(session, ground, lead=str(law.id))
        for page in ("/admin/routing/rule", "/admin/routing/trial"):
            text = client.get(page, query_string=fields).text
            assert "<script>alert" not in text
            assert "alert(1)" in text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_may_enter(client, session, ground, role):
    assert client.get("/admin/routing").status_code == 302
    person = make_person(session, ground.office, role)
    session.commit()
    sign_in(client, person)
    pages = ("/admin/routing", "/admin/routing/rule", "/admin/routing/trial")
    assert {client.get(page).status_code for page in pages} == {403}
    csrf = {"csrf_token": token(client, "/me")}
    assert client.post("/admin/routing/save", data=csrf).status_code == 403
