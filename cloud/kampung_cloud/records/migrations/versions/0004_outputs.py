"""outputs, commands to them, and their audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = "output_log is append-only"


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "outputs",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("title", sa.String(length=127), nullable=False),
        sa.Column("device", sa.String(length=127), nullable=False),
        sa.Column("model", sa.String(length=127), nullable=False),
        sa.Column("origin", sa.String(length=127), nullable=False),
        sa.Column("max_on", sa.Integer(), nullable=False),
        sa.Column("guard", sa.String(length=127), nullable=False),
        sa.Column("guard_age", sa.Integer(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("node", "name", name=op.f("pk_outputs")),
    )
    op.create_index(op.f("ix_outputs_village"), "outputs", ["village"], unique=False)
    op.create_table(
        "commands",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("output", sa.String(length=63), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("last_sent", sa.BigInteger(), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index(op.f("ix_commands_node"), "commands", ["node"], unique=False)
    op.create_index(op.f("ix_commands_state"), "commands", ["state"], unique=False)
    op.create_table(
        "output_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=191), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("output", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("command", sa.String(length=63), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_output_log")),
        sa.UniqueConstraint("key", name=op.f("uq_output_log_key")),
    )
    op.create_index(op.f("ix_output_log_village"), "output_log", ["village"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER output_log_no_{verb.lower()} BEFORE {verb} ON output_log BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
    else:
        op.execute(
            f"CREATE FUNCTION output_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER output_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON output_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION output_log_append_only()"
        )


def downgrade() -> None:
    """Take back."""

    op.drop_table("output_log")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION output_log_append_only()")
    op.drop_table("commands")
    op.drop_table("outputs")
