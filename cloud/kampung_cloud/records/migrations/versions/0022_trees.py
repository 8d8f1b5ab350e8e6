"""Trees, visits, photos, plots, pledges."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "trees",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("species", sa.String(length=31), nullable=False),
        sa.Column("said", sa.String(length=80), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("accuracy", sa.Float(), nullable=True),
        sa.Column("plot", sa.String(length=63), nullable=False),
        sa.Column("planter_name", sa.String(length=80), nullable=False),
        sa.Column("planter_account", sa.String(length=63), nullable=False),
        sa.Column("planter_phone", sa.String(length=64), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("planted", sa.String(length=10), nullable=False),
        sa.Column("height", sa.Float(), nullable=True),
        sa.Column("dbh", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("growth", sa.JSON(), nullable=False),
        sa.Column("replaces", sa.String(length=8), nullable=False),
        sa.Column("replaced_by", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("event", sa.String(length=191), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_trees"),
        sa.UniqueConstraint("event", name="uq_trees_event"),
    )
    op.create_index("ix_trees_changed", "trees", ["changed"])
    op.create_index("ix_trees_planter_phone", "trees", ["planter_phone"])
    op.create_index("ix_trees_village", "trees", ["village"])
    op.create_table(
        "tree_visits",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("tree", sa.String(length=8), nullable=False),
        sa.Column("verifier", sa.String(length=63), nullable=False),
        sa.Column("verifier_name", sa.String(length=80), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("scanned", sa.Boolean(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("accuracy", sa.Float(), nullable=True),
        sa.Column("species", sa.String(length=31), nullable=False),
        sa.Column("alive", sa.Boolean(), nullable=False),
        sa.Column("damage", sa.String(length=10), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=280), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tree_visits"),
    )
    op.create_index("ix_tree_visits_received", "tree_visits", ["received"])
    op.create_index("ix_tree_visits_tree", "tree_visits", ["tree"])
    op.create_index("ix_tree_visits_verifier", "tree_visits", ["verifier"])
    op.create_table(
        "tree_photos",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("tree", sa.String(length=8), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha", name="pk_tree_photos"),
    )
    op.create_index("ix_tree_photos_tree", "tree_photos", ["tree"])
    op.create_table(
        "tree_plots",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("radius", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tree_plots"),
    )
    op.create_index("ix_tree_plots_village", "tree_plots", ["village"])
    op.create_table(
        "tree_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tree", sa.String(length=8), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("now", sa.String(length=10), nullable=False),
        sa.Column("visit", sa.String(length=63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tree_changes"),
    )
    op.create_index("ix_tree_changes_at", "tree_changes", ["at"])
    op.create_index("ix_tree_changes_tree", "tree_changes", ["tree"])
    op.create_table(
        "tree_refusals",
        sa.Column("event", sa.String(length=191), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("why", sa.String(length=400), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_tree_refusals"),
    )
    op.create_index("ix_tree_refusals_at", "tree_refusals", ["at"])
    op.create_table(
        "tree_pledges",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("decree", sa.String(length=191), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.Column("tree", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_tree_pledges"),
    )
    op.create_index("ix_tree_pledges_person", "tree_pledges", ["person"])
    op.create_index("ix_tree_pledges_tree", "tree_pledges", ["tree"])
    op.create_index("ix_tree_pledges_village", "tree_pledges", ["village"])


def downgrade() -> None:
    """Take back."""
    for table in ("tree_pledges", "tree_refusals", "tree_changes", "tree_plots", "tree_photos", "tree_visits", "trees"):
        op.drop_table(table)
