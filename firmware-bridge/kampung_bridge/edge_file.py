"""An edge's configuration file, as far as a technician's command changes it: comments and order stay."""

import contextlib
import copy
import os
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kampung_bridge.calibration import Adjust, table_of
from kampung_bridge.config import DeviceConfig
from kampung_bridge.error import BadFileError

OWN_KEYS = {field.alias or name for name, field in DeviceConfig.model_fields.items()}


class EdgeFile:
    """What was read of `path`. Raises BadFileError for a file that cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        try:
            self._text = self.path.read_text("utf-8")
            self._table = tomllib.loads(self._text)
        except OSError as error:
            raise BadFileError(f"{path}: {error.strerror}; give the edge's configuration with --config") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadFileError(f"{path}: not TOML: {error}") from None

    def device(self, name: str) -> DeviceConfig:
        """The bridge's part of one device. Raises BadFileError, which names those there are."""
        table = self._find(self._table, name)
        try:
            return DeviceConfig.model_validate({key: value for key, value in table.items() if key in OWN_KEYS})
        except ValidationError as error:
            raise BadFileError(f"{self.path}: device '{name}': {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None

    def calibrate(self, name: str, quantity: str, adjust: Adjust) -> None:
        """Write the file anew with this calibration, in one step; its mode and owner stay.

        Raises BadFileError when the device is not there, when the result would not say what it should, and when it cannot be written.
        """
        import tomlkit  # only needed here, and slow to load

        wanted = copy.deepcopy(self._table)
        all_of_device = self._find(wanted, name).setdefault("adjust", {})
        all_of_device[quantity] = table_of(adjust)
        document = tomlkit.parse(self._text)
        device = self._find(document, name)
        if not isinstance(device.get("adjust"), tomlkit.items.Table):  # none yet, or one written in a single line
            device.pop("adjust", None)
            device["adjust"] = tomlkit.table(is_super_table=True)
        for each, values in all_of_device.items():
            if each == quantity or each not in device["adjust"]:
                device["adjust"].pop(each, None)
                table = tomlkit.table()
                for key, value in values.items():
                    table.add(key, value)
                table.add(tomlkit.nl())
                device["adjust"][each] = table
        text = tomlkit.dumps(document)
        if tomllib.loads(text) != wanted:
            raise BadFileError(f"{self.path}: device '{name}' is written in a way that cannot be changed safely; paste the table yourself")
        self._write(text)
        self._text, self._table = text, wanted

    def _find(self, document: Any, name: str) -> Any:
        ports = document.get("port")
        devices = [d for port in ports if isinstance(port, dict) for d in port.get("device", ())] if isinstance(ports, list) else []
        for device in devices:
            if isinstance(device, dict) and device.get("name") == name:
                return device
        names = ", ".join(str(d.get("name")) for d in devices if isinstance(d, dict)) or "none"
        raise BadFileError(
            f"{self.path}: there is no device '{name}'; the file has {names}. One that was discovered has to be listed with its name first"
        )

    def _write(self, text: str) -> None:
        temporary = None
        try:
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.path.parent, prefix=".edge-", delete=False) as out:
                temporary = Path(out.name)
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            shutil.copymode(self.path, temporary)
            old = self.path.stat()
            with contextlib.suppress(PermissionError):
                os.chown(temporary, old.st_uid, old.st_gid)
            temporary.replace(self.path)
        except OSError as error:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
            raise BadFileError(f"{self.path}: cannot be written: {error.strerror}; the file is as it was") from None
