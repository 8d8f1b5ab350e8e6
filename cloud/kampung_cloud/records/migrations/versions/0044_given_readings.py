"""Readings that the API's process gives to ingest processes."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "given_readings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("area", sa.String(13), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("refused", sa.String(), nullable=True),
    )
    op.create_index("ix_given_readings_area", "given_readings", ["area"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("given_readings")
