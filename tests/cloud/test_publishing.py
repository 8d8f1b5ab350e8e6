"""What modules say to kiosks: a document that goes well does not hide another that does not, nor does one that is hurried."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from kampung_cloud.module import Document
from kampung_cloud.publishing import once
from kampung_contract.errors import StorageUnavailable


class Health:
    def __init__(self) -> None:
        self.parts: dict[str, tuple[bool, str]] = {}

    def set(self, part: str, good: bool, detail: str = "") -> None:
        self.parts[part] = (good, detail)


def test_health_says_the_worst_of_a_module() -> None:
    away, broken = [True], [False]

    def first(_services: Any, _now: int) -> None:
        if away[0]:
            raise StorageUnavailable("the records are away")

    def hurried(_services: Any, _now: int) -> None:
        if broken[0]:
            raise ValueError("a fault of ours")

    documents = (Document("first", "", first), Document("other", "", lambda _s, _n: None), Document("fast", "", hurried, hurried=True))
    module: Any = SimpleNamespace(name="services", documents=documents)
    services: Any = SimpleNamespace(health=Health())
    assert once([module], services) == ["services"]
    assert once([module], services, hurried=True) == []
    assert services.health.parts["services"] == (False, "the records are away"), "two seconds later it is still so"
    away[0] = False
    once([module], services)
    assert services.health.parts["services"] == (True, "")
    broken[0] = True
    once([module], services, hurried=True)
    assert not services.health.parts["services"][0]
