"""The first tables: people, places, standards, cases, jobs; reference rows; events guarded."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_first_tables"
down_revision = None
branch_labels = None
depends_on = None

REFERENCE_ROWS = {
    "area_level": ["county", "street", "community", "grid"],
    "calendar_kind": ["china", "weekdays"],
    "case_action": ["reported", "imported", "deadline_recomputed", "placed"],
    "case_source": ["public", "grid_manager", "staff", "import"],
    "case_state": [
        "reported",
        "verifying",
        "opened",
        "dispatched",
        "handling",
        "returned",
        "suspended",
        "answered",
        "checking",
        "closed",
        "not_accepted",
        "cancelled",
        "merged",
    ],
    "class_kind": ["component", "compound", "event"],
    "datum": ["wgs84", "gcj02", "bd09", "cgcs2000"],
    "department_kind": ["office", "centre", "community"],
    "import_outcome": ["running", "done"],
    "job_state": ["waiting", "running", "done", "failed"],
    "limit_unit": ["urgent_hour", "urgent_day", "work_hour", "work_day"],
    "photo_kind": ["near", "far", "before", "after"],
    "placed_by": ["device", "map", "typed", "photo", "import"],
    "role": [
        "grid_manager",
        "dispatcher",
        "department_member",
        "inspector",
        "leader",
        "administrator",
    ],
    "rule_part": ["lead", "informed", "leader"],
}


def write_reference_rows() -> None:
    for name, values in REFERENCE_ROWS.items():
        table = sa.table(name, sa.column("value", sa.String))
        op.bulk_insert(table, [{"value": value} for value in values])


def guard_events() -> None:
    """The database itself refuses to change or remove what has happened."""
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER case_event_no_{verb.lower()} BEFORE {verb} ON case_event"
                " BEGIN SELECT RAISE(ABORT, 'case_event is only ever added to'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION case_event_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'case_event is only ever added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER case_event_no_change BEFORE UPDATE OR DELETE ON case_event"
        " FOR EACH ROW EXECUTE FUNCTION case_event_is_fixed()"
    )


def upgrade() -> None:
    op.create_table(
        "area_level",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_area_level")),
    )
    op.create_table(
        "calendar_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_calendar_kind")),
    )
    op.create_table(
        "case_action",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_case_action")),
    )
    op.create_table(
        "case_source",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_case_source")),
    )
    op.create_table(
        "case_state",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_case_state")),
    )
    op.create_table(
        "class_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_class_kind")),
    )
    op.create_table(
        "datum",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_datum")),
    )
    op.create_table(
        "department_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_department_kind")),
    )
    op.create_table(
        "import_outcome",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_import_outcome")),
    )
    op.create_table(
        "job_state",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_job_state")),
    )
    op.create_table(
        "limit_unit",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_limit_unit")),
    )
    op.create_table(
        "photo_kind",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_photo_kind")),
    )
    op.create_table(
        "placed_by",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_placed_by")),
    )
    op.create_table(
        "role",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_role")),
    )
    op.create_table(
        "rule_part",
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_rule_part")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "payload",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column(
            "result",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["state"], ["job_state.value"], name=op.f("fk_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_leased_until"), "job", ["leased_until"], unique=False)
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_path", sa.String(), nullable=False),
        sa.Column("number_prefix", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(length=32), nullable=False),
        sa.Column(
            "work_hours",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "settings",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar_kind.value"], name=op.f("fk_office_calendar")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("code", name=op.f("uq_office_code")),
        sa.UniqueConstraint("number_prefix", name=op.f("uq_office_number_prefix")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_calendar_day_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("office_id", "day", name=op.f("uq_calendar_day_office_id_day")),
    )
    op.create_table(
        "case_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("group_code", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("plan_task", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["kind"], ["class_kind.value"], name=op.f("fk_case_class_kind")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_case_class_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_class")),
        sa.UniqueConstraint("office_id", "code", name=op.f("uq_case_class_office_id_code")),
    )
    op.create_table(
        "case_number_counter",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_case_number_counter_office_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "day", name=op.f("pk_case_number_counter")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("area_path", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind"], ["department_kind.value"], name=op.f("fk_department_kind")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_department_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("office_id", "code", name=op.f("uq_department_office_id_code")),
    )
    op.create_table(
        "facility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_facility_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("office_id", "code", name=op.f("uq_facility_office_id_code")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("sign_in_epoch", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_person_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_index(op.f("ix_person_office_id"), "person", ["office_id"], unique=False)
    op.create_table(
        "plan_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column(
            "leaders",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "departments",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_plan_task_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_task")),
        sa.UniqueConstraint(
            "office_id", "plan", "number", name=op.f("uq_plan_task_office_id_plan_number")
        ),
    )
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["level"], ["area_level.value"], name=op.f("fk_area_level")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_area_manager_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("parent_id", "code", name=op.f("uq_area_parent_id_code")),
        sa.UniqueConstraint("path", name=op.f("uq_area_path")),
    )
    op.create_index(op.f("ix_area_code"), "area", ["code"], unique=False)
    op.create_index(op.f("ix_area_manager_id"), "area", ["manager_id"], unique=False)
    op.create_table(
        "condition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.Column("limit_amount", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.String(length=32), nullable=False),
        sa.Column("closing_condition", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_id"], ["case_class.id"], name=op.f("fk_condition_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["limit_unit"], ["limit_unit.value"], name=op.f("fk_condition_limit_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition")),
        sa.UniqueConstraint(
            "class_id", "code", "valid_from", name=op.f("uq_condition_class_id_code_valid_from")
        ),
    )
    op.create_index(op.f("ix_condition_class_id"), "condition", ["class_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("area_path", sa.String(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_duty_department_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_person_id")),
        sa.ForeignKeyConstraint(["role"], ["role.value"], name=op.f("fk_duty_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "area_path",
            "department_id",
            name=op.f("uq_duty_person_id_role_area_path_department_id"),
        ),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("mapping_sha256", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("next_row", sa.Integer(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("unplaced", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("contradictory", sa.Integer(), nullable=False),
        sa.Column(
            "unmapped_classes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_import_run_office_id")),
        sa.ForeignKeyConstraint(
            ["outcome"], ["import_outcome.value"], name=op.f("fk_import_run_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_import_run_started_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint(
            "office_id",
            "sha256",
            "mapping_sha256",
            name=op.f("uq_import_run_office_id_sha256_mapping_sha256"),
        ),
    )
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("area_path", sa.String(), nullable=False),
        sa.Column("class_path", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_routing_rule_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_routing_rule_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
    )
    op.create_index(op.f("ix_routing_rule_office_id"), "routing_rule", ["office_id"], unique=False)
    op.create_index(
        op.f("ix_routing_rule_retired_at"), "routing_rule", ["retired_at"], unique=False
    )
    op.create_table(
        "boundary_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(length=32), nullable=False),
        sa.Column("source_name", sa.String(), nullable=False),
        sa.Column("source_sha256", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "findings",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["layer"], ["area_level.value"], name=op.f("fk_boundary_version_layer")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_boundary_version_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_boundary_version_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["street_id"], ["area.id"], name=op.f("fk_boundary_version_street_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_version")),
    )
    op.create_index(
        op.f("ix_boundary_version_office_id"), "boundary_version", ["office_id"], unique=False
    )
    op.create_index(
        op.f("ix_boundary_version_street_id"), "boundary_version", ["street_id"], unique=False
    )
    op.create_table(
        "import_reject",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "source_row",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_reject_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "row", name=op.f("pk_import_reject")),
    )
    op.create_table(
        "routing_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.Column("lead_department_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column(
            "informed",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("area_path", sa.String(), nullable=False),
        sa.Column("class_path", sa.String(), nullable=False),
        sa.Column(
            "reason",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_department_id"],
            ["department.id"],
            name=op.f("fk_routing_decision_lead_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["person.id"], name=op.f("fk_routing_decision_leader_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_routing_decision_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["routing_rule.id"], name=op.f("fk_routing_decision_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_decision")),
        sa.UniqueConstraint("digest", name=op.f("uq_routing_decision_digest")),
    )
    op.create_table(
        "rule_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("community_of_place", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN department_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN community_of_place THEN 1 ELSE 0 END) = 1",
            name=op.f("ck_rule_party_one_party"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_rule_party_department_id")
        ),
        sa.ForeignKeyConstraint(["part"], ["rule_part.value"], name=op.f("fk_rule_party_part")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rule_party_person_id")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["routing_rule.id"], name=op.f("fk_rule_party_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_party")),
    )
    op.create_index(op.f("ix_rule_party_rule_id"), "rule_party", ["rule_id"], unique=False)
    op.create_geospatial_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "boundary",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_community_area_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["boundary_version.id"], name=op.f("fk_community_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
    )
    op.create_geospatial_index(
        "idx_community_boundary",
        "community",
        ["boundary"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_community_area_id"), "community", ["area_id"], unique=False)
    op.create_index(op.f("ix_community_valid_to"), "community", ["valid_to"], unique=False)
    op.create_index(op.f("ix_community_version_id"), "community", ["version_id"], unique=False)
    op.create_geospatial_table(
        "grid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "boundary",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_grid_area_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_grid_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["boundary_version.id"], name=op.f("fk_grid_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
    )
    op.create_geospatial_index(
        "idx_grid_boundary",
        "grid",
        ["boundary"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_grid_area_id"), "grid", ["area_id"], unique=False)
    op.create_index(op.f("ix_grid_community_id"), "grid", ["community_id"], unique=False)
    op.create_index(op.f("ix_grid_valid_to"), "grid", ["valid_to"], unique=False)
    op.create_index(op.f("ix_grid_version_id"), "grid", ["version_id"], unique=False)
    op.create_geospatial_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("facility_id", sa.Integer(), nullable=True),
        sa.Column("raw_x", sa.Double(), nullable=True),
        sa.Column("raw_y", sa.Double(), nullable=True),
        sa.Column("datum", sa.String(length=32), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("placed_by", sa.String(length=32), nullable=False),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("nearest_grid_id", sa.Integer(), nullable=True),
        sa.Column("boundary_version_id", sa.Integer(), nullable=True),
        sa.Column("edge_distance_m", sa.Double(), nullable=True),
        sa.Column("near_edge", sa.Boolean(), nullable=False),
        sa.Column("overlapping", sa.Boolean(), nullable=False),
        sa.Column("routing_decision_id", sa.Integer(), nullable=True),
        sa.Column("lead_department_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("limit_amount", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.String(length=32), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_conflict", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_cases_closed_has_time")
        ),
        sa.CheckConstraint(
            "lead_department_id IS NOT NULL OR state NOT IN ('dispatched', 'handling', 'answered', 'checking', 'suspended')",
            name=op.f("ck_cases_dispatched_has_lead"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_cases_area_id")),
        sa.ForeignKeyConstraint(
            ["boundary_version_id"],
            ["boundary_version.id"],
            name=op.f("fk_cases_boundary_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["condition_id"], ["condition.id"], name=op.f("fk_cases_condition_id")
        ),
        sa.ForeignKeyConstraint(["datum"], ["datum.value"], name=op.f("fk_cases_datum")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_cases_facility_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_cases_grid_id")),
        sa.ForeignKeyConstraint(
            ["lead_department_id"], ["department.id"], name=op.f("fk_cases_lead_department_id")
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_cases_leader_id")),
        sa.ForeignKeyConstraint(
            ["limit_unit"], ["limit_unit.value"], name=op.f("fk_cases_limit_unit")
        ),
        sa.ForeignKeyConstraint(
            ["nearest_grid_id"], ["grid.id"], name=op.f("fk_cases_nearest_grid_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_cases_office_id")),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["placed_by.value"], name=op.f("fk_cases_placed_by")
        ),
        sa.ForeignKeyConstraint(
            ["routing_decision_id"],
            ["routing_decision.id"],
            name=op.f("fk_cases_routing_decision_id"),
        ),
        sa.ForeignKeyConstraint(["source"], ["case_source.value"], name=op.f("fk_cases_source")),
        sa.ForeignKeyConstraint(["state"], ["case_state.value"], name=op.f("fk_cases_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_geospatial_index(
        "idx_cases_location",
        "cases",
        ["location"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    still_open = sa.text("state NOT IN ('cancelled', 'closed', 'merged', 'not_accepted')")
    op.create_index(
        "ix_cases_open",
        "cases",
        ["office_id", "area_id", "state", "due_at", "warn_at"],
        unique=False,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("ix_cases_area_id_state", "cases", ["area_id", "state"], unique=False)
    op.create_index(op.f("ix_cases_condition_id"), "cases", ["condition_id"], unique=False)
    op.create_index(
        op.f("ix_cases_lead_department_id"), "cases", ["lead_department_id"], unique=False
    )
    op.create_index(
        "ix_cases_office_id_reported_at", "cases", ["office_id", "reported_at"], unique=False
    )
    op.create_table(
        "case_candidate",
        sa.Column(
            "case_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_candidate_case_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_case_candidate_grid_id")),
        sa.PrimaryKeyConstraint("case_id", "grid_id", name=op.f("pk_case_candidate")),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "detail",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["action"], ["case_action.value"], name=op.f("fk_case_event_action")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_case_event_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_event_case_id")),
        sa.ForeignKeyConstraint(
            ["from_state"], ["case_state.value"], name=op.f("fk_case_event_from_state")
        ),
        sa.ForeignKeyConstraint(
            ["to_state"], ["case_state.value"], name=op.f("fk_case_event_to_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "case_key",
        sa.Column(
            "case_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("external_source", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("submission_uuid", sa.String(), nullable=True),
        sa.Column("follow_token_sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_key_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_key")),
        sa.UniqueConstraint(
            "external_source", "external_id", name=op.f("uq_case_key_external_source_external_id")
        ),
        sa.UniqueConstraint("follow_token_sha256", name=op.f("uq_case_key_follow_token_sha256")),
        sa.UniqueConstraint("number", name=op.f("uq_case_key_number")),
        sa.UniqueConstraint("submission_uuid", name=op.f("uq_case_key_submission_uuid")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_lon", sa.Double(), nullable=True),
        sa.Column("taken_lat", sa.Double(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_photo_case_id")),
        sa.ForeignKeyConstraint(["kind"], ["photo_kind.value"], name=op.f("fk_photo_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_case_id"), "photo", ["case_id"], unique=False)
    op.create_table(
        "reporter",
        sa.Column(
            "case_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reporter_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reporter_person_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_reporter")),
    )
    write_reference_rows()
    guard_events()


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first tables: restore a backup instead")
