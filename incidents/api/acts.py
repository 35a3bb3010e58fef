"""How a verb stands at an address: who may, what it promises, and that it answers the incident."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from typing_extensions import TypedDict

from incidents.api import answers
from incidents.api.auth import caller, may
from incidents.models import Person
from incidents.rules.reasons import Refused
from incidents.rules.verbs import VERBS

View = TypeVar("View", bound=Callable[..., Any])


class By(TypedDict):
    """Who acts, and when: what every operation wants to know."""

    actor: Person
    at: datetime


def by(request: HttpRequest) -> By:
    """The caller, now; read once an act."""
    return {"actor": caller(request), "at": timezone.now()}


@contextmanager
def spelt(**theirs: str) -> Iterator[None]:
    """Refusals of what is done within name each field as the caller spells it, ours=theirs."""
    try:
        yield
    except Refused as refused:
        said = (replace(one, field=theirs.get(one.field, one.field)) for one in refused.reasons)
        raise type(refused)(*said) from refused


def act(router: Router, verb: str, path: str = "") -> Callable[[View], View]:
    """The address of one verb; its words and its permission are those of the law of verbs."""
    law = VERBS[verb]
    return router.post(
        f"/{{reference}}/{path or law.path}",
        auth=may(verb),
        response=answers.Document,
        operation_id=verb,
        summary=law.label,
        description=law.promise,
    )
