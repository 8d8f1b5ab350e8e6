"""alarms over several sensors, their furthest value, and those that late readings withdrew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. What older alarms looked at was their series, and the value that raised them is all that is known of them."""
    with op.batch_alter_table("alarms") as table:
        table.add_column(sa.Column("scope", sa.String(length=191), nullable=True))
        table.add_column(sa.Column("worst", sa.Float(), nullable=True))
        table.add_column(sa.Column("worst_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("scale", sa.String(length=10), nullable=False, server_default="waspada"))
        table.add_column(sa.Column("about", sa.String(length=15), nullable=False, server_default="other"))
        table.add_column(sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("became", sa.String(length=383), nullable=True))
        table.alter_column("threshold", existing_type=sa.Float(), nullable=True)
    op.execute("UPDATE alarms SET scope = series, worst = value, worst_at = since")
    with op.batch_alter_table("alarms") as table:
        table.alter_column("scope", existing_type=sa.String(length=191), nullable=False)
        table.alter_column("worst", existing_type=sa.Float(), nullable=False)
        table.alter_column("worst_at", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("scale", existing_type=sa.String(length=10), server_default=None)
        table.alter_column("about", existing_type=sa.String(length=15), server_default=None)
        table.alter_column("withdrawn", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    """Take back."""
    op.execute("UPDATE alarms SET threshold = value WHERE threshold IS NULL")
    with op.batch_alter_table("alarms") as table:
        table.alter_column("threshold", existing_type=sa.Float(), nullable=False)
        for name in ("scope", "worst", "worst_at", "scale", "about", "withdrawn", "became"):
            table.drop_column(name)
