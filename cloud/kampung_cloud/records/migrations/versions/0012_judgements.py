"""Judgements that came after their readings."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "judgements",
        sa.Column("series", sa.String(length=191), nullable=False),
        sa.Column("t", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("v", sa.Float(), nullable=False),
        sa.Column("test", sa.String(length=15), nullable=False),
        sa.Column("flag", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "t", "v", "test", name="pk_judgements"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("judgements")
