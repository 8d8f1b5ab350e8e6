"""cases/<profile>/*.switch: what is switched, `>` hex written, `<` hex answered, `=` what comes of it. To add a case, add a file."""

from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.switch"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_case(file: Path, plug, started) -> None:
    """Over a pty: the very bytes are written, and only the answers in the file come back."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    output, state, *seconds = lines[0].split()
    written = [bytes.fromhex(line[1:]) for line in lines if line.startswith(">")]
    answers = [bytes.fromhex(line[1:]) for line in lines if line.startswith("<")]
    heard: list[bytes] = []

    def answer(data: bytes) -> bytes:
        heard.append(data)
        return answers[len(heard) - 1] if written[: len(heard)] == heard and len(heard) <= len(answers) else b""

    wire = plug("bus")
    port = started(wire.path, {"name": "it", "profile": file.parent.name, "every": 86_400}, quiet=True)
    wire.answer = answer
    came = port.switch("it", output, state == "on", seconds=float(seconds[0]) if seconds else None)
    assert heard[: len(written)] == written
    assert f"= {came.code}" == lines[-1], came.detail
