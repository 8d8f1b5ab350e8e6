"""What is over its time: proposals, certificates, and what is held back."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "destructions",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("second", sa.String(63), nullable=False),
        sa.Column("second_name", sa.String(80), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("village", "n", name="uq_destructions_village"),
    )
    op.create_index("ix_destructions_village", "destructions", ["village", "state"])
    op.create_table(
        "destruction_items",
        sa.Column("destruction", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(24), primary_key=True),
        sa.Column("subject", sa.String(40), primary_key=True),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "retention_holds",
        sa.Column("village", sa.String(13), primary_key=True),
        sa.Column("kind", sa.String(24), primary_key=True),
        sa.Column("subject", sa.String(40), primary_key=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("retention_holds")
    op.drop_table("destruction_items")
    op.drop_table("destructions")
