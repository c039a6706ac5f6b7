"""Who gave a command that changed the set-up; and that nobody changes what is written down."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_audit_is_fixed"
down_revision = "2026_11_24_cube"
branch_labels = None
depends_on = None

VERBS = ("UPDATE", "DELETE")


def upgrade() -> None:
    op.add_column("audit", sa.Column("command_user", sa.String(), nullable=True))
    if op.get_context().dialect.name == "sqlite":
        for verb in VERBS:
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'audit is only ever added to'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'audit is only ever added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_is_fixed()"
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for verb in VERBS:
            op.execute(f"DROP TRIGGER audit_no_{verb.lower()}")
    else:
        op.execute("DROP TRIGGER audit_no_change ON audit")
        op.execute("DROP FUNCTION audit_is_fixed()")
    op.drop_column("audit", "command_user")
