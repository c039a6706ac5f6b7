"""A file of cases on its way in, chunk after chunk.

Each chunk is one transaction: its cases, its rejects, the counts and the row to go on with. So a
run that is killed at any moment goes on where it was, with nothing doubled and nothing lost. It is
the one verb of this room that commits by itself.

While the database takes in a chunk, a thread reads, parses and locates the next one: most of what
an import costs beside the database's own work is hidden by it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.importing.composing import Ground, locate, set_aside_known, write_cases
from webapp.cases.importing.mapping import CaseMapping
from webapp.cases.importing.parsing import Parsed, Reject, parse_chunk
from webapp.cases.importing.reading import Table, chunks, open_table, sha256_of
from webapp.cases.models import ImportReject, ImportRun
from webapp.cases.vocabulary import ImportOutcome
from webapp.core import clock
from webapp.core.bulk import copy_rows
from webapp.core.database import begin_write
from webapp.core.errors import BadInput, Conflict
from webapp.core.i18n import listed
from webapp.core.upkeep import refresh_statistics
from webapp.people.models import Office, Person
from webapp.places.locating import OfficePlaces, margin_m, office_places
from webapp.standards.service import office_standards

CHUNK_ROWS = 20_000

Progress = Callable[[ImportRun], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Chunk:
    """Some rows, parsed and located: from data row `first` up to `after`, which is not in it."""

    first: int
    after: int
    parsed: Parsed
    ground: Ground


@dataclass(frozen=True)
class Outcome:
    """The run as it ended, and whether it had been done before."""

    run: ImportRun
    again: bool


@dataclass(frozen=True)
class ChunkReader:
    """What the chunks of one run are made with; nothing of it belongs to a session."""

    table: Table
    mapping: CaseMapping
    zone: ZoneInfo
    file_id: str
    places: OfficePlaces
    margin_m: float

    def chunks(self, start: int, size: int) -> Iterator[Chunk]:
        names = self.table.names
        for first, rows in chunks(self.table, start, size):
            parsed = parse_chunk(
                self.mapping, names, first, rows, self.zone, clock.now(), self.file_id
            )
            ground = locate(self.places, self.margin_m, parsed)
            yield Chunk(first, first + len(rows), parsed, ground)


def import_cases(
    session: Session,
    office: Office,
    path: Path,
    mapping: CaseMapping,
    *,
    file_name: str | None = None,
    started_by: Person | None = None,
    progress: Progress = lambda _run: None,
    chunk_rows: int = CHUNK_ROWS,
) -> Outcome:
    """Import a file, or go on with it; `progress` is called inside each chunk's transaction.

    Raises
    ------
    BadInput
        The file or the mapping cannot be used; nothing has been changed then.
    """
    table, mapping = check_import(session, office, path, mapping, file_name or path.name)
    run = _find_or_start(session, office, table, path, mapping, file_name, started_by)
    if run.outcome is ImportOutcome.DONE:
        return Outcome(run, again=True)
    reader = ChunkReader(
        table=table,
        mapping=mapping,
        zone=ZoneInfo(office.time_zone),
        file_id=run.sha256[:12],
        places=office_places(session, office),
        margin_m=margin_m(office, mapping.datum),
    )
    for chunk in one_ahead(reader.chunks(run.next_row, chunk_rows)):
        begin_write(session)
        _claim(session, office, run, chunk.first)
        _write_chunk(session, office, mapping, run, chunk, clock.now())
        run.next_row = chunk.after
        progress(run)
        session.commit()
    begin_write(session)
    run.outcome, run.finished_at = ImportOutcome.DONE, clock.now()
    refresh_statistics(session)
    session.commit()
    return Outcome(run, again=False)


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items; each is made in a thread while the one before is worked on."""
    context = copy_context()  # the reader's language, for what may be wrong with the file

    def make() -> T | None:
        return context.run(lambda: next(items, None))

    with ThreadPoolExecutor(1) as helper:
        waiting = helper.submit(make)
        while (item := waiting.result()) is not None:
            waiting = helper.submit(make)
            yield item


