"""`/healthz` says whether the database is there and knows its geometry."""

import pytest

from webapp import create_app


def test_it_answers_with_the_state_of_the_database(client, database_kind):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    state = answer.get_json()
    assert state["status"] == "ok"
    assert state["database"] == {"spatialite": "sqlite", "postgis": "postgresql"}[database_kind]
    assert state["spatial"].split(".")[0] in {"3", "5"}
    assert state["revision"]


@pytest.mark.parametrize(
    "url",
    ["sqlite:///{folder}", "postgresql+psycopg://postgres@/wangge?host={folder}"],
    ids=["a folder where the file should be", "no server on the socket"],
)
def test_it_answers_503_when_the_database_is_away(tmp_path, url):
    app = create_app(database_url=url.format(folder=tmp_path), testing=True, secret_key="for tests")
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "database away"


def test_it_answers_503_on_a_database_without_our_tables(tmp_path):
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    app = create_app(database_url=url, testing=True, secret_key="for tests")
    assert app.test_client().get("/healthz").status_code == 503
    app.extensions["database"].engine.dispose()
