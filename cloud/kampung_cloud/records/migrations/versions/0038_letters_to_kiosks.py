"""Mail to kiosks; copies of letters printed there; events are found by their type."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "kiosk_mail",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_kiosk_mail_village", "kiosk_mail", ["village"])
    op.create_table(
        "letter_prints",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("letter", sa.String(40), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("node", sa.String(63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("printed", sa.BigInteger()),
    )
    op.create_index("ix_letter_prints_letter", "letter_prints", ["letter"])
    op.create_index("ix_events_type", "events", ["type", "received"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_events_type", "events")
    op.drop_table("letter_prints")
    op.drop_table("kiosk_mail")
