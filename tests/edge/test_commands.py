"""Commands on the kiosk: judged by its clock, carried out at most once, answered once, whatever dies in between."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_contract.command import Command, encode_command
from kampung_contract.errors import InvalidCommand, KampungError, StorageUnavailable
from kampung_contract.pack import decode
from kampung_contract.topics import Address, Lane
from kampung_edge import commands as module
from kampung_edge import output as output_module
from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.commands import Commands
from kampung_edge.output import Output
from kampung_edge.output_config import OutputSetting
from kampung_edge.spool import Spool
from kampung_edge.spool_commands import Mark

from .relay import Relay

ADDRESS = Address("35.10.24.2008", "kiosk-1")
SETTING = OutputSetting(name="pompa", device="relay-1", output="relay_1", max_on=60)
Make = Callable[..., "Kiosk"]


class Crash(BaseException):
    """The process is gone at this very place."""


class Dying(Spool):
    """A spool whose process dies at a chosen place."""

    die_at = ""

    def take_command(self, mark: Mark, expires: int, now: int | None) -> bool:
        if self.die_at == "before it is taken":
            raise Crash
        new = super().take_command(mark, expires, now)
        if self.die_at == "after it is taken":
            raise Crash
        return new

    def append(self, drafts: Any, boot: str, clock: Any, also: Any = None) -> list[int]:
        answers = any(e["type"] == "reply" for d in drafts for e in d.events)
        if answers and self.die_at == "before the reply is stored":
            raise Crash
        if answers and self.die_at == "while the reply is stored":

            def torn(db: sqlite3.Connection) -> None:
                also(db)
                raise Crash

            super().append(drafts, boot, clock, torn)
        numbers = super().append(drafts, boot, clock, also)
        if answers and self.die_at == "after the reply is stored":
            raise Crash
        return numbers


class Kiosk:
    """Commands, one output and a spool: one life of the process."""

    def __init__(self, path: Path, relay: Relay, synchronised: bool = True, ready: Callable[[], None] | None = None) -> None:
        self.relay = relay
        self.spool = Dying(path) if ready is None else Dying(path, later=True, ready=ready)
        self.commands = Commands(self.spool, EdgeClock(synchronised))
        trouble = lambda: None  # noqa: E731
        self.output = Output(SETTING, switch=relay, longest=None, trouble=trouble, tell=lambda c: self.commands.tell("pompa", c))
        before = len(self.events("output")) if ready is None else 0
        self.commands.serve({"pompa": self.output}, lambda: None)
        self.threads = [threading.Thread(target=self._live, args=(body,), daemon=True) for body in (self.commands.run, self.output.run)]
        for thread in self.threads:
            thread.start()
        self._before = before

    @property
    def told(self) -> bool:
        """Something about the output is stored that was not before this life."""
        return len(self.events("output")) > self._before

    def _live(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Crash:
            self.output._stopping.set()
            self.output._leave = lambda: None  # type: ignore[method-assign]
            self.output._wake.set()

    @property
    def dead(self) -> bool:
        return not self.threads[0].is_alive()

    def give(self, command: Command) -> None:
        self.commands.received(ADDRESS.command(command.id), encode_command(command), retained=False)

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = self.spool.peek(10_000)
        assert all(w.lane is Lane.EVENT for w in found)
        return [e for w in found for e in decode(w.payload).events if e["type"] == kind]

    def replies(self) -> list[tuple[str, str]]:
        return [(e["answer"], e["code"]) for e in self.events("reply")]

    def stop(self) -> None:
        self.output.stop()
        self.threads[1].join(60)
        self.commands.stop()
        self.threads[0].join(60)
        self.spool.close()


@pytest.fixture
def make(tmp_path: Path, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Kiosks on one spool file, one after the other; each has been switched off at start when it is given."""
    monkeypatch.setattr(output_module, "RETRY_S", (0.02, 0.05))
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    lives: list[Kiosk] = []

    def of(relay: Relay, **more: Any) -> Kiosk:
        kiosk = Kiosk(tmp_path / "spool.sqlite", relay, **more)
        lives.append(kiosk)
        until(lambda: kiosk.output.state == "off" and kiosk.told, "it is off and says so")
        return kiosk

    yield of
    for kiosk in lives:
        kiosk.stop()


