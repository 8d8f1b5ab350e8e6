"""What planning of messages remembers; messages by time."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alarm_notices",
        sa.Column("alarm", sa.String(length=383), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alarm", name="pk_alarm_notices"),
    )
    op.create_table(
        "message_chains",
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("group", sa.String(length=191), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("alarms", sa.Text(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("before_at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", "group", name="pk_message_chains"),
    )
    op.create_index("ix_message_chains_group", "message_chains", ["group"])
    op.create_index("ix_message_chains_open", "message_chains", ["open"])
    op.create_index("ix_messages_created", "messages", ["created"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_messages_created", "messages")
    op.drop_table("message_chains")
    op.drop_table("alarm_notices")
