"""Who changed the keys that sign letters."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "letter_key_log",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("village", sa.String(13), nullable=False, index=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("kid", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("via", sa.String(10), nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("letter_key_log")
