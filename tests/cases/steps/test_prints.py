"""What is printed of a case."""

import segno
from sqlalchemy import update

from tests.factories.people import make_office, make_person, sign_in
from webapp import create_app
from webapp.cases.models import Case
from webapp.cases.steps.sketch import HEIGHT, WIDTH, sketch
from webapp.cases.vocabulary import Action
from webapp.core.clock import now


def test_a_work_order_names_place_task_and_deadline_and_its_code_opens_the_case(
    database, session, town
):
    case = town.handling(draft={"description": "<b>第三盏</b>", "address": "胜利街 12 号"})
    session.commit()
    outside = "https://wangge.example.gov.cn"
    app = create_app(engine=database, testing=True, secret_key="x", public_url=outside)
    client = app.test_client()
    sign_in(client, town.people["member"])
    page = client.get(f"/cases/{case.number}/order").text
    for words in ("&lt;b&gt;第三盏&lt;/b&gt;", "胜利街 12 号", "公用事业服务中心", case.grid.code):
        assert words in page
    assert " style=" not in page
    code = segno.make(f"{outside}/cases/{case.number}", error="m")
    assert code.svg_inline(svgclass="qr", lineclass=None, omitsize=True) in page


def test_the_drawing_has_the_case_in_its_middle_inside_its_own_grid(session, town):
    case = town.report()
    drawn = sketch(session, case, now().date())
    own = [one for one in drawn.outlines if one.is_own]
    assert len(own) == 1
    assert len(drawn.outlines) > 1
    xs, ys = zip(*(
        (float(x), float(y))
        for x, y in (pair.split(",") for pair in own[0].path.strip("MZ").split(" L"))
    ), strict=True)  # fmt: skip
    assert min(xs) < WIDTH / 2 < max(xs)
    assert min(ys) < HEIGHT / 2 < max(ys)
    assert min(xs) >= 0
    assert max(xs) <= WIDTH
    assert 0 < drawn.bar_length <= WIDTH / 4


def test_a_case_without_a_point_is_printed_without_a_map(app, session, town):
    case = town.report()
    session.execute(update(Case).values(location=None))
    session.commit()
    client = app.test_client()
    sign_in(client, town.people["dispatcher"])
    page = client.get(f"/cases/{case.number}/order")
    assert page.status_code == 200
    assert "paper-map" not in page.text


def test_the_history_tells_every_event_from_first_to_last(app, session, town):
    case = town.closed()
    town.step(case, Action.RATE, "resident", score=4, note="很快")
    session.commit()
    client = app.test_client()
    sign_in(client, town.people["leader"])
    page = client.get(f"/cases/{case.number}/print", headers={"Accept-Language": "en"}).text
    told = ["reported", "sent for verification", "dispatched", "answered", "rated by the resident"]
    places = [page.index(f"<strong>{words}</strong>") for words in told]
    assert places == sorted(places)
    assert "4 of 5" in page
    stranger = make_person(session, make_office(session))
    session.commit()
    other = app.test_client()
    sign_in(other, stranger)
    for paper in ("order", "print"):
        assert other.get(f"/cases/{case.number}/{paper}").status_code == 404
