"""Tickets of the offices' queues."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "queue_tickets",
        sa.Column("token", sa.String(32), primary_key=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("node", sa.String(63), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.String(8), nullable=False),
        sa.Column("line", sa.String(1), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("priority", "doubtful", "simulated")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("taken", "called", "began", "ended")),
    )
    op.create_index("ix_queue_tickets_village_day", "queue_tickets", ["village", "day"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("queue_tickets")
