"""The API: every router at its address, one way in, one shape for every no."""

from ninja import NinjaAPI, Router, Swagger

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

api = NinjaAPI(
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
