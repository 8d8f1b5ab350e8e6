"""What villages open to everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "openings",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("quantity", sa.String(63), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_openings_village", "openings", ["village", "quantity"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("openings")
