"""A book of requests on real records."""

import pytest
from kampung_cloud.calendar import national
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.requests.book import Book
from kampung_cloud.modules.services.settings import Settings
from kampung_cloud.records import open_records
from kampung_cloud.sealing import Keyring

VILLAGE = "35.10.24.2008"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("services")


@pytest.fixture(scope="module")
def records(folder):
    records = open_records("sqlite:records.db", folder)
    yield records
    records.close()


@pytest.fixture(scope="module")
def book(records, folder):
    return Book(records, Catalogue(), national(), Keyring.open_at(folder, 1), Settings())
