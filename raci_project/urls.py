"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from incidents.api.problems import not_found
from raci_project import calendar_feed, health_page, metrics_page, practice_page
from raci_project.api import api

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/health/", admin.site.admin_view(health_page.page), name="health"),
    path("admin/practice/", admin.site.admin_view(practice_page.page), name="practice"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("metrics", metrics_page.page, name="metrics"),
    path("calendar/<str:token>.ics", calendar_feed.page, name="calendar_feed"),
    path("", include("incidents.pages.urls")),
    re_path("^api/", not_found),  # a program that calls a wrong address reads JSON, too
]
