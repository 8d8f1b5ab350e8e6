"""``kampung-sim record``."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer
from kampung_contract.errors import ConfigurationError, KampungError, UnknownVillage
from kampung_contract.times import text
from kampung_contract.villages import village as known_village

from kampung_sim.fleet.broker import parse
from kampung_sim.record.draw import Drawn, csv_lines, draw, toml
from kampung_sim.record.heard import Heard
from kampung_sim.record.history import read_back
from kampung_sim.record.listen import listen
from kampung_sim.record.verify import verify
from kampung_sim.scenario.load import load
from kampung_sim.scenario.times import moment
from kampung_sim.scenario.times import say as span
from kampung_sim.score.cloud import Cloud

QUIET_S = 60
SAY_S = 10.0


def record(  # noqa: PLR0917 - typer's
    file: Annotated[Path, typer.Argument(help="The scenario to write; its recording comes beside it, as .csv.")],
    broker: Annotated[str, typer.Option(help="Listen here: mqtt://host:1883, or mqtt://name:password@host:1883.")] = "",
    cloud: Annotated[str, typer.Option(help="Or read back from this regency: http://host:8080, with --from.")] = "",
    begin: Annotated[str, typer.Option("--from", help="From this time (WIB), or '+2 h' for the last two hours.")] = "",
    end: Annotated[str, typer.Option("--to", help="To this time; without it, to now.")] = "",
    village: Annotated[str, typer.Option(help="Only this village, by its code.")] = "",
    seconds: Annotated[float, typer.Option(min=0, max=31 * 86_400, help="So long; without it, until Ctrl-C.")] = 0.0,
    state: Annotated[Path, typer.Option(envvar="KAMPUNG_STATE", help="Without --broker and --cloud: the village of 'make run'.")] = Path(
        "var/village"
    ),
) -> None:
    """Write a real village's traffic into a scenario that can be run again. Only listens; residents' requests are not kept."""
    try:
        recording = file.with_suffix(".csv")
        _room(file, recording)
        if village:
            _known(village)
        heard = Heard()
        if cloud:
            origin = _back(cloud, begin, end, village, heard, both=bool(broker or seconds))
        else:
            if begin or end:
                raise ConfigurationError("--from and --to read back from a regency; add --cloud http://host:8080")
            url = broker or _running(state)
            origin = f"Direkam dari {re.sub(r'//[^/]*@', '//', url)}"
            asyncio.run(_live(url, village, heard, seconds))
        good = bool(heard.count) and _finish(file, recording, heard, origin)
    except KampungError as error:
        sys.stderr.write(f"kampung-sim: {error.message}\n")
        raise typer.Exit(2) from None
    if not heard.count:
        _say("Tidak ada bacaan: tidak ada yang ditulis.")
        for what, count in heard.passed.items():
            _say(f"  {count} {what}")
    if not good:
        raise typer.Exit(1)


def _room(file: Path, recording: Path) -> None:
    if file.suffix != ".toml":
        raise ConfigurationError(f"{file}: a scenario's name ends in .toml; write {file.with_suffix('.toml')}")
    for path in (file, recording):
        if path.exists():
            raise ConfigurationError(f"{path}: is there already and stays as it is; choose another name, or remove it")
    if not file.absolute().parent.is_dir():
        raise ConfigurationError(f"{file}: there is no folder {file.absolute().parent}; make it, or choose another")


def _known(village: str) -> None:
    try:
        known_village(village)
    except UnknownVillage as error:
        raise ConfigurationError(f"--village {error.message}") from None


def _running(state: Path) -> str:
    """The broker of the village that runs from this folder."""
    try:
        return str(tomllib.loads((state / "cloud.toml").read_text(encoding="utf-8"))["broker"]["url"])
    except (OSError, KeyError, ValueError):
        raise ConfigurationError(
            f"no village runs from {state}; start one with 'make run', name its folder with --state, or a broker with --broker mqtt://host:1883"
        ) from None


def _back(url: str, begin: str, end: str, village: str, heard: Heard, *, both: bool) -> str:
    if both:
        raise ConfigurationError("--cloud reads back and does not listen; leave out --broker and --seconds")
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(f"--cloud {url}: write http://host:8080")
    if not begin:
        raise ConfigurationError("--cloud: since when? add --from 2026-11-21T06:00, or --from '+2 h' for the last two hours")
    now = round(time.time() * 1000)
    try:
        found = moment(begin)
        start = now - found.ms if found.relative else found.ms
        stop = moment(end).at(start) if end else now
    except ValueError as error:
        raise ConfigurationError(f"--from {begin} --to {end or 'now'}: {error}") from None
    if stop <= start:
        raise ConfigurationError(f"--from {begin} --to {end or 'now'}: {text(stop)[:16]} is not after {text(start)[:16]}")
    read_back(Cloud(url), village, start, stop, heard, progress=_progress if sys.stderr.isatty() else lambda *_: None)
    return f"Dibaca kembali dari {url}"


async def _live(url: str, village: str, heard: Heard, seconds: float) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    if seconds:
        loop.call_later(seconds, stopping.set)
    _say(f"Merekam {known_village(village).name if village else 'semua desa'} dari {re.sub(r'//[^/]*@', '//', url)}. Ctrl-C mengakhiri.")
    await listen(parse(url), village, heard, stopping, _looker(heard, village))


def _looker(heard: Heard, village: str) -> Callable[[str], None]:
    """A line that is written over on a terminal, and one each ten seconds elsewhere."""
    begun = time.monotonic()
    shown, last, count, quiet = begun, begun, 0, False
    terminal = sys.stderr.isatty()

    def look(trouble: str) -> None:
        nonlocal shown, last, count, quiet
        now = time.monotonic()
        if heard.count > count:
            count, last = heard.count, now
        if not heard.count and now - begun >= QUIET_S and not quiet:
            quiet = True
            place = f" di desa {village}" if village else ""
            introduced = (
                f"{len(heard.kiosks)} kios memperkenalkan diri, tetapi diam" if heard.kiosks else "tidak ada kios yang dikenal broker ini"
            )
            _say(f"Belum ada yang berbicara dalam {QUIET_S} s{place}: {introduced}. Periksa broker, desa dan izin baca nama ini.")
        if terminal or now - shown >= SAY_S:
            shown = now
            series = sum(len(k.series) for k in heard.kiosks.values())
            parts = [
                span(round(now - begun) * 1000),
                f"{_number(heard.count)} bacaan",
                f"{len(heard.kiosks)} kios",
                f"{series} deret",
                f"terakhir {round(now - last)} s lalu",
                *([trouble] if trouble else []),
            ]
            line = " · ".join(parts)
            sys.stderr.write(f"\r{line}\033[K" if terminal else f"{line}\n")
            sys.stderr.flush()

    return look


def _finish(file: Path, recording: Path, heard: Heard, origin: str) -> bool:
    """Both files, and whether they deliver the same again."""
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    drawn = draw(heard)
    name = re.sub(r"[^a-z0-9_-]+", "-", file.stem.lower()).strip("-_")[:64] or "rekaman"
    _write(recording, csv_lines(drawn))
    _write(file, [toml(drawn, name, recording.name, origin)])
    verdict = verify(load(file), drawn)
    _say(f"{file}, {recording.name}: {_shown(drawn)}")
    for line in drawn.left:
        _say(f"  tidak ikut: {line}")
    if verdict.same:
        _say(f"Diperiksa: diputar ulang, {_number(verdict.readings)} bacaan sama semuanya. Jalankan: kampung-sim run {file}")
    else:
        where = f" (paling banyak {verdict.most:g} pada {verdict.where})" if verdict.where else ""
        lost, invented, other = (_number(n) for n in (verdict.lost, verdict.invented, verdict.other))
        _say(f"Diperiksa: diputar ulang, {lost} bacaan hilang, {invented} tambahan, {other} berbeda{where}.")
    return verdict.same


def _shown(drawn: Drawn) -> str:
    nodes, devices = len(drawn.kits), sum(len(d) for d in drawn.kits.values())
    return (
        f"{nodes} kios, {devices} alat, {_number(drawn.readings)} bacaan, {text(drawn.start)[:16].replace('T', ' ')} sampai "
        f"{text(drawn.stop)[:16].replace('T', ' ')} WIB"
    )


def _write(path: Path, lines: Iterable[str]) -> None:
    try:
        with path.open("x", encoding="utf-8") as out:
            out.writelines(lines)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}; make room, or choose another place") from None


def _progress(done: int, total: int) -> None:
    sys.stderr.write(f"\rMembaca {done} dari {total} deret …\033[K")
    sys.stderr.flush()


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
