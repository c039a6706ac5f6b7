"""The order of the desks by an index, in place of one by arrival; cases of a facility."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_desks"
down_revision = "2026_11_24_set_up"
branch_labels = None
depends_on = None

OPEN = sa.text("state NOT IN ('cancelled', 'closed', 'merged', 'not_accepted')")
OF_FACILITY = sa.text("facility_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_cases_state_open", table_name="cases")
    op.create_index(
        "ix_cases_next_due",
        "cases",
        ["office_id", "state", sa.text("coalesce(stage_due_at, due_at)"), "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_cases_facility_id",
        "cases",
        ["facility_id"],
        sqlite_where=OF_FACILITY,
        postgresql_where=OF_FACILITY,
    )


def downgrade() -> None:
    op.drop_index("ix_cases_facility_id", table_name="cases")
    op.drop_index("ix_cases_next_due", table_name="cases")
    op.create_index(
        "ix_cases_state_open",
        "cases",
        ["office_id", "state", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
