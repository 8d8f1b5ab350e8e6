"""People, silences, messages and their delivery, and what people did about alarms."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("name", sa.String(length=127), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("quiet", sa.JSON(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_village", "people", ["village"])
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=True),
        sa.Column("rule", sa.String(length=127), nullable=True),
        sa.Column("node", sa.String(length=63), nullable=True),
        sa.Column("device", sa.String(length=63), nullable=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("group", sa.String(length=191), nullable=False),
        sa.Column("alarms", sa.JSON(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("short", sa.String(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_code", "messages", ["code"])
    op.create_index("ix_messages_group", "messages", ["group"])
    op.create_index("ix_messages_person", "messages", ["person"])
    op.create_index("ix_messages_state", "messages", ["state"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=191), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("address", sa.String(length=191), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("provider", sa.String(length=191), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
    )
    op.create_index("ix_deliveries_message", "deliveries", ["message"])
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=True),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscriptions"),
    )
    op.create_index("ix_push_subscriptions_person", "push_subscriptions", ["person"])
    op.create_index("ix_push_subscriptions_village", "push_subscriptions", ["village"])
    op.create_table(
        "alarm_handling",
        sa.Column("alarm", sa.String(length=383), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=80), nullable=True),
        sa.Column("acknowledged_via", sa.String(length=16), nullable=True),
        sa.Column("assigned", sa.BigInteger(), nullable=True),
        sa.Column("assigned_to", sa.String(length=80), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("verdict_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("alarm", name="pk_alarm_handling"),
    )
    op.create_index("ix_alarm_handling_village", "alarm_handling", ["village"])
    op.create_table(
        "alarm_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("alarm", sa.String(length=383), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarm_log"),
        sa.UniqueConstraint("key", name="uq_alarm_log_key"),
    )
    op.create_index("ix_alarm_log_alarm", "alarm_log", ["alarm"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("alarm_log")
    op.drop_table("alarm_handling")
    op.drop_table("push_subscriptions")
    op.drop_table("deliveries")
    op.drop_table("messages")
    op.drop_table("silences")
    op.drop_table("people")
