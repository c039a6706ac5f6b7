"""Whose cases a follow of hot spots is about: those of one's area, or those of one's department."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_follow_scope"
down_revision = "2026_11_24_neighbours"
branch_labels = None
depends_on = None

UNIQUE = "uq_hotspot_follow_person_id_area_path_case_group"
KEY = ["person_id", "area_id", "case_group", "pattern"]


def _whose() -> "sa.Column[str]":
    return sa.Column("whose", sa.String(), nullable=False, server_default="")


def upgrade() -> None:
    with op.batch_alter_table("hotspot_follow") as table:
        table.add_column(_whose())
        table.drop_constraint(UNIQUE, type_="unique")
        table.create_unique_constraint(
            f"{UNIQUE}_whose", ["person_id", "area_path", "case_group", "whose"]
        )
    with op.batch_alter_table("hotspot_told") as table:
        table.add_column(_whose())
        table.drop_constraint("pk_hotspot_told", type_="primary")
        table.create_primary_key("pk_hotspot_told", [*KEY, "whose"])


def downgrade() -> None:
    for name in ("hotspot_follow", "hotspot_told"):
        op.execute(sa.delete(sa.table(name)).where(sa.column("whose") != ""))
    with op.batch_alter_table("hotspot_told") as table:
        table.drop_constraint("pk_hotspot_told", type_="primary")
        table.create_primary_key("pk_hotspot_told", KEY)
        table.drop_column("whose")
    with op.batch_alter_table("hotspot_follow") as table:
        table.drop_constraint(f"{UNIQUE}_whose", type_="unique")
        table.create_unique_constraint(UNIQUE, ["person_id", "area_path", "case_group"])
        table.drop_column("whose")
