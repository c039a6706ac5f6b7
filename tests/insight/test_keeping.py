"""Folding loses and doubles nothing, whoever does it and whenever it is killed."""

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.life import make_town
from tests.insight.conftest import Counted, of
from webapp.cases.importing import import_cases, read_mapping
from webapp.core.clock import now
from webapp.core.database import begin_write
from webapp.core.settings import ROOT
from webapp.insight.counts import keeping
from webapp.insight.counts.keeping import differences, fold_all, fold_counts, rebuild
from webapp.insight.counts.pages import NegativeCountError
from webapp.insight.counts.reading import grid_counts
from webapp.insight.models import CountChange, CountCube, CountPage
from webapp.people.models import Office


@pytest.fixture
def here(database, session):
    """A town in a database of its own, where commits are seen by others."""
    begin_write(session)
    counted = Counted(make_town(session))
    session.commit()
    return counted


def waiting(session):
    return session.scalar(select(func.count(CountChange.id)))


def pages(session):
    """All that the pages hold, without their revisions."""
    columns = [c for c in CountPage.__table__.columns if c.name != "revision"]
    return session.execute(select(*columns).order_by(CountPage.month)).all()


def bring(here, tmp_path, count, name="cases.csv"):
    """Import reports of many days."""
    path = tmp_path / name
    days = (f"2026-{1 + n % 10:02}-{1 + n % 28:02}T10:30:00" for n in range(count))
    rows = (row(f"{name}{n}", "litter" if n % 3 else "lamp", created=day)
            for n, day in enumerate(days))  # fmt: skip
    path.write_text(HEADER + "".join(rows), "utf-8")
    import_cases(here.session, here.office, path, read_mapping(MAPPING.encode()), chunk_rows=200)


def test_an_import_is_counted_by_the_statement(here, tmp_path):
    bring(here, tmp_path, 600)
    assert waiting(here.session) == 600
    assert here.agrees() == 600
    fold_all(here.session, here.office)
    assert waiting(here.session) == 0
    assert here.agrees() == 600
    assert here.agrees(of(group="E01")) == 400
    assert differences(here.session, here.office) == 0


def test_counting_anew_gives_the_very_pages_that_were_kept(here, tmp_path):
    bring(here, tmp_path, 300)
    fold_all(here.session, here.office)
    bring(here, tmp_path, 120, "more.csv")
    fold_all(here.session, here.office)
    kept = pages(here.session)
    assert len(kept) == 10
    assert rebuild(here.session, here.office) == 420
    assert pages(here.session) == kept
    assert waiting(here.session) == 0


def test_what_was_spoilt_is_found_and_counted_anew(here, tmp_path):
    bring(here, tmp_path, 50)
    fold_all(here.session, here.office)
    begin_write(here.session)
    here.session.execute(text("DELETE FROM count_page WHERE month = 202603"))
    here.session.execute(text("UPDATE count_page SET revision = revision + 1"))
    here.session.commit()
    assert differences(here.session, here.office) > 0
    rebuild(here.session, here.office)
    assert differences(here.session, here.office) == 0
    assert here.agrees() == 50


def test_pages_that_cannot_be_right_stop_the_fold_and_lose_nothing(here):
    begin_write(here.session)
    here.report(days=3)
    here.session.commit()
    fold_all(here.session, here.office)
    begin_write(here.session)
    here.session.execute(text("UPDATE count_change SET n = n"))  # nothing waits
    here.session.execute(
        text("INSERT INTO count_change (office_id, grid_id, condition_id, department_id, source,"
             " reported_s, n) SELECT office_id, 0, condition_id, 0, source, 0, -1 FROM cases")
    )  # fmt: skip
    here.session.commit()
    with pytest.raises(NegativeCountError, match="month 197001"):
        fold_all(here.session, here.office)
    here.session.rollback()
    assert waiting(here.session) == 1


def test_a_few_changes_may_wait_many_are_folded(here, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "FEW", 10)
    bring(here, tmp_path, 10)
    fold_counts(here.session, now())
    assert waiting(here.session) == 10
    bring(here, tmp_path, 1, "one.csv")
    fold_counts(here.session, now())
    assert waiting(here.session) == 0
    assert here.agrees() == 11


