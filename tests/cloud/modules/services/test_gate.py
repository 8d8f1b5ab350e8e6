"""The gate and the catalogue: whatever is offered, a right never waits for a tree, and no policy can make it."""

from datetime import date

import pytest
from kampung_cloud.gate import Applicant, decide, denied
from kampung_cloud.modules.services.catalogue.loading import ours


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_service_is_a_right_or_may_be_named_and_the_catalogue_says_which(name):
    service = ours()[name]
    right = denied(service.table or service.id, service.title)
    assert denied(service.id, service.title) == right or service.table
    if service.civil:
        assert right is not None, f"{name} is civil registration and the denylist does not know it"
    if right is not None:
        assert not service.oksigen, f"{name} is a right ({right.right}) and says that a tree may be asked for"
        found = decide(None, service.table or service.id, Applicant(), date(2026, 11, 30))
        assert found.allowed
        assert found.outcome == "a_right"
