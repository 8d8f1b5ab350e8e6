"""The stream decoders there are, by the name a profile gives."""

import re
from collections.abc import Mapping
from typing import Protocol

from kampung_bridge.a02yyuw import A02yyuwDecoder
from kampung_bridge.bme280 import Bme280Decoder
from kampung_bridge.decoder import Decoder, Frame
from kampung_bridge.ds18b20 import Ds18b20Decoder
from kampung_bridge.ezo import EzoDecoder
from kampung_bridge.link import LinkDecoder
from kampung_bridge.measure import Measure
from kampung_bridge.mysensors import MySensorsDecoder
from kampung_bridge.nmea import NmeaDecoder
from kampung_bridge.pms import Pms3003Decoder, Pms5003Decoder, Pms5003tDecoder, Pms7003Decoder
from kampung_bridge.sdi12 import Sdi12CrcDecoder, Sdi12Decoder
from kampung_bridge.sds011 import Sds011Decoder
from kampung_bridge.sht3x import Sht3xDecoder


class StreamDecoderClass(Protocol):
    """What a decoder class offers a profile: its fields, and a decoder that turns each field by its measure.

    `fields` is a set where every frame has them all, and a pattern where a profile picks.
    """

    @property
    def fields(self) -> frozenset[str] | re.Pattern[str]: ...

    def __call__(self, measures: Mapping[str, Measure]) -> Decoder[Frame]: ...


STREAM_DECODERS: dict[str, StreamDecoderClass] = {
    "a02yyuw": A02yyuwDecoder,
    "bme280": Bme280Decoder,
    "ds18b20": Ds18b20Decoder,
    "ezo": EzoDecoder,
    "link": LinkDecoder,
    "mysensors": MySensorsDecoder,
    "nmea": NmeaDecoder,
    "pms3003": Pms3003Decoder,
    "pms5003": Pms5003Decoder,
    "pms5003t": Pms5003tDecoder,
    "pms7003": Pms7003Decoder,
    "sdi12": Sdi12Decoder,
    "sdi12-crc": Sdi12CrcDecoder,
    "sds011": Sds011Decoder,
    "sht3x": Sht3xDecoder,
}
