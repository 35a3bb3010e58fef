"""Addresses of the pages that need no sign-in."""

from django.urls import path

from incidents.pages import acknowledge, replies, subscribe, unsubscribe

urlpatterns = [
    path("acknowledge/<str:token>/", acknowledge.page, name="acknowledge"),
    path("replies/<slug:channel>", replies.receive, name="replies"),
    path("subscribe/", subscribe.page, name="subscribe"),
    path("subscribe/confirm/<str:token>/", subscribe.confirm, name="subscribe_confirm"),
    path("subscribe/stop/<str:token>/", subscribe.stop, name="subscribe_stop"),
    path("unsubscribe/<str:token>/", unsubscribe.page, name="unsubscribe"),
]
