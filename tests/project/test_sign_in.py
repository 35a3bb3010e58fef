"""Signing in: guessing passwords is stopped, and the right person still gets in elsewhere."""

import pytest
from axes.utils import reset
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories

PASSWORD = "the right password"


@pytest.fixture(autouse=True)
def counting(settings):
    settings.AXES_ENABLED = True


@pytest.fixture
def ada(db):
    ada = factories.person("ada", is_staff=True)
    ada.set_password(PASSWORD)
    ada.save()
    yield ada
    reset()


def sign_in(password: str, address: str = "192.0.2.1"):
    said = {"username": "ada", "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("admin:login"), said)


def test_the_right_password_signs_in_and_a_wrong_one_does_not(ada):
    assert sign_in(PASSWORD).status_code == 302
    assert sign_in("wrong").status_code == 200


def test_who_guesses_is_locked_out_even_with_the_right_password(ada):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = sign_in("wrong")
    assert last.status_code == 429
    assert "Too many wrong passwords" in last.content.decode()
    assert sign_in(PASSWORD).status_code == 429


def test_a_guesser_does_not_lock_the_person_out_elsewhere(ada):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in("wrong")
    assert sign_in(PASSWORD, address="192.0.2.2").status_code == 302
