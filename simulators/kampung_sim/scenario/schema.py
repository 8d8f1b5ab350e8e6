"""JSON Schema of scenario and kit files, for editors. ``python -m kampung_sim.scenario.schema`` renews the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kampung_sim.scenario.faults.catalogue import KINDS as FAULTS
from kampung_sim.scenario.model import Kit, Scenario
from kampung_sim.scenario.processes import KINDS

FOLDER = Path(__file__).parents[2] / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """File name to JSON Schema."""
    out = {}
    for name, model in (("scenario", Scenario), ("kit", Kit)):
        made = model.model_json_schema(by_alias=True)
        out[f"{name}.json"] = {"$schema": DIALECT, **made, "title": f"Smart Kampung: {name} file of kampung-sim"}
    parts = out["scenario.json"]["$defs"]
    parts["FaultEntry"]["properties"]["kind"]["enum"] = list(FAULTS)
    process = out["scenario.json"]["properties"]["process"]
    forms = {name: {"$ref": f"#/$defs/{kind.__name__}"} for name, kind in KINDS.items()}
    for kind in KINDS.values():
        parts[f"Named{kind.__name__}"] = {"allOf": [{"$ref": f"#/$defs/{kind.__name__}"}, {"required": ["kind"]}]}
    others = {"oneOf": [{"$ref": f"#/$defs/Named{kind.__name__}"} for kind in KINDS.values()]}
    named = {name: {"if": {"required": ["kind"]}, "then": others, "else": form} for name, form in forms.items()}
    out["scenario.json"]["properties"]["process"] = {
        "type": "object",
        "description": process.get("description", ""),
        "properties": named,
        "additionalProperties": others,
    }
    return out


def render(schema: dict[str, Any]) -> str:
    """The text of a schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in schemas().items():
        (FOLDER / file).write_text(render(content), encoding="utf-8")
