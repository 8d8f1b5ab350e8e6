"""CAP messages that were issued, and BMKG's warnings."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cap_messages",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("alarm", sa.String(length=383), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cap_messages"),
        sa.UniqueConstraint("alarm", "number", name="uq_cap_messages_alarm"),
    )
    op.create_index("ix_cap_messages_newest", "cap_messages", ["newest"])
    op.create_table(
        "bmkg_alerts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("ended", sa.String(length=10), nullable=True),
        sa.Column("villages", sa.JSON(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bmkg_alerts"),
    )
    op.create_index("ix_bmkg_alerts_expires", "bmkg_alerts", ["expires"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("bmkg_alerts")
    op.drop_table("cap_messages")
