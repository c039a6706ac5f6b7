"""Rows of changes, or of cases, as loose cells: conditions become classes, seconds become days."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.insight.counts.pages import CODES, Cells, Ints
from webapp.people.models import Office
from webapp.standards.models import CaseClass, Condition


def cells_of(session: Session, office: Office, rows: Sequence[Any]) -> Cells:
    """Rows of (grid, condition, department, seconds since 1970 in UTC, n, source)."""
    if not rows:
        return Cells.none()
    grids, conditions, departments, seconds, n, sources = zip(*rows, strict=True)
    return Cells(
        classes=classes_of(session, office, np.array(conditions, np.int64)),
        departments=np.array(departments, np.int64),
        sources=np.array([CODES[source] for source in sources], np.int64),
        grids=np.array(grids, np.int64),
        days=office_days(np.array(seconds, "datetime64[s]"), office),
        n=np.array(n, np.int64),
    )


def classes_of(session: Session, office: Office, conditions: Ints) -> Ints:
    """The classes of conditions: asked anew, for a change may name one made a moment ago."""
    rows = session.execute(
        select(Condition.id, Condition.class_id)
        .join(CaseClass, CaseClass.id == Condition.class_id)
        .where(CaseClass.office_id == office.id)
    ).all()
    ids, classes = np.array(rows, np.int64).reshape(-1, 2).T
    class_of = np.zeros(ids.max(initial=0) + 1, np.int64)
    class_of[ids] = classes
    return class_of[conditions]


def office_days(moments: NDArray[np.datetime64], office: Office) -> Ints:
    """The days of the office, since 1970, in which moments in UTC lie."""
    local = pd.DatetimeIndex(moments, tz="UTC").tz_convert(office.time_zone).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]").astype(np.int64)
