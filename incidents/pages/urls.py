"""Addresses of the pages that need no sign-in."""

from django.urls import path

from incidents.pages import unsubscribe

urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe.page, name="unsubscribe"),
]