def check_import(
    session: Session, office: Office, path: Path, mapping: CaseMapping, name: str
) -> tuple[Table, CaseMapping]:
    """All that can be said before the first row is read.

    Answers the file as a table, and the mapping with the office's codes.
    """
    table = open_table(path, mapping.encoding, name)
    if missing := sorted(mapping.wanted_columns() - set(table.names)):
        raise BadInput(
            "columns",
            _(
                "%(name)s has no column %(missing)s; its columns are %(given)s.",
                name=name,
                missing=listed(missing),
                given=listed(table.names),
            ),
        )
    known = office_standards(session, office).history
    if unknown := sorted(mapping.condition_codes() - known.keys()):
        raise BadInput(
            "conditions",
            _(
                "The mapping names conditions that %(office)s does not have: %(unknown)s."
                " Import its standards first, or name others.",
                office=office.name,
                unknown=listed(unknown),
            ),
        )
    if office_places(session, office).street_area_id is None:
        raise BadInput(
            "no_boundaries",
            _("%(office)s has no boundaries yet: import those first.", office=office.name),
        )
    return table, mapping.knowing(known)


def _find_or_start(
    session: Session,
    office: Office,
    table: Table,
    path: Path,
    mapping: CaseMapping,
    file_name: str | None,
    started_by: Person | None,
) -> ImportRun:
    digest = sha256_of(path)
    begin_write(session)
    run = session.scalar(
        select(ImportRun).where(
            ImportRun.office_id == office.id,
            ImportRun.sha256 == digest,
            ImportRun.mapping_sha256 == mapping.sha256,
        )
    )
    if run is None:
        run = ImportRun(
            office_id=office.id,
            file_name=file_name or path.name,
            sha256=digest,
            mapping_sha256=mapping.sha256,
            outcome=ImportOutcome.RUNNING,
            started_at=clock.now(),
            started_by_id=started_by.id if started_by else None,
            total_rows=table.total,
        )
        session.add(run)
    session.commit()
    return run


def _claim(session: Session, office: Office, run: ImportRun, first: int) -> None:
    """See that nobody else has gone on with this run meanwhile, and that nobody will."""
    session.refresh(office)
    session.refresh(run, with_for_update=True)
    if run.next_row != first:
        raise Conflict(
            "import_busy",
            _("%(name)s is being imported by another process right now.", name=run.file_name),
        )


def _write_chunk(
    session: Session,
    office: Office,
    mapping: CaseMapping,
    run: ImportRun,
    chunk: Chunk,
    now: datetime,
) -> None:
    parsed, ground = set_aside_known(session, mapping.source, chunk.parsed), chunk.ground
    places = office_places(session, office)
    if parsed is not chunk.parsed or places is not ground.places:  # fewer rows, new boundaries
        ground = locate(places, margin_m(office, mapping.datum), parsed)
    counts = write_cases(session, office, mapping, parsed, ground, now)
    rows, reasons, cells = zip(*parsed.rejects, strict=True) if parsed.rejects else ((), (), ())
    rejects = {
        "run_id": run.id,
        "row": rows,
        "reason": reasons,
        "source_row": [{"cells": list(row)} for row in cells],
    }
    copy_rows(session, ImportReject, rejects)
    run.imported += counts.imported
    run.unplaced += counts.unplaced
    run.rejected += len(parsed.rejects)
    run.contradictory += counts.contradictory
    unmapped = dict(run.unmapped_classes)
    for word, count in counts.unmapped.items():
        unmapped[word] = unmapped.get(word, 0) + count
    run.unmapped_classes = unmapped


def reject_rows(session: Session, run: ImportRun) -> Iterator[list[str]]:
    """The rejects of a run as rows of a table: number, reason in words, the row as it came."""
    yield [_("row"), _("reason"), _("as it came")]
    of_run = select(ImportReject).where(ImportReject.run_id == run.id).order_by(ImportReject.row)
    for reject in session.scalars(of_run):
        yield [str(reject.row), str(Reject(reject.reason).label), *reject.source_row["cells"]]
