"""The documents say what is so: commands, targets, links and decisions that are named are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import LONG

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "document", ["README.md", "ARCHITECTURE.md", "docs/proof.md", "docs/decisions/README.md", "edge/README.md", "cloud/README.md"]
)
def test_links_lead_somewhere(document: str) -> None:
    """Every relative link of a document names a file that is there."""
    path = ROOT / document
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not link.startswith("http") and not (path.parent / link).exists()]
    assert missing == []


def test_every_decision_is_listed() -> None:
    """A note nobody finds decides nothing."""
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    notes = {p.name for p in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert notes == set(re.findall(r"\((\d{4}[^)]+)\)", index))


def test_make_targets_named_in_the_readme_exist() -> None:
    """`make x` in the README is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)\b", README)) <= targets


def test_what_the_page_of_proof_names_is_there() -> None:
    """Its tests, its benchmarks among the long ones of `make nightly`, its make targets."""
    page = (ROOT / "docs/proof.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`", page)
    assert len(named) > 20
    assert [n for n in named if f"def {n[1]}(" not in (ROOT / n[0]).read_text(encoding="utf-8")] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    benchmarks = set(re.findall(r"benchmark `([a-z_]+)`", page))
    assert benchmarks <= set(LONG)
    assert benchmarks <= set(re.findall(r"[a-z_]+", " ".join(re.findall(r"-m benchmarks ([a-z_ ]+)", makefile))))
    assert set(re.findall(r"`make ([a-z]+)`", page)) <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("program", ["kampung-edge", "kampung-cloud", "kampung-bridge", "kampung-sim"])
def test_commands_named_in_the_readme_exist(program: str) -> None:
    """Each `program word` of the README is a command its --help lists."""
    table = re.search(rf"^\| `{program} .*$", README, re.MULTILINE)
    assert table is not None
    row = table.group()
    named = {row.split("`")[1].split()[1], *re.findall(r"`([a-z-]+)`", row)}
    shown = subprocess.run(
        [str(Path(sys.executable).with_name(program)), "--help"], capture_output=True, text=True, check=True, timeout=180
    )
    assert named <= set(re.findall(r"[a-z-]+", shown.stdout)), named


def test_no_file_of_the_project_is_over_500_lines() -> None:
    """The house rule: split at 500."""
    tracked = subprocess.run(["git", "ls-files", "*.py", "*.ts", "*.svelte", "*.css"], cwd=ROOT, capture_output=True, text=True, check=True)
    long = {f: n for f in tracked.stdout.split() if (n := len((ROOT / f).read_text(encoding="utf-8").splitlines())) > 500}
    assert long == {}


@pytest.mark.parametrize(("program", "example"), [("kampung-edge", "edge/edge.toml"), ("kampung-cloud", "cloud/cloud.toml")])
def test_the_example_configurations_are_good(program: str, example: str, tmp_path: Path) -> None:
    """What a technician copies is accepted by the program it is for."""
    copy = tmp_path / "example.toml"
    copy.write_bytes((ROOT / example).read_bytes())
    command = [str(Path(sys.executable).with_name(program)), "check", "--config", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
