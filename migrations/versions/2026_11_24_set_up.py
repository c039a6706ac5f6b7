"""Who changed what in the set-up, who goes out with which crew, and events by day and person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_set_up"
down_revision = "2026_11_24_notices"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WITH_ACTOR = sa.text("actor_id IS NOT NULL")
OWING = sa.text("part = 'assisting' AND finished_at IS NULL AND called_off_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", BIG_ID, nullable=True),
        sa.Column("old", JSON, nullable=False),
        sa.Column("new", JSON, nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_audit_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_audit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_office_id_at", "audit", ["office_id", "at"])
    op.create_index("ix_audit_person_id_at", "audit", ["person_id", "at"])
    op.create_table(
        "crew_member",
        sa.Column("crew_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_crew_member_crew_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_crew_member_person_id")
        ),
        sa.PrimaryKeyConstraint("crew_id", "person_id", name=op.f("pk_crew_member")),
    )
    op.create_index("ix_crew_member_person_id", "crew_member", ["person_id"])
    op.create_index("ix_case_event_at", "case_event", ["at"])
    op.create_index(
        "ix_case_event_actor_id_at",
        "case_event",
        ["actor_id", "at"],
        sqlite_where=WITH_ACTOR,
        postgresql_where=WITH_ACTOR,
    )
    op.create_index(
        "ix_participant_owing",
        "participant",
        ["department_id"],
        sqlite_where=OWING,
        postgresql_where=OWING,
    )


def downgrade() -> None:
    raise RuntimeError("the record of changes would be lost: restore a backup instead")