def command(number: str = "c1", on: bool = True, at: int | None = None, life: int = 60_000, output: str = "pompa") -> Command:
    """Given now, for a minute."""
    given = wall_ms() if at is None else at
    return Command(number, given, given + life, output, on, "Bu Sari", "kebun kering", 30 if on else None)


def test_it_is_done_and_answered_with_its_change_in_one_pack(make: Make, until: Callable[..., Any]) -> None:
    """The reply names the end; the change names the command."""
    kiosk = make(Relay())
    kiosk.give(command())
    until(kiosk.replies, "the reply")
    (pack,) = [decode(w.payload) for w in kiosk.spool.peek(10) if any(e["type"] == "reply" for e in decode(w.payload).events)]
    change, reply = pack.events
    assert (reply["command"], reply["answer"], reply["state"], reply["until"]) == ("c1", "done", "on", change["until"])
    assert (change["type"], change["state"], change["cause"], change["command"]) == ("output", "on", "command", "c1")
    assert change["order"] > kiosk.events("output")[0]["order"]


def test_the_same_command_again_is_neither_done_nor_answered_again(make: Make, until: Callable[..., Any]) -> None:
    """While it is under way, after it was answered, and after a restart."""
    relay = Relay()
    kiosk = make(relay)
    one = command()
    relay.may_go_on, relay.entered = threading.Event(), threading.Event()
    kiosk.give(one)
    until(relay.entered.is_set, "it is under way")
    kiosk.give(one)
    relay.may_go_on.set()
    until(kiosk.replies, "the reply")
    kiosk.give(one)
    kiosk.give(command("c2", on=False))
    until(lambda: len(kiosk.replies()) == 2, "the second reply")
    kiosk.stop()
    again = make(relay)
    again.give(one)
    again.give(command("c3", on=False))
    until(lambda: len(again.replies()) == 3, "the third reply")
    assert [e["command"] for e in again.events("reply")] == ["c1", "c2", "c3"]
    assert relay.ons == 1


