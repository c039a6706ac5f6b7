"""The life of a case: columns of its clocks, departments at it, requests, supervision, times.

Columns are added one by one: SQLite cannot add a constraint afterwards, and a table with geometry
must never be rebuilt.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_life_of_a_case"
down_revision = "2026_11_24_first_tables"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = sa.text("state NOT IN ('cancelled', 'closed', 'merged', 'not_accepted')")
PENDING = sa.text("state IN ('asked', 'endorsed')")

NEW_REFERENCE_ROWS = {
    "case_action": [
        "reclass",
        "ask_verification",
        "verify",
        "self_handle",
        "open",
        "refuse",
        "merge",
        "split",
        "dispatch",
        "undo_dispatch",
        "recall",
        "take",
        "assign",
        "return",
        "answer",
        "suspend",
        "resume",
        "ask_extension",
        "endorse_extension",
        "grant_extension",
        "refuse_extension",
        "ask_help",
        "refuse_help",
        "whistle",
        "call_off",
        "report_in",
        "finish_task",
        "score",
        "ask_check",
        "pass_check",
        "fail_check",
        "close",
        "reopen",
        "rate",
        "ask_cancel",
        "grant_cancel",
        "refuse_cancel",
        "appeal",
        "grant_appeal",
        "refuse_appeal",
        "supervise",
        "reply_supervision",
        "end_supervision",
    ],
    "case_source": ["media", "transferred"],
    "case_state": ["reopened"],
    "case_part": ["lead", "assisting", "informed"],
    "colour": ["blue", "yellow", "red"],
    "request_kind": ["extension", "help", "cancellation", "appeal"],
    "request_state": ["asked", "endorsed", "granted", "refused", "dropped"],
    "supervision_kind": ["overdue", "leader", "key"],
}


def write_reference_rows() -> None:
    for name, values in NEW_REFERENCE_ROWS.items():
        table = sa.table(name, sa.column("value", sa.String))
        op.bulk_insert(table, [{"value": value} for value in values])


def upgrade() -> None:
    op.create_table(
        "case_part",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_case_part")),
    )
    op.create_table(
        "colour",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_colour")),
    )
    op.create_table(
        "request_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_request_kind")),
    )
    op.create_table(
        "request_state",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_request_state")),
    )
    op.create_table(
        "supervision_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_supervision_kind")),
    )
    op.create_table(
        "crew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_crew_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crew")),
        sa.UniqueConstraint("department_id", "name", name=op.f("uq_crew_department_id_name")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "person_id", "page", "name", name=op.f("uq_saved_view_person_id_page_name")
        ),
    )
    op.create_table(
        "case_request",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("wanted_department_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endorsed_by_id", sa.Integer(), nullable=True),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_case_request_asked_by_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_request_case_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_case_request_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_case_request_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["endorsed_by_id"], ["person.id"], name=op.f("fk_case_request_endorsed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["kind"], ["request_kind.value"], name=op.f("fk_case_request_kind")
        ),
        sa.ForeignKeyConstraint(
            ["state"], ["request_state.value"], name=op.f("fk_case_request_state")
        ),
        sa.ForeignKeyConstraint(
            ["wanted_department_id"],
            ["department.id"],
            name=op.f("fk_case_request_wanted_department_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_request")),
    )
    op.create_index(op.f("ix_case_request_case_id"), "case_request", ["case_id"], unique=False)
    op.create_index(
        "ix_case_request_pending",
        "case_request",
        ["kind", "state"],
        unique=False,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index(
        "uq_case_request_pending",
        "case_request",
        ["case_id", "kind"],
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_table(
        "participant",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by_id", sa.Integer(), nullable=True),
        sa.Column("report_in_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_in_by_id", sa.Integer(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("score_note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "score IS NULL OR score BETWEEN 0 AND 100", name=op.f("ck_participant_score_range")
        ),
        sa.ForeignKeyConstraint(
            ["called_by_id"], ["person.id"], name=op.f("fk_participant_called_by_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_participant_case_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_participant_department_id")
        ),
        sa.ForeignKeyConstraint(["part"], ["case_part.value"], name=op.f("fk_participant_part")),
        sa.ForeignKeyConstraint(
            ["reported_in_by_id"], ["person.id"], name=op.f("fk_participant_reported_in_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
    )
    op.create_index(op.f("ix_participant_case_id"), "participant", ["case_id"], unique=False)
    op.create_index(
        "ix_participant_department_id_part", "participant", ["department_id", "part"], unique=False
    )
    op.create_index(
        "uq_participant_lead",
        "participant",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("part = 'lead'"),
        postgresql_where=sa.text("part = 'lead'"),
    )
    op.create_table(
        "stage_times",
        sa.Column("case_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent", JSON, nullable=False),
        sa.Column("late_us", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_in_time", sa.Boolean(), nullable=True),
        sa.Column("dispatched_in_time", sa.Boolean(), nullable=True),
        sa.Column("handled_in_time", sa.Boolean(), nullable=True),
        sa.Column("checked_in_time", sa.Boolean(), nullable=True),
        sa.Column("dispatches", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("reworks", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("suspensions", sa.Integer(), nullable=False),
        sa.Column("reopenings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_stage_times_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_stage_times")),
    )
    op.create_table(
        "supervision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("case_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("colour", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("reply_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_by_id", sa.Integer(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_supervision_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supervision_case_id")),
        sa.ForeignKeyConstraint(["colour"], ["colour.value"], name=op.f("fk_supervision_colour")),
        sa.ForeignKeyConstraint(
            ["kind"], ["supervision_kind.value"], name=op.f("fk_supervision_kind")
        ),
        sa.ForeignKeyConstraint(
            ["replied_by_id"], ["person.id"], name=op.f("fk_supervision_replied_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
    )
    op.create_index(op.f("ix_supervision_case_id"), "supervision", ["case_id"], unique=False)
    op.create_index(
        "uq_supervision_stands",
        "supervision",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column(
        "cases",
        sa.Column(
            "previous_state",
            sa.String(length=32),
            sa.ForeignKey("case_state.value", name=op.f("fk_cases_previous_state")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("cases", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("stage_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("stage_warn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("stage_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("clock_stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("next_alert_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("verified", sa.Boolean(), nullable=True))
    op.add_column(
        "cases", sa.Column("self_handled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("cases", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "cases",
        sa.Column(
            "assignee_id",
            sa.Integer(),
            sa.ForeignKey("person.id", name=op.f("fk_cases_assignee_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "cases",
        sa.Column(
            "crew_id",
            sa.Integer(),
            sa.ForeignKey("crew.id", name=op.f("fk_cases_crew_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("cases", sa.Column("result", sa.String(), server_default="", nullable=False))
    op.add_column("cases", sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "cases", sa.Column("return_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "cases", sa.Column("rework_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "cases", sa.Column("extension_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "cases", sa.Column("suspension_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "cases",
        sa.Column(
            "merged_into_id",
            BIG_ID,
            sa.ForeignKey("cases.id", name=op.f("fk_cases_merged_into_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "cases", sa.Column("joint", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "cases",
        sa.Column(
            "pressed",
            sa.String(length=32),
            sa.ForeignKey("colour.value", name=op.f("fk_cases_pressed")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "cases", sa.Column("exempt", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("cases", sa.Column("satisfaction", sa.Integer(), nullable=True))
    op.drop_index(op.f("ix_cases_open"), table_name="cases", sqlite_where=OPEN)
    op.create_index(
        "ix_cases_open",
        "cases",
        ["office_id", "area_id", "state", "due_at", "warn_at", "clock_stopped_at"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_cases_lead_open",
        "cases",
        ["lead_department_id", "state", "due_at"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(op.f("ix_cases_merged_into_id"), "cases", ["merged_into_id"], unique=False)
    op.create_index(
        "ix_cases_next_alert_at",
        "cases",
        ["next_alert_at"],
        unique=False,
        sqlite_where=sa.text("next_alert_at IS NOT NULL"),
        postgresql_where=sa.text("next_alert_at IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_state_open",
        "cases",
        ["office_id", "state", "id"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.add_column(
        "duty", sa.Column("is_head", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "photo",
        sa.Column(
            "event_id",
            BIG_ID,
            sa.ForeignKey("case_event.id", name=op.f("fk_photo_event_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    write_reference_rows()


def downgrade() -> None:
    raise RuntimeError("events of these steps would be lost: restore a backup instead")
