"""MySensors serial gateway, `node;child;command;ack;type;payload` (MySensors serial protocol 2.x). Nothing on the wire is checked."""

import re
from collections.abc import Mapping

from kampung_bridge.decoder import MAX_RAW, Frame, FrameError
from kampung_bridge.lines import NUMBER, LineDecoder
from kampung_bridge.measure import Measure

_LINE = re.compile(rb"(\d{1,3});(\d{1,3});([0-4]);([01]);(\d{1,3});([ -~]{0,50})")
SET = 1
# Types of `set` messages whose payload is a number.
TYPES = {
    0: "V_TEMP", 1: "V_HUM", 3: "V_PERCENTAGE", 4: "V_PRESSURE", 6: "V_RAIN", 7: "V_RAINRATE", 8: "V_WIND", 9: "V_GUST", 10: "V_DIRECTION",
    13: "V_DISTANCE", 17: "V_WATT", 18: "V_KWH", 23: "V_LIGHT_LEVEL", 34: "V_FLOW", 35: "V_VOLUME", 37: "V_LEVEL", 38: "V_VOLTAGE",
    39: "V_CURRENT", 51: "V_PH", 52: "V_ORP", 53: "V_EC",
}  # fmt: skip


def encode_mysensors(node: int, child: int, kind: int, payload: str) -> bytes:
    """A `set` message, for simulated devices."""
    return f"{node};{child};{SET};0;{kind};{payload}\n".encode("ascii")


class MySensorsDecoder(LineDecoder):
    """Fields are MySensors' types, such as "V_TEMP". One sensor of a type a gateway: a second one is an error "wrong_device",
    since its values would run into the same series.
    """

    fields = re.compile("|".join(TYPES.values()))

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        super().__init__(measures)
        self._senders: dict[str, tuple[int, int]] = {}

    def parse(self, line: bytes) -> tuple[int, Frame | FrameError] | None:
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        node, child, command, _, kind = (int(part) for part in match.groups()[:5])
        if max(node, child) > 255:
            return None
        field = TYPES.get(kind, "")
        if command != SET or field not in self.measures:
            return 0, Frame(line, ())
        if not NUMBER.fullmatch(match[6]):
            return 0, FrameError("payload", f"{field} is '{match[6].decode('ascii')[:20]}', not a number", line[:MAX_RAW])
        first = self._senders.setdefault(field, (node, child))
        if first != (node, child):
            text = f"node {node} child {child} sends {field} too, after node {first[0]} child {first[1]}: give one of them another gateway"
            return 0, FrameError("wrong_device", text, line[:MAX_RAW])
        return 0, Frame(line, (self.measures[field].reading(float(match[6])),))
