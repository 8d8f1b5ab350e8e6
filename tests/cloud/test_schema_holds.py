"""What the OpenAPI says of accounts, sessions, residents and services holds whatever is sent: schemathesis, a cloud on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from .conftest import HTTP, free_port

OURS = os.environ.get("KAMPUNG_SCHEMA_PATHS", r"^/api/v1/(session|accounts|residents|families|services|requests|letters)")
EXAMPLES = int(os.environ.get("KAMPUNG_SCHEMA_EXAMPLES", "5"))
"""A route; `make nightly` takes more, and all routes."""
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    folder = tmp_path_factory.mktemp("schema")
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(tables, folder))
    app.start()
    yield app
    app.stop()


def test_answers_are_as_described(cloud: CloudApp) -> None:
    """With the token, which is every role: no error inside, no status and no answer that the description does not have."""
    spec = HTTP.get(f"{cloud.url}/api/v1/openapi.json", timeout=60).json()
    schema = schemathesis.openapi.from_dict(spec).include(path_regex=OURS)
    headers = {"Authorization": f"Bearer {cloud.token}"}
    wrong = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
        @given(case=operation.as_strategy())
        def holds(case: schemathesis.Case) -> None:
            case.call_and_validate(base_url=cloud.url, headers=headers, checks=CHECKS)

        try:
            holds()
        except (Exception, BaseExceptionGroup) as error:
            wrong.append(f"{operation.label}: {str(error)[:600]}")
    assert wrong == []
