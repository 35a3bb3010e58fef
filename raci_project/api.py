"""The API: every router at its address, one way in, one shape for every no."""

from typing import Any

from django.urls import URLPattern, URLResolver
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router, Swagger
from ninja.openapi.schema import OpenAPISchema

from incidents.api import (
    adherence,
    affected,
    alerts,
    attestation,
    authority,
    calling,
    catalogue,
    coverage,
    customers,
    decisions,
    delegations,
    destinations,
    duty,
    handover,
    incidents,
    legal,
    legal_cases,
    limits,
    linking,
    matrices,
    messages,
    notices,
    obligations,
    once,
    policies,
    privacy,
    problems,
    readiness,
    saying,
    severity,
    statements,
    suggestions,
    updates,
    verbs,
    ways,
    wording,
)
from incidents.api.auth import Bearer
from reviews import api as reviews

ROUTERS: tuple[tuple[str, Router], ...] = (
    # Addresses are tried in this order: this one is asked thousands of times in a row.
    ("/legal", legal_cases.router),
    ("/incidents", incidents.router),
    ("/incidents", verbs.router),
    ("/incidents", handover.router),
    ("/incidents", updates.router),
    ("/incidents", saying.router),
    ("/incidents", legal.router),
    ("/incidents", notices.router),
    ("/incidents", delegations.router),
    ("/incidents", adherence.router),
    ("/incidents", affected.router),
    ("/incidents", authority.router),
    ("/incidents", calling.router),
    ("/incidents", decisions.router),
    ("/incidents", privacy.router),
    ("/incidents", linking.router),
    ("/incidents", suggestions.router),
    ("/incidents", statements.of_incident),
    ("/alerts", alerts.router),
    ("/messages", messages.router),
    ("/matrices", matrices.router),
    ("/severity", severity.router),
    ("/wording", wording.router),
    ("/metrics", reviews.router),
    ("/nudge-policies", policies.router),
    ("", catalogue.router),
    ("", coverage.router),
    ("", statements.router),
    ("", customers.router),
    ("", readiness.router),
    ("", destinations.router),
    ("", ways.router),
    ("", obligations.router),
    ("", duty.router),
    ("", attestation.router),
)


class Api(NinjaAPI):
    """The stock API, which also refuses a method, and describes how it refuses, as we do."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Every address of the API; none answers a program with a page."""
        patterns, application, namespace = super().urls
        for each in patterns:
            if each.callback:
                each.callback = problems.without_pages(each.callback)
        return patterns, application, namespace

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """With the problem document among every operation's answers, and the key of each POST."""
        schema = super().get_openapi_schema(**options)
        problems.describe(schema)
        once.describe(schema)
        return schema


api = Api(
    title="Incident governance",
    version="1",
    urls_namespace="api",
    description="Declare an incident, run it by its verbs, read what happened.",
    auth=Bearer(),
    # The stock page asks a validator on the internet about our schema.
    docs=Swagger({"validatorUrl": None}),
    docs_decorator=require_safe,
)
# The last one is asked first: a body that is too large is not even read for its key.
api.add_decorator(once.kept, mode="view")
api.add_decorator(limits.limited, mode="view")
problems.install(api)
for prefix, router in ROUTERS:
    api.add_router(prefix, router)
