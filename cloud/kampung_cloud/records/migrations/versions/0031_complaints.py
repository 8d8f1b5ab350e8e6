"""Complaints and suggestions about public services."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "complaints",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(24), nullable=False, unique=True),
        sa.Column("ticket", sa.String(13), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("about", sa.String(10), nullable=False),
        sa.Column("category", sa.String(10), nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("office", sa.String(12), nullable=False),
        sa.Column("past", sa.Boolean(), nullable=False),
        sa.Column("known", sa.String(12), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("writer", sa.LargeBinary(), nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("opened", sa.String(10), nullable=False),
        sa.Column("written", sa.String(10), nullable=False),
        sa.Column("counted", sa.String(10), nullable=False),
        sa.Column("first", sa.String(10), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("objected", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_complaints_inbox", "complaints", ["village", "state", "due"])
    op.create_index("ix_complaints_due", "complaints", ["state", "due"])
    op.create_index("ix_complaints_opened", "complaints", ["opened"])
    op.create_table(
        "complaint_steps",
        sa.Column("complaint", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("opened", sa.String(10), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.String(80), nullable=False),
    )
    op.create_index("ix_suggestions_village", "suggestions", ["village"])
    op.create_index("ix_suggestions_opened", "suggestions", ["opened"])


def downgrade() -> None:
    """Take back."""
    for table in ("suggestions", "complaint_steps", "complaints"):
        op.drop_table(table)
