"""What a person reads when a page is not there, not theirs, or broke."""

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from tests import factories


@pytest.mark.django_db
def test_a_missing_page_says_so_and_leads_on(client: Client):
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()


@pytest.mark.django_db
def test_a_page_that_is_not_theirs_says_whom_to_ask(client: Client):
    client.force_login(factories.person("dan", is_staff=True))
    answer = client.get("/admin/incidents/incident/")
    assert answer.status_code == 403
    assert "Ask ops leadership" in answer.content.decode()


def test_a_broken_page_asks_nothing_of_the_database_and_says_what_to_do():
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "What you sent was not kept" in answer.content.decode()
    assert "/static/" not in answer.content.decode()
