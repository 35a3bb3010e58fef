"""`manage.py api_token USERNAME`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incidents.models import ApiToken
from incidents.operations.people import person_for_token
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_prints_a_working_token_and_nothing_else() -> None:
    ada, out = factories.person("ada"), StringIO()
    call_command("api_token", "ada", stdout=out)
    (line,) = out.getvalue().splitlines()
    assert person_for_token(line) == ada
    assert ApiToken.objects.get().label == "api_token"


def test_each_call_makes_another_token() -> None:
    factories.person("ada")
    printed = set()
    for label in ("ci", "laptop"):
        out = StringIO()
        call_command("api_token", "ada", "--label", label, stdout=out)
        printed.add(out.getvalue())
    assert len(printed) == ApiToken.objects.count() == 2


@pytest.mark.parametrize("username", ["nobody", "gone"])
def test_without_such_an_active_person_it_fails(username) -> None:
    factories.person("gone", is_active=False)
    out = StringIO()
    with pytest.raises(CommandError, match=username) as failure:
        call_command("api_token", username, stdout=out)
    assert failure.value.returncode == 1
    assert out.getvalue() == ""
    assert not ApiToken.objects.exists()


def test_a_label_that_does_not_fit_is_refused_in_words() -> None:
    factories.person("ada")
    with pytest.raises(CommandError, match="80"):
        call_command("api_token", "ada", "--label", "x" * 81, stdout=StringIO())
    assert not ApiToken.objects.exists()
