"""What a SQLite file needs from time to time; PostgreSQL's autovacuum does it by itself."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.core.database import begin_write, is_spatialite, sqlite_driver
from webapp.core.jobs import chore

ANALYSED_ROWS = 1_000  # of each index: enough for its kind, and a matter of milliseconds
OPTIMIZE = 0x10002  # all tables whose number of rows has become another since the last time
OPTIMIZE_SINCE = (3, 46)  # earlier ones look only at tables that the connection has asked for


def refresh_statistics(session: Session) -> None:
    """Tell the planner how many rows there are; the caller has begun to write, and commits."""
    connection = session.connection()
    if not is_spatialite(connection):
        return
    connection.exec_driver_sql(f"PRAGMA analysis_limit = {ANALYSED_ROWS}")
    if sqlite_driver().sqlite_version_info >= OPTIMIZE_SINCE:
        connection.exec_driver_sql(f"PRAGMA optimize = {OPTIMIZE}")
    else:
        connection.exec_driver_sql("ANALYZE")


@chore(every=timedelta(hours=1))
def keep_statistics(session: Session, _now: datetime) -> None:
    begin_write(session)
    refresh_statistics(session)
