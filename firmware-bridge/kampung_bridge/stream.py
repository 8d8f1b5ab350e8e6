"""The stream decoders there are, by the name a profile gives."""

from collections.abc import Mapping
from typing import Protocol

from kampung_bridge.a02yyuw import A02yyuwDecoder
from kampung_bridge.decoder import Decoder, Frame
from kampung_bridge.measure import Measure


class StreamDecoderClass(Protocol):
    """What a decoder class offers a profile: its fields, and a decoder that turns each field by its measure."""

    fields: frozenset[str]

    def __call__(self, measures: Mapping[str, Measure]) -> Decoder[Frame]: ...


STREAM_DECODERS: dict[str, StreamDecoderClass] = {
    "a02yyuw": A02yyuwDecoder,
}
