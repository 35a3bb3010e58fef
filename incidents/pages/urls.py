"""Addresses of the pages that need no sign-in."""

from django.urls import path

from incidents.pages import acknowledge, replies, unsubscribe

urlpatterns = [
    path("acknowledge/<str:token>/", acknowledge.page, name="acknowledge"),
    path("replies/<slug:channel>", replies.receive, name="replies"),
    path("unsubscribe/<str:token>/", unsubscribe.page, name="unsubscribe"),
]
