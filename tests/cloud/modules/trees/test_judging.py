"""The rule *sudah tumbuh*, clause by clause, and that nobody gets there alone."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from kampung_cloud.modules.trees.judging import judge
from kampung_cloud.modules.trees.observing import Measure, Observation, Person, Photo, Place, Tree
from kampung_cloud.modules.trees.reasons import Reason, sentences
from kampung_cloud.modules.trees.thresholds import DAY_MS, thresholds

BY = thresholds()
PLANTED = 1_760_000_000_000
HERE = Place(-8.2, 114.2, 6.0)
PLANTER = Person("warga-1", "phone-a", "Sri Wahyuni")
VERIFIER = Person("verif-1", "phone-b", "Budi Santoso")
TREE = Tree("K7QM2X9W", "mangga", False, PLANTED, PLANTER, HERE)


def visit(day: float, height: float | None = None, **changes: object) -> Observation:
    """A good visit so many days after planting."""
    began = PLANTED + round(day * DAY_MS)
    measures = () if height is None else (Measure("height", height, 0.05),)
    made = Observation(
        f"v{day}", VERIFIER, began, began + 300_000, began + 600_000, scanned=False, place=HERE, species="mangga", alive=True,
        damage="none", measures=measures, photo=Photo(began + 60_000),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def codes(*visits: Observation, tree: Tree = TREE) -> list[list[str]]:
    """Why each was refused, in order of time."""
    return [[r.code for r in seen.refusals] for seen in judge(tree, visits, BY).seen]


def test_planted_alive_grown() -> None:
    """A tree that is seen twice, half a year apart, and has grown."""
    assert judge(TREE, [], BY).status == "ditanam"
    assert judge(TREE, [visit(5, 1.0)], BY).status == "hidup"
    found = judge(TREE, [visit(5, 1.0), visit(186, 1.3)], BY)
    assert (found.status, found.since) == ("tumbuh", PLANTED + 186 * DAY_MS)
    assert found.growth is not None
    assert found.growth.grew == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"verifier": PLANTER}, "verifier_is_planter"),
        ({"verifier": Person("akun-lain", "phone-a", "Nama Lain")}, "verifier_is_planter"),
        ({"verifier": Person("akun-lain", "", " sri  WAHYUNI ")}, "verifier_is_planter"),
        ({"received": PLANTED}, "from_the_future"),
        ({"began": PLANTED - DAY_MS, "ended": PLANTED - DAY_MS, "photo": Photo(PLANTED - DAY_MS)}, "before_planting"),
        ({"place": None}, "no_place"),
        ({"place": replace(HERE, accuracy=500.0)}, "accuracy"),
        ({"place": Place(-8.2002, 114.2, 6.0)}, "other_tree"),
        ({"place": Place(-8.21, 114.2, 6.0), "scanned": True}, "tag_far"),
        ({"species": "durian"}, "other_species"),
        ({"photo": None}, "photo_missing"),
        ({"photo": Photo(None)}, "photo_no_time"),
        ({"photo": Photo(PLANTED)}, "photo_outside_visit"),
        ({"photo": Photo(PLANTED + 5 * DAY_MS, "foto pohon J0000000")}, "photo_duplicate"),
        ({"photo": Photo(PLANTED + 5 * DAY_MS, blank=True)}, "photo_blank"),
    ],
)
def test_each_refusal_has_its_name(changes: dict[str, object], code: str) -> None:
    """One thing is wrong, and that is what is said; the tree is as it was."""
    found = judge(TREE, [visit(5, 1.0, **changes)], BY)
    assert [r.code for r in found.seen[0].refusals] == [code]
    assert found.status == "ditanam"


def test_shrinking_and_shooting_up() -> None:
    """Clause (f), the fast ones exempt."""
    assert codes(visit(5, 2.0), visit(190, 1.8)) == [[], ["shrunk"]]
    assert codes(visit(5, 1.0), visit(190, 3.5)) == [[], ["too_fast"]]
    assert codes(visit(5, 1.0), visit(190, 3.5), tree=replace(TREE, fast=True)) == [[], []]
    assert codes(visit(5, 2.0), visit(190, 1.0, damage="heavy")) == [[], []]


def test_boundaries() -> None:
    """Days, metres of growth and of distance from both sides."""
    for day, status in ((184.999, "hidup"), (185, "tumbuh")):
        assert judge(TREE, [visit(5, 1.0), visit(day, 1.5)], BY).status == status
    for height, status in ((1.19, "hidup"), (1.2, "tumbuh")):
        assert judge(TREE, [visit(5, 1.0), visit(185, height)], BY).status == status
    metre = 1 / 111_195
    assert codes(visit(5, 1.0, place=replace(HERE, latitude=-8.2 + 9.9 * metre))) == [[]]
    assert codes(visit(5, 1.0, place=replace(HERE, latitude=-8.2 + 10.1 * metre))) == [["other_tree"]]
    assert codes(visit(5, 1.0, place=Place(-8.2 + 20 * metre, 114.2, 30.0))) == [[]]


def test_what_is_wanting_is_said() -> None:
    """An accepted visit that does not show growth says why not."""
    notes = [
        s.notes[0].code
        for s in judge(TREE, [visit(5, 1.0), visit(60, 1.1), visit(190, 1.1), visit(191), visit(192, 1.1, damage="heavy")], BY).seen
    ]
    assert notes == ["one_visit", "too_soon", "no_growth", "not_measured", "damaged"]


def test_dead_and_replaced() -> None:
    """A verifier's word ends it; a tree that was replaced is visited no more."""
    assert judge(TREE, [visit(5, 1.0), visit(186, 1.3), visit(300, alive=False)], BY).status == "mati"
    gone = replace(TREE, replaced=True)
    assert judge(gone, [visit(5, 1.0)], BY).status == "diganti"
    assert codes(visit(5, 1.0), tree=gone) == [["replaced"]]


