"""The live view, driven by keys without a terminal (Textual's pilot)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from kampung_sim.fleet.broker import Where
from kampung_sim.fleet.ledger import Ledger
from kampung_sim.fleet.run import Fleet
from kampung_sim.live.view import Help, View
from kampung_sim.process import free_port
from kampung_sim.scenario.load import load
from textual.pilot import Pilot
from textual.widgets import DataTable, RichLog


async def until(pilot: Pilot[object], table: str, text: str) -> None:
    """A cell of a table holds ``text``."""
    for _ in range(1_200):
        found: DataTable[object] = pilot.app.query_one(f"#{table}", DataTable)
        if any(text in str(cell) for row in range(found.row_count) for cell in found.get_row_at(row)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} never came up in {table}")


def test_a_key_starts_a_fault_on_what_is_chosen(tmp_path: Path) -> None:
    """Kiosks, their devices, a fault of each kind, the list of faults, and leaving; there is no broker, which is said."""

    async def drive() -> None:
        with Ledger(tmp_path / "ledger", {}) as ledger:
            fleet = Fleet(load(Path("latihan-teknisi")), ledger, Where("127.0.0.1", free_port()), 600.0)
            app = View(fleet, "Latihan", 0.1)
            async with app.run_test(size=(160, 40)) as pilot:
                await until(pilot, "kiosks", "tidak sampai")
                await until(pilot, "devices", "tanah-1")
                await pilot.press("l")
                await until(pilot, "kiosks", "jaringan putus")
                await until(pilot, "kiosks", "diputus")
                await pilot.press("down")
                await pilot.press("tab", "down", "s")
                await until(pilot, "devices", "nilai macet")
                assert [n.faults(fleet.pace.now()) for n in fleet.kiosks][1] == ["nilai macet tanah-1"]
                await pilot.press("Z")
                assert len(app.query_one("#happened", RichLog).lines) >= 2
                await pilot.press("question_mark")
                assert isinstance(app.screen, Help)
                await pilot.press("escape")
                await pilot.press("q", "q")
                await pilot.pause()

    asyncio.run(drive())


def screen(app: View) -> str:
    """Everything on it."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


async def shows(pilot: Pilot[object], app: View, *words: str) -> None:
    for _ in range(400):
        if all(word in screen(app) for word in words):
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{words} never came up:\n{screen(app)}")


def test_a_terminal_of_any_size(tmp_path: Path) -> None:
    """160, 120 and 80 columns show what matters; below that it is said; what is chosen stays chosen."""

    async def drive() -> None:
        with Ledger(tmp_path / "ledger", {}) as ledger:
            fleet = Fleet(load(Path("latihan-teknisi")), ledger, Where("127.0.0.1", free_port()), 600.0)
            app = View(fleet, "Latihan", 0.1)
            async with app.run_test(size=(160, 40)) as pilot:
                await until(pilot, "devices", "tanah-1")
                await pilot.press("down", "l")
                await shows(pilot, app, "Desa", "Bacaan", "Nilai sekarang", "Tamansari", "jaringan putus")
                chosen = app.query_one("#kiosks", DataTable)
                for size, wanted, not_wanted in (
                    ((120, 35), ("Desa", "Bacaan", "Nilai sekarang", "%RH", "jaringan putus"), ()),
                    ((80, 24), ("licin-kios-1", "Jaringan", "Menunggu", "Nilai sekarang", "%RH", "jaringan putus"), ("Desa", "Bacaan ")),
                    ((60, 24), ("Terminal 60×24 terlalu kecil: perlu 76×20",), ("Menunggu",)),
                    ((80, 12), ("Terminal 80×12 terlalu kecil",), ("Menunggu",)),
                    ((160, 40), ("Desa", "Nilai sekarang", "jaringan putus"), ("terlalu kecil",)),
                ):
                    await pilot.resize_terminal(*size)
                    await shows(pilot, app, *wanted)
                    assert not [word for word in not_wanted if word in screen(app)], screen(app)
                    assert chosen.cursor_row == 1
                await pilot.press("q", "q")
                await pilot.pause()

    asyncio.run(drive())


@pytest.mark.parametrize("plain", [True, False])
def test_no_color_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:
    """With NO_COLOR nothing on the screen has a colour of its own; without it something has."""
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)

    async def drive() -> set[str]:
        with Ledger(tmp_path / "ledger", {}) as ledger:
            fleet = Fleet(load(Path("latihan-teknisi")), ledger, Where("127.0.0.1", free_port()), 600.0)
            app = View(fleet, "Latihan", 0.1)
            async with app.run_test(size=(120, 35)) as pilot:
                await shows(pilot, app, "tidak sampai")
                segments = [segment for strip in app.screen._compositor.render_strips() for segment in strip]
                await pilot.press("q", "q")
                await pilot.pause()
                styles = [segment.style for segment in segments if segment.style]
                return {str(c) for style in styles for c in (style.color, style.bgcolor) if c and not c.is_default}

    assert bool(asyncio.run(drive())) is not plain
