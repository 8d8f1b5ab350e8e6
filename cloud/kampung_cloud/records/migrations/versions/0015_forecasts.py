"""Forecasts by village and morning."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "farm_forecasts",
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("rain", sa.Float(), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("village", "day", name="pk_farm_forecasts"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("farm_forecasts")