def test_place_of_a_tree_registered_at_a_kiosk() -> None:
    """The first visit brings it, and later ones are held to it."""
    tree = replace(TREE, place=None)
    assert codes(visit(5, 1.0, scanned=True, place=None), tree=tree) == [["no_place"]]
    found = judge(tree, [visit(5, 1.0), visit(9, 1.0, place=Place(-8.21, 114.2, 6.0))], BY)
    assert found.place == HERE
    assert [r.code for r in found.seen[1].refusals] == ["other_tree"]


def test_every_reason_can_be_said() -> None:
    """In both languages, with its values, and each clause has one."""
    values = dict.fromkeys(("at", "planted", "value", "limit", "measure"), "7")
    assert {Reason(code, values).clause for code in sentences()} == set("abcdefgh")
    assert all(Reason(code, values).text(language) for code in sentences() for language in ("id", "en"))


@given(st.lists(st.tuples(st.integers(1, 900), st.floats(0.3, 9), st.booleans()), max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_order_of_arrival_does_not_matter(rows: list[tuple[int, float, bool]], dice: random.Random) -> None:
    """Offline visits come late."""
    visits = [visit(day, height, id=f"{i}", scanned=scanned) for i, (day, height, scanned) in enumerate(rows)]
    other = list(visits)
    dice.shuffle(other)
    assert judge(TREE, visits, BY) == judge(TREE, other, BY)


class PlanterAlone(RuleBasedStateMachine):
    """Whoever planted has accounts, phones and names of his own, and does everything else right: every photo new, every place exact,
    growth of any size. He also lets a verifier come once, who is honest; the second look is never his to give."""

    def __init__(self) -> None:
        super().__init__()
        self.visits: list[Observation] = []
        self.day = 1.0
        self.height = 0.5

    @rule(days=st.floats(0.1, 400), growth=st.floats(-0.5, 3), who=st.sampled_from(["account", "phone", "name"]), scanned=st.booleans(),
          alive=st.booleans(), damage=st.sampled_from(["none", "light", "moderate", "heavy"]), collar=st.floats(3, 300))  # fmt: skip
    def plant_and_swear(self, days: float, growth: float, who: str, scanned: bool, alive: bool, damage: str, collar: float) -> None:
        """An observation of his own, under whichever account."""
        self.day += days
        self.height = max(0.1, self.height + growth)
        verifier = {
            "account": Person("warga-1", "phone-z", "Siapa Saja"),
            "phone": Person(f"akun-{len(self.visits)}", "phone-a", "Siapa Saja"),
            "name": Person(f"akun-{len(self.visits)}", "", "Sri Wahyuni"),
        }[who]
        measures = (Measure("height", self.height, 0.05), Measure("collar", collar, 0.5))
        made = visit(self.day, id=f"v{len(self.visits)}", verifier=verifier, scanned=scanned, alive=alive, damage=damage, measures=measures)
        self.visits.append(made)

    @rule(days=st.floats(0.1, 50))
    def an_honest_first_visit(self, days: float) -> None:
        """Once, by somebody else."""
        if not any(v.verifier == VERIFIER for v in self.visits):
            self.day += days
            self.visits.append(visit(self.day, self.height, id=f"v{len(self.visits)}"))

    @invariant()
    def never_grown(self) -> None:
        """By nobody's word but a verifier's, and twice."""
        found = judge(TREE, self.visits, BY)
        assert found.status in {"ditanam", "hidup"}
        assert all(s.observation.verifier == VERIFIER for s in found.seen if s.accepted)


TestPlanterAlone = PlanterAlone.TestCase
TestPlanterAlone.settings = settings(max_examples=50, stateful_step_count=20)
