"""What the gate answers, and why: a pure function of the policy, who asks for what, and the trees that he names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kampung_contract.errors import InvalidRequest

from kampung_cloud.gate.catalogue import catalogue
from kampung_cloud.gate.denylist import denied
from kampung_cloud.gate.policy import Policy

Outcome = Literal["no_policy", "a_right", "not_named", "exempt", "proof", "pledge", "asked", "refused"]
GOOD = {"planting": frozenset({"ditanam", "hidup", "tumbuh"}), "strict": frozenset({"tumbuh"})}
WORDS = {"planting": "sudah ditanam dan hidup", "strict": "sudah tumbuh"}


@dataclass(frozen=True, slots=True)
class Proof:
    """A tree that the applicant names: its ``status`` now, whether he planted it, and whether it served another letter before."""

    code: str
    status: str
    his: bool
    used: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """``exemptions`` as the village office has seen them; ``pledges``: he pledges now; ``overdue``: an earlier pledge is not kept."""

    exemptions: frozenset[str] = frozenset()
    proofs: tuple[Proof, ...] = ()
    pledges: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """``allowed`` and why, in Indonesian and English; ``due`` is the last day of a pledge; ``trees`` those that count."""

    allowed: bool
    outcome: Outcome
    reason: dict[str, str]
    due: dt.date | None = None
    trees: tuple[str, ...] = ()


def decide(policy: Policy | None, service: str, applicant: Applicant, day: dt.date) -> Decision:
    """Whether the service may be given today. A right is given whatever the policy says. Raises ``InvalidRequest`` for an exemption that
    the policy does not know."""
    known = catalogue().get(service)
    right = denied(service, known.title if known else "")
    if right is not None:
        return _yes("a_right", f"Hak warga ({right.right}): tidak pernah bergantung pada pohon.", "A right: it never depends on a tree.")
    if policy is None or not policy.in_force(day):
        return _yes("no_policy", "Tidak ada aturan yang berlaku hari ini.", "No policy is in force today.")
    if service not in policy.services:
        return _yes("not_named", f"Surat ini tidak disebut dalam {policy.decree}.", f"{policy.decree} does not name this letter.")
    for name in sorted(applicant.exemptions):
        if name not in policy.exemptions:
            raise InvalidRequest(f"exemption = {name[:40]!r}: the policy knows {', '.join(policy.exemptions)}")
        title = policy.exemptions[name].title
        return _yes("exempt", f"Dibebaskan: {title['id']}.", f"Exempt: {title.get('en', title['id'])}.")
    return _asked(policy, applicant, day)


def _asked(policy: Policy, applicant: Applicant, day: dt.date) -> Decision:
    good = tuple(p.code for p in applicant.proofs if p.his and not p.used and p.status in GOOD[policy.mode])
    if "proof" in policy.accepts and len(good) >= policy.trees:
        return _yes("proof", f"Pohonnya {WORDS[policy.mode]}.", "The tree is there.", trees=good[: policy.trees])
    if "pledge" in policy.accepts and applicant.pledges and not applicant.overdue:
        due = day + dt.timedelta(policy.grace_days)
        return _yes("pledge", f"Dengan janji menanam paling lambat {due}.", f"With a pledge to plant by {due}.", due=due)
    wrong = _wrong(policy, applicant.proofs)
    how_id, how_en = _how(policy, overdue=applicant.overdue)
    plot_id = "Yang tidak punya lahan menanam di petak desa."
    plot_en = "Who has no land plants on the village plot."
    if not policy.binding:
        text = f"Diminta menanam, tetapi surat tetap diberikan: isi {policy.decree} belum dipastikan. {how_id} {plot_id}"
        return _yes(
            "asked", text, f"Asked to plant, but the letter is given: the text of {policy.decree} is not confirmed. {how_en} {plot_en}"
        )
    return Decision(
        False,
        "refused",
        {"id": " ".join(filter(None, (wrong[0], how_id, plot_id))), "en": " ".join(filter(None, (wrong[1], how_en, plot_en)))},
    )


def _wrong(policy: Policy, proofs: Sequence[Proof]) -> tuple[str, str]:
    for proof in proofs:
        if not proof.his:
            return f"Pohon {proof.code} bukan atas nama pemohon.", f"Tree {proof.code} is not the applicant's."
        if proof.used:
            return f"Pohon {proof.code} sudah dipakai untuk surat lain.", f"Tree {proof.code} served another letter."
        if proof.status not in GOOD[policy.mode]:
            return f"Pohon {proof.code} berstatus {proof.status}.", f"Tree {proof.code} is {proof.status}."
    return "", ""


def _how(policy: Policy, *, overdue: bool) -> tuple[str, str]:
    """What he can do about it."""
    ways_id, ways_en = [], []
    if "proof" in policy.accepts:
        ways_id.append(f"sebutkan kode {policy.trees} pohon yang {WORDS[policy.mode]}")
        ways_en.append(f"name the code of {policy.trees} tree(s)")
    if "pledge" in policy.accepts:
        ways_id.append("tunaikan dulu janji yang lewat waktu" if overdue else f"berjanji menanam dalam {policy.grace_days} hari")
        ways_en.append("keep the overdue pledge first" if overdue else f"pledge to plant within {policy.grace_days} days")
    first_id, first_en = " atau ".join(ways_id), " or ".join(ways_en)
    return f"{first_id[0].upper()}{first_id[1:]}.", f"{first_en[0].upper()}{first_en[1:]}."


def _yes(outcome: Outcome, indonesian: str, english: str, *, due: dt.date | None = None, trees: tuple[str, ...] = ()) -> Decision:
    return Decision(True, outcome, {"id": indonesian, "en": english}, due, trees)