PLACES = [
    "before it is taken",
    "after it is taken",
    "before the reply is stored",
    "while the reply is stored",
    "after the reply is stored",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_process_that_dies_anywhere_does_it_at_most_once_and_answers_once(place: str, make: Make, until: Callable[..., Any]) -> None:
    """The regency sends it again after the restart: only what nobody had begun is carried out then."""
    relay = Relay()
    first = make(relay)
    first.spool.die_at = place
    one = command()
    first.give(one)
    until(lambda: first.dead, "it is dead")
    second = make(relay)
    assert relay.on is False, "a restart switches off"
    second.give(one)
    until(lambda: any(e["command"] == "c1" for e in second.events("reply")), "a reply; the marker would overtake what has not begun")
    second.give(command("c2", on=False))
    until(lambda: any(e["command"] == "c2" for e in second.events("reply")), "the marker is answered")
    assert relay.ons <= 1
    (reply,) = [e for e in second.events("reply") if e["command"] == "c1"]
    match place:
        case "before it is taken" | "after the reply is stored":
            assert (reply["answer"], relay.ons) == ("done", 1)
        case "after it is taken":
            assert (reply["answer"], reply["code"], relay.ons) == ("failed", "interrupted", 0)
        case _:
            assert (reply["answer"], reply["code"], relay.ons) == ("failed", "interrupted", 1)


@pytest.mark.parametrize(
    ("given", "synchronised", "answer"),
    [
        (lambda: command(at=wall_ms() - 60_000, life=59_000), True, ("refused", "expired")),
        (lambda: command(on=False, at=wall_ms() - 60_000, life=59_000), True, ("refused", "expired")),
        (lambda: command(at=wall_ms() + 120_000), True, ("refused", "clock_disagrees")),
        (lambda: command(on=False, at=wall_ms() + 120_000), True, ("done", "done")),
        (lambda: command(at=wall_ms() - 3_600_000, life=7_200_000), True, ("refused", "forgotten")),
        (command, False, ("refused", "clock_unsynchronised")),
        (lambda: command(on=False), False, ("done", "done")),
        (lambda: command(on=False, at=1_600_000_000_000), False, ("done", "done")),
        (lambda: command(output="pintu"), True, ("refused", "unknown_output")),
    ],
)
def test_what_cannot_be_judged_is_not_switched_on(
    make: Make, until: Callable[..., Any], given: Callable[[], Command], synchronised: bool, answer: tuple[str, str]
) -> None:
    """Too late, from another time, from before this memory, or by a kiosk that does not know the time; off is safe and done in doubt."""
    relay = Relay()
    kiosk = make(relay, synchronised=synchronised)
    kiosk.give(given())
    until(kiosk.replies, "the reply")
    assert kiosk.replies() == [answer]
    assert relay.ons == 0
    assert answer[0] == "done" or len(kiosk.events("reply")[0]["detail"]) > 20


def test_the_later_word_counts(make: Make, until: Callable[..., Any]) -> None:
    """Also over a restart: an older command that comes late changes nothing."""
    relay = Relay()
    kiosk = make(relay)
    older, newer = command("c1"), command("c2", on=False, at=wall_ms() + 1)
    kiosk.give(newer)
    until(kiosk.replies, "the newer one")
    kiosk.give(older)
    until(lambda: len(kiosk.replies()) == 2, "the older one")
    assert kiosk.replies()[1] == ("refused", "overtaken")
    kiosk.stop()
    again = make(relay)
    again.give(command("c3", at=older.at))
    until(lambda: len(again.replies()) == 3, "one of the same time")
    assert again.replies()[2] == ("refused", "overtaken")
    assert relay.ons == 0


def test_what_is_no_command_changes_nothing(make: Make) -> None:
    """Retained, empty, garbage, under another's topic."""
    kiosk = make(Relay())
    one = command()
    kiosk.commands.received(ADDRESS.command("c1"), encode_command(one), retained=True)
    kiosk.commands.received(ADDRESS.command("c1"), b"", retained=False)
    for topic, payload in ((ADDRESS.command("c1"), b"{}"), (ADDRESS.command("c2"), encode_command(one)), ("x", encode_command(one))):
        with pytest.raises(KampungError):
            kiosk.commands.received(topic, payload, retained=False)
    assert kiosk.commands._queue.qsize() == 0


def test_a_disk_that_takes_nothing(make: Make, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be remembered is not switched on; off works all the same and is told once the disk takes it."""
    relay = Relay()
    kiosk = make(relay)
    full = StorageUnavailable("spool.sqlite: database or disk is full")

    def refuse(*_: Any) -> Any:
        raise full

    with monkeypatch.context() as disk:
        disk.setattr(kiosk.spool, "take_command", refuse)
        disk.setattr(kiosk.spool, "append", refuse)
        kiosk.give(command("c1"))
        kiosk.give(command("c2", on=False))
        until(lambda: kiosk.commands.trouble, "health tells")
        assert relay.ons == 0
        assert [on for on, _ in relay.calls] == [False, False]
    until(kiosk.replies, "the reply")
    assert [e["command"] for e in kiosk.events("reply")] == ["c2"]
    until(lambda: kiosk.commands.trouble is None, "health is content")
    kiosk.give(command("c1", at=wall_ms() + 1))
    until(lambda: len(kiosk.replies()) == 2, "sent again, it is done")
    assert kiosk.replies()[1] == ("done", "done")


def test_a_disk_that_is_not_there_at_the_start(make: Make, until: Callable[..., Any], tmp_path: Path) -> None:
    """Off needs no disk. What an earlier life left unanswered is answered once the spool opens, and nothing goes on before."""
    relay = Relay()
    first = make(relay)
    first.spool.die_at = "before the reply is stored"
    one = command()
    first.give(one)
    until(lambda: first.dead, "it is dead")
    there = threading.Event()

    def ready() -> None:
        if not there.is_set():
            raise StorageUnavailable("spool.sqlite: no such disk")

    second = Kiosk(tmp_path / "spool.sqlite", relay, ready=ready)
    try:
        until(lambda: second.output.state == "off", "off at start")
        second.give(one)
        second.give(command("c2", at=wall_ms() + 1))
        second.give(command("c3", on=False, at=wall_ms() + 2))
        until(lambda: len(relay.calls) >= 4, "off is done without a disk")
        assert (relay.ons, second.commands.trouble) == (1, "spool.sqlite: no such disk")
        there.set()
        until(lambda: second.commands.trouble is None and second.events("reply"), "the spool opens")
        until(lambda: len(second.events("reply")) == 2, "all that was taken is answered")
        second.give(one)
        assert {e["command"]: e["code"] for e in second.events("reply")} == {"c1": "interrupted", "c3": "done"}
        assert relay.ons == 1
    finally:
        second.stop()


def test_a_spool_that_is_replaced_while_it_runs(make: Make, until: Callable[..., Any]) -> None:
    """Its answers may have gone with it: the same command is answered again, and still not done again."""
    relay = Relay()
    kiosk = make(relay)
    one = command()
    kiosk.give(one)
    until(kiosk.replies, "the reply")
    for aside in kiosk.spool.path.parent.glob("*.damaged-*"):
        aside.unlink()
    kiosk.spool.renew("damaged, says the test")
    kiosk.give(one)
    until(kiosk.replies, "answered again")
    assert (kiosk.replies(), relay.ons) == ([("done", "done")], 1)


def test_a_kiosk_that_lost_its_memory_does_not_guess(make: Make, until: Callable[..., Any]) -> None:
    """A command from before the spool was made anew may have been carried out; a new one is."""
    relay = Relay()
    kiosk = make(relay)
    one = command()
    kiosk.give(one)
    until(kiosk.replies, "the reply")
    kiosk.stop()
    kiosk.spool.path.unlink()
    kiosk.spool.path.with_name("spool.sqlite.mark").unlink()
    again = make(relay)
    again.give(one)
    until(again.replies, "the reply")
    assert again.replies() == [("refused", "forgotten")]
    again.give(command("c2", at=wall_ms() + 5))
    until(lambda: len(again.replies()) == 2, "the reply")
    assert (again.replies()[1], relay.ons) == (("done", "done"), 2)


def test_too_many_at_once_are_left_to_come_again(make: Make, until: Callable[..., Any]) -> None:
    """Memory is bounded."""
    relay = Relay()
    kiosk = make(relay)
    kiosk.spool._lock.acquire()
    try:
        for number in range(module.WAITING + 20):
            kiosk.give(command(f"c{number}", on=False, at=wall_ms() + number))
        assert kiosk.commands._queue.qsize() <= module.WAITING
    finally:
        kiosk.spool._lock.release()
    until(lambda: len(kiosk.replies()) >= module.WAITING, "those that were taken are answered")


def test_bytes_that_are_no_command_name_what_is_wrong() -> None:
    """For the log of whoever looks for it."""
    with pytest.raises(InvalidCommand, match="seconds"):
        Commands(None, EdgeClock(True)).received(  # type: ignore[arg-type]
            ADDRESS.command("c1"), encode_command(command()).replace(b":30", b':"x"'), retained=False
        )
