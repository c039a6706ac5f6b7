"""The cube of daily counts: changes written by triggers, pages; every case there is, a change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_cube"
down_revision = "2026_11_24_desks"
branch_labels = None
depends_on = None

COUNTED = ("office_id", "grid_id", "condition_id", "lead_department_id", "source", "reported_at")
NAMES = "(office_id, grid_id, condition_id, department_id, source, reported_s, n)"
SECONDS = {
    "postgresql": "floor(extract(epoch FROM {row}.reported_at))::bigint",
    "sqlite": "CAST(strftime('%s', substr({row}.reported_at, 1, 19)) AS INTEGER)",
}
DIFFERENT = {"postgresql": "IS DISTINCT FROM", "sqlite": "IS NOT"}


def dialect() -> str:
    return op.get_context().dialect.name


def change(row: str, n: int) -> str:
    """The values of a change for a row of cases."""
    seconds = SECONDS[dialect()].format(row=row)
    return (
        f"{row}.office_id, COALESCE({row}.grid_id, 0), {row}.condition_id,"
        f" COALESCE({row}.lead_department_id, 0), {row}.source, {seconds}, {n}"
    )


def add(values: str, rest: str = "") -> str:
    return f"INSERT INTO count_change {NAMES} SELECT {values} {rest}"


def other_cell() -> str:
    """Whether an update has moved a case into another cell."""
    return " OR ".join(f"OLD.{name} {DIFFERENT[dialect()]} NEW.{name}" for name in COUNTED)


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "count_cube",
        sa.Column("office_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_count_cube_office_id"),
        sa.PrimaryKeyConstraint("office_id", name="pk_count_cube"),
    )
    op.create_table(
        "count_change",
        sa.Column("id", big, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reported_s", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_count_change"),
    )
    op.create_table(
        "count_page",
        sa.Column("office_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column(
            "combinations",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("grids", "places", "days", "counts")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_count_page_office_id"),
        sa.PrimaryKeyConstraint("office_id", "month", name="pk_count_page"),
    )
    op.execute(add(change("cases", 1), "FROM cases ORDER BY id"))
    watch_cases() if dialect() == "sqlite" else watch_cases_by_statement()


def watch_cases() -> None:
    """Triggers for each row, which is all that SQLite has."""
    more, less = add(change("NEW", 1)), add(change("OLD", -1))
    op.execute(f"CREATE TRIGGER cases_counted AFTER INSERT ON cases BEGIN {more}; END")
    op.execute(f"CREATE TRIGGER cases_uncounted AFTER DELETE ON cases BEGIN {less}; END")
    op.execute(
        f"CREATE TRIGGER cases_recounted AFTER UPDATE OF {', '.join(COUNTED)} ON cases"
        f" WHEN {other_cell()} BEGIN {less}; {more}; END"
    )


def watch_cases_by_statement() -> None:
    """New cases by the statement, for imports bring thousands with one; others by the row."""
    more = add(change("new_rows", 1), "FROM new_rows")
    again, less = add(change("NEW", 1)), add(change("OLD", -1))
    for name, body in (
        ("count_new_cases", f"{more};"),
        ("count_case_no_more", f"{less};"),
        ("count_case_again", f"{less}; {again};"),
    ):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN {body} RETURN NULL; END $$"
        )
    op.execute(
        "CREATE TRIGGER cases_counted AFTER INSERT ON cases REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION count_new_cases()"
    )
    op.execute(
        "CREATE TRIGGER cases_uncounted AFTER DELETE ON cases"
        " FOR EACH ROW EXECUTE FUNCTION count_case_no_more()"
    )
    op.execute(
        f"CREATE TRIGGER cases_recounted AFTER UPDATE OF {', '.join(COUNTED)} ON cases"
        f" FOR EACH ROW WHEN ({other_cell()}) EXECUTE FUNCTION count_case_again()"
    )


def downgrade() -> None:
    for trigger in ("cases_counted", "cases_uncounted", "cases_recounted"):
        op.execute(f"DROP TRIGGER {trigger}" + (" ON cases" if dialect() != "sqlite" else ""))
    if dialect() != "sqlite":
        for function in ("count_new_cases", "count_case_no_more", "count_case_again"):
            op.execute(f"DROP FUNCTION {function}()")
    for table in ("count_page", "count_change", "count_cube"):
        op.drop_table(table)
