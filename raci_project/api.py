"""The API: every router at its address, one way in, one shape for every no."""

from typing import Any

from ninja import NinjaAPI, Router, Swagger
from ninja.openapi.schema import OpenAPISchema

from incidents.api import (
    catalogue,
    incidents,
    legal,
    limits,
    problems,
    severity,
    updates,
    verbs,
)
from incidents.api.auth import Bearer
from reviews import api as reviews

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/incidents", incidents.router),
    ("/incidents", verbs.router),
    ("/incidents", updates.router),
    ("/incidents", legal.router),
    ("/severity", severity.router),
    ("/metrics", reviews.router),
    ("", catalogue.router),
)


class Api(NinjaAPI):
    """The stock API, whose description also tells how it refuses."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """With the problem document among every operation's answers."""
        schema = super().get_openapi_schema(**options)
        problems.describe(schema)
        return schema


api = Api(
    title="Incident governance",
    version="1",
    urls_namespace="api",
    description="Declare an incident, run it by its verbs, read what happened.",
    auth=Bearer(),
    # The stock page asks a validator on the internet about our schema.
    docs=Swagger({"validatorUrl": None}),
)
api.add_decorator(limits.limited, mode="view")
problems.install(api)
for prefix, router in ROUTERS:
    api.add_router(prefix, router)
