"""An import that is killed goes on where it was."""

import signal
import subprocess
import sys
import time

from sqlalchemy import func, select

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.cases import make_ground
from webapp.cases.models import Case, CaseEvent, CaseKey, ImportRun
from webapp.core.settings import ROOT

KILLED = """
import sys
from pathlib import Path
from webapp import create_app
from webapp.cases.importing import import_cases, read_mapping
from webapp.core.database import current_session
from webapp.people.service import only_office

url, file, mapping = sys.argv[1:]
app = create_app(database_url=url, secret_key="x")
with app.app_context():
    session = current_session()
    say = lambda run: print(run.next_row, flush=True)
    import_cases(session, only_office(session), Path(file),
                 read_mapping(Path(mapping).read_bytes()), progress=say, chunk_rows=200)
"""


def test_killed_in_the_middle_it_goes_on_with_nothing_doubled_or_lost(database, session, tmp_path):
    make_ground(session)
    session.commit()
    total = 6_000
    path, mapping = tmp_path / "cases.csv", tmp_path / "mapping.toml"
    path.write_text(HEADER + "".join(row(f"K{n}") for n in range(total)), "utf-8")
    mapping.write_text(MAPPING, "utf-8")
    url = database.url.render_as_string(hide_password=False)
    session.close()
    kills = 0
    for wait in (3, 9, None):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, url, str(path), str(mapping)],
            stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        for _line in range(wait or total):
            if not process.stdout.readline():
                break
        if wait:
            time.sleep(0.01)  # somewhere inside the next chunk
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.communicate(timeout=120)
        assert process.returncode == (-signal.SIGKILL if wait else 0)
    assert kills == 2
    run = session.scalar(select(ImportRun))
    assert (run.imported, run.unplaced, run.rejected) == (total, 0, 0)
    for model in (Case, CaseKey, CaseEvent):
        assert session.scalar(select(func.count()).select_from(model)) == total
    assert session.scalar(select(func.count(Case.number.distinct()))) == total
