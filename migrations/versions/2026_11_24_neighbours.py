"""Who is whose neighbour among the grids, kept for as long as the boundaries stand."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_neighbours"
down_revision = "2026_11_24_follows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grid_neighbours",
        sa.Column("office_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("places", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("grid_ids", sa.LargeBinary(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_grid_neighbours_office_id"),
        sa.PrimaryKeyConstraint("office_id", "places", "rule", name="pk_grid_neighbours"),
    )


def downgrade() -> None:
    op.drop_table("grid_neighbours")
