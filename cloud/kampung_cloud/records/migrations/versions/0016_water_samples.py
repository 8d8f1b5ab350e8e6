"""Laboratory samples of rivers."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "water_samples",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("water", sa.Integer(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("below", sa.JSON(), nullable=False),
        sa.Column("water_temperature", sa.Float(), nullable=True),
        sa.Column("natural_temperature", sa.Float(), nullable=True),
        sa.Column("laboratory", sa.String(length=120), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=80), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_water_samples"),
        sa.UniqueConstraint("village", "place", "taken", "live", name="uq_water_samples_village"),
    )
    op.create_index("ix_water_samples_village", "water_samples", ["village"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("water_samples")
