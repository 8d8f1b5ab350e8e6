"""Failures to protect personal data."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "breaches",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.BigInteger(), nullable=True),
        sa.Column("public", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_breaches_village", "breaches", ["village"])
    op.create_table(
        "breach_steps",
        sa.Column("breach", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_table(
        "breach_persons",
        sa.Column("breach", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(24), primary_key=True),
        sa.Column("resident", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(120), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.Column("how", sa.String(80), nullable=False),
    )
    op.create_index("ix_breach_persons_resident", "breach_persons", ["resident"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("breach_persons")
    op.drop_table("breach_steps")
    op.drop_table("breaches")
