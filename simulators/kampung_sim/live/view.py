"""The view (Textual): kiosks, the chosen one's devices, what has happened; side by side where there is room. A key starts a fault there."""

from __future__ import annotations

import asyncio
import os
import time
from typing import ClassVar

from kampung_contract.times import text
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key, Resize
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, RichLog, Sparkline, Static

from kampung_sim.fleet.run import Row, Standing
from kampung_sim.live.layout import NUMBERS, Layout, layout, too_small
from kampung_sim.live.running import Running
from kampung_sim.scenario.faults.catalogue import KINDS, Layer

LOOK_S = 1.0
MINUTES = 60
LINKS = {"up": ("● tersambung", "green"), "down": ("○ diputus", "yellow"), "lost": ("✕ tidak sampai", "red")}
ON = {
    Layer.VALUE: "alat",
    Layer.FRAME: "alat",
    Layer.PORT: "jalur",
    Layer.CLOCK: "kios",
    Layer.LINK: "kios",
    Layer.NODE: "kios",
    Layer.BROKER: "semua",
}


def number(value: int) -> str:
    """``43.210``."""
    return f"{value:,}".replace(",", ".")


class Help(ModalScreen[None]):
    """Every fault and its key."""

    CSS = """
    Help { align: center middle; }
    Help VerticalScroll { width: 92; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "Tutup")]

    def compose(self) -> ComposeResult:
        """One line a fault."""
        out = Text("Gangguan: tekan tombolnya, dan ia terjadi pada kios atau alat yang dipilih\n\n", style="bold")
        for kind in KINDS.values():
            out.append(f"  {kind.key}  ", style="bold reverse")
            out.append(f" {kind.words:22}", style="bold")
            out.append(f" {ON[kind.layer]:6} {kind.about}\n")
        out.append("\nPanah memilih kios, Tab pindah ke alatnya, Q berhenti, Esc menutup ini.", style="dim")
        with VerticalScroll():
            yield Static(out)


class View(App[Standing]):
    """Ends with the run, or with Q. The result is how it stood at the end."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    #kiosks { width: 3fr; }
    #right { width: 2fr; border-left: solid $panel; }
    #devices { height: 1fr; }
    #happened { height: 10; border-top: solid $panel; padding: 0 1; }
    #rate { height: 2; padding: 0 1; }
    #small { display: none; width: 100%; height: 100%; padding: 1 2; }
    .-normal #body, .-narrow #body { layout: vertical; }
    .-normal #kiosks, .-narrow #kiosks { width: 100%; height: 1fr; }
    .-normal #right, .-narrow #right { width: 100%; height: 1fr; border-left: none; border-top: solid $panel; }
    .-normal #right { layout: horizontal; }
    .-normal #devices { width: 3fr; height: 100%; }
    .-normal #happened { width: 2fr; height: 100%; border-top: none; border-left: solid $panel; }
    .-narrow #happened { height: 4; }
    .-narrow #rate { height: 1; }
    .tiny #head, .tiny #body, .tiny #rate, .tiny Footer { display: none; }
    .tiny #small { display: block; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (140, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Semua gangguan"),
        Binding("tab", "focus_next", "Kios / alat"),
        Binding("q,ctrl+c", "leave", "Berhenti"),
    ]

    def __init__(self, running: Running, title: str, drain_s: float) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._scene, self._heading, self._drain = running, title, drain_s
        self._stopping = asyncio.Event()
        self._shown: dict[str, Row] = {}
        self._rates = [0.0] * MINUTES
        self._counted = (time.monotonic(), 0)
        self._happening: set[str] = set()
        self._layout: Layout | None = None

    def compose(self) -> ComposeResult:
        """Head, two tables, a log, the rate, the keys."""
        yield Static(id="small")
        yield Static(id="head")
        with Horizontal(id="body"):
            yield DataTable(id="kiosks", cursor_type="row", zebra_stripes=True)
            with Vertical(id="right"):
                yield DataTable(id="devices", cursor_type="row")
                yield RichLog(id="happened", max_lines=500, wrap=True, min_width=20)
        yield Sparkline(self._rates, id="rate")
        yield Footer()

    def on_mount(self) -> None:
        """Begin."""
        self._lay(self.size.width, self.size.height)
        self.query_one("#kiosks", DataTable).focus()
        self._look()
        self.set_interval(LOOK_S, self._look)
        self._go()

    @work
    async def _go(self) -> None:
        done = await self._scene.run(self._drain, lambda _: None, self._stopping)
        self.exit(done)

    def on_resize(self, event: Resize) -> None:
        """Another terminal, another layout."""
        self._lay(event.size.width, event.size.height)

    def _lay(self, width: int, height: int) -> None:
        small = too_small(width, height)
        self.screen.set_class(bool(small), "tiny")
        self.query_one("#small", Static).update(small)
        wanted = layout(width)
        if small or wanted == self._layout:
            return
        self._layout = wanted
        kiosks, devices = self.query_one("#kiosks", DataTable), self.query_one("#devices", DataTable)
        at = kiosks.cursor_row, devices.cursor_row
        self._shown.clear()
        for table, columns in ((kiosks, wanted.kiosks), (devices, wanted.devices)):
            table.clear(columns=True)
            for name, room in columns:
                heading = Text(name, justify="right" if (name, room) in NUMBERS else "left")
                table.add_column(heading, key=name, width=room or None)
        for row in self._scene.rows():
            self._show(kiosks, row)
        kiosks.move_cursor(row=at[0])
        self._devices()
        devices.move_cursor(row=at[1])

    def _look(self) -> None:
        if self._layout is None:
            return  # no room so far
        standing = self._scene.standing()
        kiosks = self.query_one("#kiosks", DataTable)
        for row in self._scene.rows():
            self._show(kiosks, row)
        at, before = self._counted
        now = time.monotonic()
        if now - at >= LOOK_S / 2:
            self._rates = [*self._rates[1:], (standing.counts.readings - before) / (now - at)]
            self._counted = now, standing.counts.readings
            self.query_one("#rate", Sparkline).data = self._rates
        head = Text(f"{self._heading}\n", style="bold")
        if standing.preparing:
            head.append(f"Menyiapkan kios: {number(standing.prepared)} dari {number(standing.kiosks)}", style="cyan")
            self.query_one("#head", Static).update(head)
            return
        head.append(f"{text(standing.now)[:19].replace('T', ' ')} WIB ×{self._scene.pace.rate:g}", style="cyan")
        head.append(
            f"   {standing.connected} dari {standing.kiosks} kios tersambung   {number(standing.counts.readings)} bacaan"
            f" ({self._rates[-1]:.0f}/s)   {number(standing.waiting)} paket menunggu"
        )
        head.append(f"   {standing.reason}" if standing.reason else "", style="red")
        self.query_one("#head", Static).update(head)
        self._devices()
        for fault in set(standing.faults) - self._happening:
            self._say(f"mulai: {fault}", "yellow")
        for fault in self._happening - set(standing.faults):
            self._say(f"selesai: {fault}", "green")
        self._happening = set(standing.faults)

    def _show(self, table: DataTable[Text | str], row: Row) -> None:
        old = self._shown.get(row.name)
        if old == row:
            return
        words, colour = LINKS[row.link]
        waiting = Text(number(row.waiting), style="yellow" if row.waiting > 5 else "", justify="right")
        every: dict[str, Text | str] = {
            "Kios": row.name,
            "Desa": row.village,
            "Jaringan": Text(words, style=colour),
            "Menunggu": waiting,
            "Bacaan": Text(number(row.readings), justify="right"),
            "Gangguan": Text(", ".join(row.faults), style="yellow"),
        }
        cells = {name: every[name] for name, _ in self._layout.kiosks} if self._layout else every
        if old is None:
            table.add_row(*cells.values(), key=row.name)
        else:
            for column, value in cells.items():
                table.update_cell(row.name, column, value, update_width=column == "Gangguan")
        self._shown[row.name] = row

    def _chosen(self, table: str) -> str:
        found = self.query_one(f"#{table}", DataTable)
        if not found.row_count:
            return ""
        return str(found.coordinate_to_cell_key(found.cursor_coordinate).row_key.value)

    def _devices(self) -> None:
        node, table = self._chosen("kiosks"), self.query_one("#devices", DataTable)
        if not node:
            return
        values = self._scene.values(node)
        if [str(k.value) for k in table.rows] != [name for name, _, _ in values]:
            table.clear()
            for name, value, faults in values:
                table.add_row(name, Text(faults, style="yellow"), value, key=name)  # the order of the layout's columns
            return
        for name, value, faults in values:
            table.update_cell(name, "Nilai sekarang", value, update_width=True)
            table.update_cell(name, "Gangguan", Text(faults, style="yellow"))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Another kiosk: its devices."""
        if event.data_table.id == "kiosks":
            self._devices()

    def on_key(self, event: Key) -> None:
        """A fault, where the key is one's."""
        key = event.character or ""
        said = self._scene.inject(key, self._chosen("kiosks"), self._chosen("devices")) if key and key not in "q?" else None
        if said is not None:
            event.stop()
            self._say(f"{key}: {said}", "bold yellow")

    def _say(self, what: str, style: str) -> None:
        moment = text(self._scene.pace.now())[11:19]
        self.query_one("#happened", RichLog).write(Text(f"{moment} {what}", style=style))

    def action_help(self) -> None:
        """All faults."""
        self.push_screen(Help())

    def action_leave(self) -> None:
        """End the run; what waits is still sent. A second time ends at once."""
        if self._stopping.is_set():
            self.exit(self._scene.standing())
        self._stopping.set()
        self._say("Berhenti: menunggu paket terakhir. Q sekali lagi untuk keluar sekarang.", "bold")
