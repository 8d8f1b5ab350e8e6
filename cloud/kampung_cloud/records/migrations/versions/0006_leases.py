"""several ingest processes: who takes in for which kecamatan, and whose each row of the telemetry log's state is."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SHARED = ("telemetry_packs", "telemetry_estimates", "telemetry_corrections")


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "leases",
        sa.Column("area", sa.String(length=13), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=127), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_leases")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=127), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    for table in SHARED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("share", sa.String(length=63), nullable=False, server_default=""))
        op.create_index(op.f(f"ix_{table}_share"), table, ["share"], unique=False)
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wanted", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take back."""

    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.drop_column("outcome")
        batch_op.drop_column("wanted")
    for table in SHARED:
        op.drop_index(op.f(f"ix_{table}_share"), table)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("share")
    op.drop_table("workers")
    op.drop_table("leases")
