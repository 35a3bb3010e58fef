"""People signed in to the admin, the addresses of its pages, and the words on them."""

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from incidents.models import Person
from tests import factories


def member(username: str, *groups: str, **fields: Any) -> Person:
    """Staff in these groups."""
    made = factories.person(username, is_staff=True, **fields)
    made.groups.set(Group.objects.filter(name__in=groups))
    return made


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def page_of(row: Model, page: str = "change") -> str:
    """A page of this row: change, history or the name of a verb."""
    return reverse(f"{_admin(type(row))}_{page}", args=[row.pk])


def list_of(model: type[Model], page: str = "changelist") -> str:
    """A page of this model: changelist, add, import, export or the name of a verb on the list."""
    return reverse(f"{_admin(model)}_{page}")


def _admin(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def text_of(response: HttpResponse) -> str:
    """The words of a page, without tags and runs of white space."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(text).split())


def said(response: HttpResponse) -> list[str]:
    """The messages this answer left for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]
