"""Small files that outlast a power cut: whole or not at all, whatever fails on the way, and one for all who come at once."""

from __future__ import annotations

import multiprocessing
import resource
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud import lasting

CONTEXT = multiprocessing.get_context("spawn")


def _first(file: Path, number: int, begin: Any, out: Any) -> None:
    begin.wait(60)
    lasting.first(file, str(number).encode())
    out.put(file.read_bytes())


def _too_large(file: Path, out: Any) -> None:
    """A limit instead of a full disk: what fails is the write, half-way."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for write in (lasting.put, lasting.first):
        try:
            write(file, b"x" * 5_000)
        except OSError as error:
            out.put(error.strerror)


@given(st.lists(st.binary(max_size=3_000), min_size=1, max_size=5), st.integers(0, 3))
def test_what_was_put_last_is_there_alone(tmp_path_factory: pytest.TempPathFactory, some: list[bytes], depth: int) -> None:
    folder = tmp_path_factory.mktemp("put").joinpath(*["below"] * depth)
    for data in some:
        lasting.put(folder / "key.pem", data, mode=0o600)
        assert (folder / "key.pem").read_bytes() == data
    lasting.first(folder / "key.pem", b"too late")
    assert (folder / "key.pem").read_bytes() == some[-1]
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in folder.iterdir()] == ["key.pem"]


def test_of_several_at_once_one_is_first(tmp_path: Path) -> None:
    file, begin, out = tmp_path / "keys" / "hash.key", CONTEXT.Barrier(4), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=_first, args=(file, number, begin, out)) for number in range(4)]
    for process in processes:
        process.start()
    found = {out.get(timeout=60) for _ in processes}
    for process in processes:
        process.join(60)
    assert found == {file.read_bytes()}
    assert [path.name for path in file.parent.iterdir()] == ["hash.key"]


def test_what_finds_no_room_leaves_what_was_there(tmp_path: Path) -> None:
    lasting.put(tmp_path / "token", b"old")
    out = CONTEXT.Queue()
    for file, said in ((tmp_path / "token", 1), (tmp_path / "other", 2)):
        process = CONTEXT.Process(target=_too_large, args=(file, out))
        process.start()
        assert [out.get(timeout=60) for _ in range(said)] == ["File too large"] * said
        process.join(60)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"token": b"old"}
