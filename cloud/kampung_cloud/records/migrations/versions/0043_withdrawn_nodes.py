"""Kiosks that were withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "node_withdrawals",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("node", sa.String(63), nullable=False, index=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=True),
        sa.Column("epoch", sa.String(64), nullable=True),
        sa.Column("broker", sa.String(8), nullable=False),
        sa.Column("broker_note", sa.String(300), nullable=False),
        sa.Column("restored", sa.BigInteger(), nullable=True),
        sa.Column("restored_by", sa.String(63), nullable=True),
        sa.Column("restored_name", sa.String(80), nullable=True),
        sa.Column("restored_why", sa.String(400), nullable=True),
        sa.Column("mistake", sa.Boolean(), nullable=True),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("node_withdrawals")