def test_another_time_zone_is_counted_anew_with_the_next_fold(here, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "FEW", 3)
    bring(here, tmp_path, 20)
    fold_all(here.session, here.office)
    begin_write(here.session)
    here.office.time_zone = "America/New_York"
    here.session.commit()
    fold_counts(here.session, now())
    zone = here.session.scalar(select(CountCube.time_zone))
    assert (zone, here.agrees()) == ("America/New_York", 20)
    assert differences(here.session, here.office) == 0


def test_in_small_batches_the_pages_are_the_same(here, tmp_path, monkeypatch):
    bring(here, tmp_path, 200)
    fold_all(here.session, here.office)
    kept = pages(here.session)
    monkeypatch.setattr(keeping, "BATCH", 7)
    assert rebuild(here.session, here.office) == 200
    assert pages(here.session) == kept


def fold_until(stop, database, office_id):
    with Session(database) as session:
        office = session.get_one(Office, office_id)
        while not stop.wait(0.05):  # SQLite gives its lock to whoever asks in the right moment
            fold_all(session, office)


def read_until(stop, database, office_id):
    """The number of reports, read again and again."""
    seen = []
    with Session(database) as session:
        office = session.get_one(Office, office_id)
        while not stop.is_set():
            found = grid_counts(session, office, of())
            seen.append(int(found.counts.sum()))
            session.rollback()
    return seen


def test_several_fold_at_once_while_reports_come_in_and_are_read(here, database, tmp_path):
    """Every report is in every reading made after its commit; none is ever counted twice."""
    bring(here, tmp_path, 400)
    stop = threading.Event()
    with ThreadPoolExecutor(4) as threads:
        of_them = (stop, database, here.office.id)
        folding = [threads.submit(fold_until, *of_them) for _fold in range(2)]
        reading = [threads.submit(read_until, *of_them) for _read in range(2)]
        for part in range(10):
            bring(here, tmp_path, 30, f"{part}.csv")
        stop.set()
        assert [work.result() for work in folding] == [None, None]
        for seen in (work.result() for work in reading):
            assert len(seen) > 3
            assert seen == sorted(seen)
            assert {n % 30 for n in seen} == {400 % 30}  # whole imports
            assert (seen[0], seen[-1]) >= (400, 400)
    fold_all(here.session, here.office)
    assert differences(here.session, here.office) == 0
    assert here.agrees() == 700


KILLED = """
import sys
from sqlalchemy.orm import Session
from webapp.core.database import begin_write, make_engine
from webapp.insight.counts import keeping
from webapp.people.models import Office

with Session(make_engine(sys.argv[1])) as session:
    office = session.query(Office).one()
    keeping.BATCH = 100
    for _ in range(2):
        begin_write(session)
        keeping.fold(session, office)
        session.commit()
    begin_write(session)
    keeping.fold(session, office)
    print("folded", flush=True)
    sys.stdin.read()
"""


def test_killed_before_its_commit_it_has_changed_nothing(here, database, tmp_path):
    bring(here, tmp_path, 500)
    url = database.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "folded\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert waiting(here.session) == 300
    here.session.rollback()
    assert here.agrees() == 500
    here.session.rollback()
    assert fold_all(here.session, here.office) == 300
    assert differences(here.session, here.office) == 0


def test_what_was_read_once_is_kept_until_it_is_another(here, tmp_path, statements):
    bring(here, tmp_path, 50)
    fold_all(here.session, here.office)
    here.read()
    statements.clear()
    here.read()
    assert len(statements) <= 3
    assert not any("count_page.places" in statement for statement in statements)
    bring(here, tmp_path, 5, "more.csv")
    fold_all(here.session, here.office)
    assert here.agrees() == 55


def test_commands_count_anew_and_compare(here, app, tmp_path):
    bring(here, tmp_path, 30)
    here.session.close()
    runner = app.test_cli_runner()
    right = runner.invoke(args=["insight", "check-counts"])
    assert right.exit_code == 0, right.output
    rebuilt = runner.invoke(args=["insight", "rebuild-counts"])
    assert (rebuilt.exit_code, "30" in rebuilt.output) == (0, True)
    begin_write(here.session)
    here.session.execute(text("DELETE FROM count_page"))
    here.session.commit()
    wrong = runner.invoke(args=["insight", "check-counts"])
    assert wrong.exit_code == 1
    assert "rebuild-counts" in wrong.output
