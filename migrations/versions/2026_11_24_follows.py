"""Follows of hot spots: who follows what, how far the sweep is, what was told; a kind of notice."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_follows"
down_revision = "2026_11_24_audit_is_fixed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.bulk_insert(sa.table("notice_kind", sa.column("value", sa.String)), [{"value": "hotspot"}])
    op.create_table(
        "hotspot_follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("area_path", sa.String(), nullable=False),
        sa.Column("case_group", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hotspot_follow_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hotspot_follow"),
        sa.UniqueConstraint(
            "person_id",
            "area_path",
            "case_group",
            name="uq_hotspot_follow_person_id_area_path_case_group",
        ),
    )
    op.create_table(
        "hotspot_sweep",
        sa.Column("office_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_hotspot_sweep_office_id"),
        sa.PrimaryKeyConstraint("office_id", name="pk_hotspot_sweep"),
    )
    op.create_table(
        "hotspot_told",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_group", sa.String(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name="fk_hotspot_told_area_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hotspot_told_person_id"),
        sa.PrimaryKeyConstraint(
            "person_id", "area_id", "case_group", "pattern", name="pk_hotspot_told"
        ),
    )


def downgrade() -> None:
    for table in ("hotspot_told", "hotspot_sweep", "hotspot_follow"):
        op.drop_table(table)
    op.execute("DELETE FROM delivery WHERE kind = 'hotspot'")
    op.execute("DELETE FROM notice_template WHERE kind = 'hotspot'")
    op.execute("DELETE FROM notice WHERE kind = 'hotspot'")
    op.execute("DELETE FROM notice_kind WHERE value = 'hotspot'")
