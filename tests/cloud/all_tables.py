"""Tables of modules, which are known once their models are imported: what is asked of every table has to know them all."""

from importlib import import_module
from pathlib import Path

import kampung_cloud

CLOUD = Path(kampung_cloud.__file__).parent
for file in (CLOUD / "modules").rglob("models.py"):
    import_module(".".join(("kampung_cloud", *file.relative_to(CLOUD).with_suffix("").parts)))
