"""Acts at kiosks that wait for their alarm; alarms are found by what they became."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alarm_acts",
        sa.Column("id", sa.String(length=127), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("alarm", sa.String(length=383), nullable=False),
        sa.Column("rule", sa.String(length=127), nullable=False),
        sa.Column("scope", sa.String(length=191), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarm_acts"),
    )
    op.create_index("ix_alarm_acts_village", "alarm_acts", ["village"])
    op.create_index("ix_alarms_became", "alarms", ["became"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_alarms_became", "alarms")
    op.drop_table("alarm_acts")
