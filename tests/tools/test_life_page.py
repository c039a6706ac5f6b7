"""The page of a case's life in the docs is what the table says."""

from tools.life_page import PAGE, page
from webapp.cases.life.table import STEPS


def test_the_committed_page_is_the_table_s() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tools.life_page"


def test_every_guard_says_what_must_hold() -> None:
    silent = [g.__name__ for step in STEPS.values() for g in step.guards if not g.__doc__]
    assert silent == []
