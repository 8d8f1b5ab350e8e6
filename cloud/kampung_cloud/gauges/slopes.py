"""Where landslides are warned of, and the alarm rules for it. ``[landslide]`` in cloud.toml; slopes are marked by officers."""

from __future__ import annotations

from typing import Annotated

from kampung_contract.conditions import Threshold
from kampung_contract.rules import Rule
from kampung_contract.villages import villages
from pydantic import AfterValidator, BaseModel, ConfigDict

from kampung_cloud.gauges.gauge import known_village
from kampung_cloud.words.subject import INDEX

DEVICE = "longsor"
SOURCE = (
    "Hujan pemicu longsor, terbesar dari: Caine 1980; LEWS Balai Sabo 61 mm/1 hari, 91 mm/3 hari; Grindulu (P3, P15); "
    "hanya di lereng yang ditandai desa (docs/sources.md)"
)
_TITLE = {
    1: {"id": "Waspada longsor", "en": "Landslide watch", "jv": "Waspada longsor", "osi": "Waspada longsor", "mad": "Waspada longsor"},
    2: {"id": "Rawan longsor", "en": "Landslide danger", "jv": "Rawan longsor", "osi": "Rawan longsor", "mad": "Rawan longsor"},
}
_MESSAGE = {
    1: {
        "id": "Hujan mendekati batas pemicu longsor. Amati retakan tanah dan mata air yang keruh, jauhi tebing.",
        "en": "Rain is near what triggers landslides. Look for cracks in the ground and muddy springs, keep away from slopes.",
        "jv": "Jawah nyaketi wates ingkang nuwuhaken longsor. Pantau siti ingkang retak lan tuk ingkang buthek, nebih saking tebing.",
        "osi": "Udan nyedheki wates kang nggarahi longsor. Delengen lemah kang retak lan sumber kang buthek, adohana tebing.",
        "mad": "Ojhân parak bâtes se daddi longsor. Tèngalè tana se retak bân sombher se lekko, jhâuwi tebbhing.",
    },
    2: {
        "id": "Hujan sudah melampaui batas pemicu longsor. Jauhi tebing. Bersiap mengungsi, jangan tidur di rumah dekat lereng.",
        "en": "Rain has passed what triggers landslides. Keep away from slopes. Be ready to leave, do not sleep near a slope.",
        "jv": "Jawah sampun nglangkungi wates longsor. Nebih saking tebing. Siyaga ngungsi, ampun sare wonten griya celak lereng.",
        "osi": "Udan wis ngliwati wates longsor. Adohana tebing. Siyap ngungsi, aja turu ring umah cedhek lereng.",
        "mad": "Ojhân la alèbâdhi bâtes longsor. Jhâuwi tebbhing. Siyap ngongsè, jhâ' tèdung è roma parak tebbhing.",
    },
}


def _village_or_all(code: str) -> str:
    return code if code == "*" else known_village(code)


class Landslide(BaseModel):
    """``villages`` (``*`` for all) in which alarms are raised once slopes are marked there; none unless they are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    villages: tuple[Annotated[str, AfterValidator(_village_or_all)], ...] = ()

    def holds(self, code: str) -> bool:
        """Whether alarms are raised there."""
        return "*" in self.villages or code in self.villages


def series_of(code: str) -> tuple[str, str]:
    """Node and device under which the regency says how near the rain is to what triggers landslides."""
    return f"kabupaten-{code.replace('.', '')}", DEVICE


def rules(setting: Landslide) -> tuple[Rule, ...]:
    """*Waspada* at eight tenths of a threshold, *Siaga* at it. *Awas*, that people must go, is a decision of people on the spot."""
    out = []
    for place in villages():
        if not setting.holds(place.code):
            continue
        node, device = series_of(place.code)
        for severity, mark in ((1, 0.8), (2, 1.0)):
            when = Threshold(quantity=INDEX, unit="1", node=node, device=device, threshold=mark, clear=mark - 0.1)
            out.append(
                Rule(
                    id=f"longsor-{place.code}-{'waspada' if severity == 1 else 'siaga'}",
                    village=place.code,
                    when=when,
                    severity=severity,
                    title=_TITLE[severity],
                    message=_MESSAGE[severity],
                    source=SOURCE,
                    about="landslide",
                    place="Lereng yang ditandai",
                    hold="0s",
                    clear_for="2h",
                    fresh="3h",
                    certainty="possible" if severity == 1 else "likely",
                )
            )
    return tuple(out)
