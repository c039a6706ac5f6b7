"""Notices: the inbox, what is sent outside, its wording, and what each person chooses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_notices"
down_revision = "2026_11_24_ledger"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

NEW_REFERENCE_ROWS = {
    "channel": ["mail", "robot"],
    "delivery_state": ["waiting", "sent", "dead"],
    "notice_kind": [
        "work",
        "news",
        "supervision",
        "due_soon",
        "overdue",
        "long_overdue",
        "stage_due_soon",
        "stage_overdue",
        "report_in_missed",
        "reply_overdue",
        "accepted",
        "done",
        "closed",
        "refused",
        "merged",
        "split",
    ],
    "robot_kind": ["wecom", "dingtalk"],
}


def write_reference_rows() -> None:
    for name, values in NEW_REFERENCE_ROWS.items():
        table = sa.table(name, sa.column("value", sa.String))
        op.bulk_insert(table, [{"value": value} for value in values])


def upgrade() -> None:
    op.create_table(
        "channel",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_channel")),
    )
    op.create_table(
        "delivery_state",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_delivery_state")),
    )
    op.create_table(
        "notice_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_notice_kind")),
    )
    op.create_table(
        "robot_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_robot_kind")),
    )
    op.create_table(
        "notice_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel"], ["channel.value"], name=op.f("fk_notice_template_channel")
        ),
        sa.ForeignKeyConstraint(
            ["kind"], ["notice_kind.value"], name=op.f("fk_notice_template_kind")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_notice_template_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_template")),
        sa.UniqueConstraint(
            "office_id",
            "kind",
            "language",
            "channel",
            name=op.f("uq_notice_template_office_id_kind_language_channel"),
        ),
    )
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mail", JSON, nullable=False),
        sa.Column("robot", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "robot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_robot_department_id")
        ),
        sa.ForeignKeyConstraint(["kind"], ["robot_kind.value"], name=op.f("fk_robot_kind")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_robot_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot")),
        sa.UniqueConstraint("office_id", "name", name=op.f("uq_robot_office_id_name")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", BIG_ID, nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("robot_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_delivery_case_id")),
        sa.ForeignKeyConstraint(["channel"], ["channel.value"], name=op.f("fk_delivery_channel")),
        sa.ForeignKeyConstraint(["kind"], ["notice_kind.value"], name=op.f("fk_delivery_kind")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_delivery_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delivery_person_id")),
        sa.ForeignKeyConstraint(["robot_id"], ["robot.id"], name=op.f("fk_delivery_robot_id")),
        sa.ForeignKeyConstraint(
            ["state"], ["delivery_state.value"], name=op.f("fk_delivery_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
    )
    op.create_index(
        "ix_delivery_office_id_state", "delivery", ["office_id", "state", "id"], unique=False
    )
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "notice",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("case_id", BIG_ID, nullable=True),
        sa.Column("event_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visible_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spread_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notice_case_id")),
        sa.ForeignKeyConstraint(["event_id"], ["case_event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["kind"], ["notice_kind.value"], name=op.f("fk_notice_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(op.f("ix_notice_event_id"), "notice", ["event_id"], unique=False)
    op.create_index("ix_notice_person_id_at", "notice", ["person_id", "at", "id"], unique=False)
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "ix_notice_unspread",
        "notice",
        ["visible_at"],
        unique=False,
        sqlite_where=sa.text("spread_at IS NULL"),
        postgresql_where=sa.text("spread_at IS NULL"),
    )
    op.create_index(op.f("ix_duty_department_id"), "duty", ["department_id"])
    op.create_index("ix_duty_role_area_path", "duty", ["role", "area_path"])
    write_reference_rows()


def downgrade() -> None:
    raise RuntimeError("notices would be lost: restore a backup instead")
