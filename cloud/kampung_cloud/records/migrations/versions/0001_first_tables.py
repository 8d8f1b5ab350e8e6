"""first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "alarm_states",
        sa.Column("rule", sa.String(length=127), nullable=False),
        sa.Column("series", sa.String(length=191), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "series", name=op.f("pk_alarm_states")),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.String(length=383), nullable=False),
        sa.Column("rule", sa.String(length=127), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("series", sa.String(length=191), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarms_village"), ["village"], unique=False)

    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=True),
        sa.Column("epoch", sa.String(length=64), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("digest", name=op.f("uq_dead_letters_digest")),
    )
    op.create_table(
        "documents",
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("village", "key", name=op.f("pk_documents")),
    )
    op.create_table(
        "events",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=63), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("node", "epoch", "seq", "position", name=op.f("pk_events")),
    )
    op.create_table(
        "nodes",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("epoch", sa.String(length=64), nullable=True),
        sa.Column("run", sa.String(length=64), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("spooled", sa.BigInteger(), nullable=True),
        sa.Column("synchronised", sa.Boolean(), nullable=True),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_nodes")),
    )


def downgrade() -> None:
    """Take back."""

    op.drop_table("nodes")
    op.drop_table("events")
    op.drop_table("documents")
    op.drop_table("dead_letters")
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alarms_village"))

    op.drop_table("alarms")
    op.drop_table("alarm_states")
