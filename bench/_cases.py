"""Reports as a file with its mapping, as an office would hand them in."""

import csv
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bench._world import CRS, synthetic_cases
from webapp.cases.importing import CaseMapping, import_cases, read_mapping
from webapp.cases.importing.running import Progress
from webapp.core.settings import ROOT
from webapp.people.models import Office

CLASSES = 60


def class_words() -> dict[str, str]:
    """What a source calls the first 60 conditions of the sample's standards, and their codes."""
    with (ROOT / "data" / "standards" / "standards.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:CLASSES]
    return {f"{row['name_zh']}：{row['condition_zh']}": row["condition_code"] for row in rows}


def write_cases(path: Path, count: int, *, all_open: bool = False, prefix: str = "R") -> None:
    """A CSV of `count` reports over two years; the commonest classes are the first."""
    words = list(class_words())
    cases = synthetic_cases(count)
    closed = cases.closed.where(~cases.closed.isna() & (not all_open))
    table = pd.DataFrame(
        {
            "id": prefix + cases.case_id.astype(str),
            "class": [words[number % len(words)] for number in cases.category],
            "state": closed.isna().map({True: "open", False: "closed"}),
            "created": cases.created.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "closed": closed.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "x": cases.x.round(2),
            "y": cases.y.round(2),
        }
    )
    table.to_csv(path, index=False)


def mapping() -> CaseMapping:
    values = "\n".join(f'"{word}" = "{code}"' for word, code in class_words().items())
    toml = f"""
source = "bench"
crs = "{CRS}"
[columns]
external_id = "id"
class = "class"
state = "state"
created = "created"
closed = "closed"
longitude = "x"
latitude = "y"
[text]
description = "{{class}}"
[classes]
other = "E99-999.1"
[states]
values = {{ open = "reported", closed = "closed" }}
[classes.values]
{values}
"""
    return read_mapping(toml.encode())


def nothing(_run: object) -> None:
    """A progress that nobody watches."""


def import_file(engine: Engine, path: Path, progress: Progress = nothing) -> None:
    """What `flask cases import` does, for the only office."""
    with Session(engine, expire_on_commit=False) as session:
        office = session.scalars(select(Office)).one()
        outcome = import_cases(session, office, path, mapping(), progress=progress)
        run = outcome.run
        assert run.imported + run.unplaced + run.rejected == run.total_rows
        assert run.rejected == 0, "the reports are good: none should be rejected"
