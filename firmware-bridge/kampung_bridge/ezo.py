"""Atlas Scientific EZO circuits over UART (their data sheets, "Continuous reading mode"): `7.002<CR>`, several values comma-separated.

There is no check on the wire; a line that is not all numbers gives nothing. `*OK`, `*ER` and `?…` answer commands.
"""

import re

from kampung_bridge.decoder import MAX_RAW, Frame, FrameError
from kampung_bridge.lines import NUMBER, LineDecoder


class EzoDecoder(LineDecoder):
    """Fields are "1", "2" …: the numbers of a line in their order."""

    fields = re.compile(r"[1-9]\d?")

    def parse(self, line: bytes) -> tuple[int, Frame | FrameError] | None:
        if re.fullmatch(rb"[*?][ -~]{1,40}", line):
            if line == b"*ER":
                return 0, FrameError("exception", "the circuit did not understand a command (*ER)", line)
            return 0, Frame(line, ())
        values = line.split(b",")
        if len(line) > MAX_RAW or not all(NUMBER.fullmatch(value) for value in values):
            return None
        readings = [self.reading(str(n), value) for n, value in enumerate(values, 1)]
        return 0, Frame(line, tuple(reading for reading in readings if reading is not None))
