"""The WSGI entry point for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci_project.settings")
application = get_wsgi_application()
# What is loaded by now lives as long as the process: walking it again and again would hold up one
# request in twenty for a tenth of a second.
gc.collect()
gc.freeze()
