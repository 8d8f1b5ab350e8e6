"""JSON Schema of everything on the wire, for people who write another edge. ``python -m kampung_contract.schema`` renews the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from kampung_contract.acting import AlarmAct
from kampung_contract.citizen import CitizenReport
from kampung_contract.command import Command
from kampung_contract.complaint import Complaint, ComplaintReply, Suggestion
from kampung_contract.discovery import Discovery
from kampung_contract.documents import Content, State
from kampung_contract.farm_field import FarmField
from kampung_contract.farming import FarmAnswer
from kampung_contract.letter_print import LetterAnswer, LetterPrinted, LetterWanted
from kampung_contract.pack import MAX_READINGS, MAX_SEQ, Pack
from kampung_contract.planting import TreePlanting
from kampung_contract.provenance import Announcement
from kampung_contract.quality import QualityEvent
from kampung_contract.queue_tickets import QueueTickets
from kampung_contract.receipt import Receipt
from kampung_contract.roll import PinChange, SealedRoll
from kampung_contract.rules import Rule
from kampung_contract.service_request import ServiceRequest
from kampung_contract.survey import Respondent, Survey
from kampung_contract.switching import Reply, Switching

FOLDER = Path(__file__).parent.parent / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """File name to JSON Schema."""
    out: dict[str, dict[str, Any]] = {}
    kinds = {
        "pack": Pack,
        "receipt": Receipt,
        "state": State,
        "content": Content,
        "rule": Rule,
        "command": Command,
        "event-reply": Reply,
        "event-output": Switching,
        "event-calibration": Announcement,
        "event-discovery": Discovery,
        "event-alarm-act": AlarmAct,
        "event-citizen-report": CitizenReport,
        "event-farm-answer": FarmAnswer,
        "event-farm-field": FarmField,
        "event-tree-planting": TreePlanting,
        "event-quality": QualityEvent,
        "event-service-request": ServiceRequest,
        "event-satisfaction-survey": Survey,
        "event-survey-respondent": Respondent,
        "event-queue-tickets": QueueTickets,
        "event-service-complaint": Complaint,
        "event-complaint-reply": ComplaintReply,
        "event-service-suggestion": Suggestion,
        "event-pin-change": PinChange,
        "event-letter-wanted": LetterWanted,
        "event-letter-printed": LetterPrinted,
        "letter-answer": LetterAnswer,
        "roll-sealed": SealedRoll,
    }
    for name, kind in kinds.items():
        (schema,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
        out[f"{name}.json"] = {
            "$schema": DIALECT,
            "title": f"Smart Kampung wire version 1: {name}",
            **schema,
            "$defs": dict(sorted(parts.items())),
        }
    pack = out["pack.json"]["$defs"]["Pack"]["properties"]
    pack["v"]["const"] = 1
    pack["seq"].update(minimum=1, maximum=MAX_SEQ)
    pack["epoch"]["pattern"] = "^[0-9a-f]{8,32}$"
    pack["series"]["maxItems"] = MAX_READINGS
    return out


def render(schema: dict[str, Any]) -> str:
    """The text of a schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in schemas().items():
        (FOLDER / file).write_text(render(content), encoding="utf-8")
