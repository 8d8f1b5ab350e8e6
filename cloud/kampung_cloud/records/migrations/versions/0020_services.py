"""Public services: requests, what was done with them, numbers and letters."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "service_requests",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("service", sa.String(length=63), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("back", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_service_requests"),
    )
    op.create_index("ix_service_requests_person", "service_requests", ["person"])
    op.create_index("ix_service_requests_inbox", "service_requests", ["village", "state", "due"])
    op.create_table(
        "service_steps",
        sa.Column("request", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("request", "n", name="pk_service_steps"),
    )
    op.create_table(
        "letter_counters",
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("village", "scope", "year", name="pk_letter_counters"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("request", sa.String(length=20), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("service", sa.String(length=63), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("signer", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=1200), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("village", "scope", "year", "serial", name="uq_letters_serial"),
        sa.UniqueConstraint("village", "number", name="uq_letters_number"),
    )
    op.create_index("ix_letters_request", "letters", ["request"])


def downgrade() -> None:
    """Take back."""
    for table in ("letters", "letter_counters", "service_steps", "service_requests"):
        op.drop_table(table)
