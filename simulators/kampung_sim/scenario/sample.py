"""``kampung-sim sample``: what a device would send, or a process gives, as CSV; with a plot where a person looks."""

from __future__ import annotations

import csv
import sys
from fnmatch import fnmatchcase
from typing import Annotated

import numpy as np
import typer
from kampung_contract.errors import ConfigurationError, KampungError, NotFound
from kampung_contract.quantities import catalogue
from kampung_contract.times import text
from kampung_contract.villages import Village, village
from uniplot import plot_to_string

from kampung_sim.scenario.command import File, Recording, read
from kampung_sim.scenario.load import Loaded
from kampung_sim.scenario.mistake import nearest
from kampung_sim.scenario.plan import Device
from kampung_sim.scenario.times import HOUR, duration, moment

WIDTH, HEIGHT = 76, 10
Lines = dict[str, np.ndarray]


def sample(  # noqa: PLR0917 - typer's
    file: File,
    device: Annotated[str, typer.Option(help="A device, or node/device where several nodes have one of this name.")] = "",
    process: Annotated[str, typer.Option(help="A process instead of a device, by its name in the scenario.")] = "",
    where: Annotated[str, typer.Option("--village", help="Code of the village for --process; the first one without it.")] = "",
    begin: Annotated[str, typer.Option("--from", help='"+6 h" after the start, or a time in WIB.')] = "+0",
    end: Annotated[str, typer.Option("--to", help="The end without it, at most a day later.")] = "",
    every: Annotated[str, typer.Option(help='Such as "10 min"; the device\'s own interval without it.')] = "",
    quantity: Annotated[str, typer.Option(help="Only this one.")] = "",
    raw: Annotated[bool, typer.Option(help="As on the line, before calibration and derivation.")] = False,
    true: Annotated[bool, typer.Option(help="Beside each value sent, the true one.")] = False,
    plot: Annotated[bool | None, typer.Option("--plot/--no-plot", help="On standard error; by itself where that is a terminal.")] = None,
    replay: Recording = None,
) -> None:
    """Print what a device delivers, or what a process gives, as CSV."""
    loaded = read(file, replay)
    try:
        start, stop, step = _when(loaded, begin, end, every)
        if bool(device) == bool(process):
            raise ConfigurationError(f"give --device or --process; {_some(loaded)}")
        if device:
            t, sent, truth = _device(loaded, device, (start, stop, step), raw)
        else:
            t, sent = _process(loaded, process, where, start, stop, step or 10 * 60_000)
            truth = {}
        if quantity and quantity not in sent:
            raise NotFound(f"--quantity {quantity}: it gives {', '.join(sent)}")
    except KampungError as error:
        sys.stderr.write(f"kampung-sim: {error.message}\n")
        raise typer.Exit(2) from None
    shown = {q: v for q, v in sent.items() if quantity in ("", q)}
    columns = {name: v for q in shown for name, v in ((q, shown[q]), (f"true.{q}", truth.get(q))) if v is not None and (true or name == q)}
    _csv(t, columns)
    if plot or (plot is None and sys.stderr.isatty()):
        for name, values in shown.items():
            sys.stderr.write(picture(name, t, values, truth.get(name)))


def picture(quantity: str, t: np.ndarray, sent: np.ndarray, true: np.ndarray | None) -> str:
    """A plot in characters: what is sent, over the true course where they differ."""
    known = ~np.isnan(sent)
    if not known.any():
        return f"{quantity}: tidak ada pembacaan\n"
    local = (t + 7 * HOUR).astype("datetime64[ms]")
    found = catalogue().get(quantity)
    unit = f" {found.unit}" if found else ""
    title = f"{found.display['id'] if found else quantity}: {np.nanmin(sent):g} – {np.nanmax(sent):g}{unit}"
    xs, ys, labels = [local[known]], [sent[known]], ["terkirim"]
    if true is not None and not np.array_equal(true, sent, equal_nan=True):
        xs, ys, labels = [local, *xs], [true, *ys], ["sebenarnya", "terkirim"]
    legend = labels if len(ys) > 1 else None
    out = plot_to_string(xs=xs, ys=ys, title=title, width=WIDTH, height=HEIGHT, lines=True, color=False, legend_labels=legend)
    return f"{out}\n"


def _when(loaded: Loaded, begin: str, end: str, every: str) -> tuple[int, int, int]:
    plan = loaded.plan
    try:
        start = moment(begin).at(plan.start)
        stop = moment(end).at(plan.start) if end else min(plan.stop, start + 24 * HOUR)
        step = duration(every) if every else 0
    except ValueError as error:
        raise ConfigurationError(f"--from, --to or --every: {error}") from None
    if not plan.start <= start < stop <= plan.stop:
        whole = f"{text(plan.start)} to {text(plan.stop)}"
        raise ConfigurationError(
            f"{text(start)} to {text(stop)} does not lie within the scenario, {whole}; write --from and --to within it"
        )
    return start, stop, step


def _device(loaded: Loaded, asked: str, when: tuple[int, int, int], raw: bool) -> tuple[np.ndarray, Lines, Lines]:
    found = [d for d in loaded.plan.devices if fnmatchcase(f"{d.node}/{d.name}", asked if "/" in asked else f"*/{asked}")]
    if not found:
        names = sorted({d.name for d in loaded.plan.devices})
        raise NotFound(f"--device {asked}: there is no such device; {nearest(asked.rpartition('/')[2], names)}")
    if len(found) > 1:
        nodes = ", ".join(d.node for d in found[:4])
        raise ConfigurationError(f"--device {asked}: {len(found)} nodes have one ({nodes} …); write NODE/{found[0].name}")
    one: Device = found[0]
    start, stop, step = when
    t = one.times(start, stop) if not step else np.arange(start, stop, step, dtype=np.int64)
    readings = loaded.world().read(one, t)
    if raw:
        return t, readings.sent, readings.true
    sent, true = (one.delivered(v) for v in (readings.sent, readings.true))
    return t, {q: v for q, (v, _) in sent.items()}, {q: v for q, (v, _) in true.items()}


def _process(  # noqa: PLR0917 - all of them are needed
    loaded: Loaded, asked: str, where: str, start: int, stop: int, step: int
) -> tuple[np.ndarray, Lines]:
    world = loaded.world()
    if asked not in world.processes:
        raise NotFound(f"--process {asked}: there is none; {nearest(asked, world.processes)}")
    place: Village = village(where) if where else loaded.plan.nodes[0].village
    node = next((n.name for n in loaded.plan.nodes if n.village == place), "")
    t = np.arange(start, stop, step, dtype=np.int64)
    values = world.process(asked).at(world.spot(asked, place, node, every=step), t)
    return t, {q: v for q, v in values.items() if q in catalogue()} or values


def _csv(t: np.ndarray, columns: Lines) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["time", *columns])
    for i, at in enumerate(t.tolist()):
        out.writerow([text(at), *("" if np.isnan(v[i]) else format(float(v[i]), ".10g") for v in columns.values())])


def _some(loaded: Loaded) -> str:
    devices = sorted({d.name for d in loaded.plan.devices})
    return f"devices: {', '.join(devices[:12])}{' …' if len(devices) > 12 else ''}"
