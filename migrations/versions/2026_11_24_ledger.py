"""The ledger: a remark on each case, corrections as events, and indexes of its orders.

The column is added as it is: a table with geometry must never be rebuilt.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_ledger"
down_revision = "2026_11_24_life_of_a_case"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("remark", sa.String(), server_default="", nullable=False))
    op.execute("INSERT INTO case_action (value) VALUES ('corrected')")
    for name in ("due_at", "dispatched_at", "answered_at", "closed_at"):
        op.create_index(f"ix_cases_office_id_{name}", "cases", ["office_id", name, "id"])


def downgrade() -> None:
    raise RuntimeError("corrections would be lost: restore a backup instead")
