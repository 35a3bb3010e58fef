"""All settings, from the environment. A wrong value stops the start with its name.

Without any environment this is the embedded installation: SQLite, a broker in files and mail
as files, all under `var/`. Production replaces DATABASE_URL, REDIS_URL and EMAIL_URL, and must
set SECRET_KEY and ALLOWED_HOSTS (checks in `raci_project.checks` say what is missing).
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import django_stubs_ext

from raci_project import theme
from raci_project.environment import (
    BASE_DIR,
    POSITIVE,
    VAR_DIR,
    a_url_of,
    a_zone,
    env,
    kept_secret,
)
from raci_project.speaking import *  # noqa: F403 - settings of their own page

django_stubs_ext.monkeypatch()  # Django's generic classes may be subscripted at run time

PRODUCTION = env.bool("PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or (
    "" if PRODUCTION else kept_secret("secret_key")
)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Where the public reads the status page; its files may be served by another host.
STATUS_URL = env.str("STATUS_URL", default="").rstrip("/") or f"{SITE_URL}/status"

# The organisation's own zone: months of reports and the end of a due date are read in it.
ORGANISATION_ZONE = ZoneInfo(env.str("ORGANISATION_ZONE", default="UTC", validate=a_zone))
# For so many days after its closing an incident may be reopened; later a new one is declared.
REOPEN_DAYS = env.int("REOPEN_DAYS", default=14, validate=POSITIVE)
DEMO_ORGANISATION = "Northwind Pay"
ORGANISATION_NAME = env.str("ORGANISATION_NAME", default=DEMO_ORGANISATION)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "simple_history",
    "import_export",
    "ninja",
    "incidents",
    "reviews",
    "training",
    "raci_project.apps.ProjectConfig",
]

MIDDLEWARE = [
    "raci_project.status_files.StatusFilesMiddleware",  # needs nothing of what follows
    "raci_project.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "raci_project.middleware.ReaderZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers for a login that was locked out
]

ROOT_URLCONF = "raci_project.urls"
WSGI_APPLICATION = "raci_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "incidents.admin.form_key.in_pages",
            ],
        },
    },
]

# --- Database. SQLite as a server: WAL and IMMEDIATE make concurrent writers wait, not fail.
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'raci.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    # A connection found dead (the server was restarted) is replaced before a request uses it.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# SQLite, too: opening the file and reading its schema costs milliseconds, more than most requests.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache and broker
REDIS_URL = env.str("REDIS_URL", default="", validate=a_url_of("redis", "rediss", "unix"))
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --- Watched from outside: who may read /metrics, and who is pinged while all is well.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
DEADMAN_URL = env.str("DEADMAN_URL", default="", validate=a_url_of("http", "https"))

# --- People and permissions
AUTH_USER_MODEL = "incidents.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: who is locked out is not even asked
    "django.contrib.auth.backends.ModelBackend",
]
# Ten wrong passwords for one name from one address: locked out for a quarter of an hour.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked_out.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False  # user names and addresses are no business of the log
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# --- Time: stored in UTC, shown in the reader's zone (raci_project.middleware).
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "raci_project.formats"

# --- Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Compressing takes half a minute once: worth it on a network, not on the first `make run`.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 7 * 1024 * 1024  # the API's largest body: api/limits.py
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

# --- Row history and spreadsheets: least privilege (the packages' defaults are open).
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = True
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_DATE_INDEX = "Composite"
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = True
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.MediaStorage"

# --- Security
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("BEHIND_PROXY", default=False):
    AXES_IPWARE_PROXY_COUNT = 1  # else everybody shares the proxy's address
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine needs 'unsafe-eval'; every user's text is escaped.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

# --- Celery: every task is a sweep that the scheduler repeats, so no result is kept.
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
# Seconds; for a pool of processes alone: a thread cannot be stopped from outside, so under the
# thread pool, which `serve` runs, this does nothing.
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# One delivery ends after this and the next tick goes on: a worker that is asked to stop, and
# the pages behind a long queue, wait no longer.
DELIVER_AT_MOST = timedelta(minutes=1)
# Of the message in hand at the end, each of four answers may take a timeout of its own.
_LONGEST_DELIVERY = int(DELIVER_AT_MOST.total_seconds()) + 4 * EMAIL_TIMEOUT  # noqa: F405
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        # Redis gives a killed worker's task back after this; longer than any task may run.
        "visibility_timeout": max(CELERY_TASK_TIME_LIMIT, _LONGEST_DELIVERY) + 60,
        "unacked_restore_throttle": 1,
        # Queues in the order in which a worker was given them: `urgent` is asked first.
        "queue_order_strategy": "priority",
    }
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "broker"),
        "data_folder_out": str(VAR_DIR / "broker"),
        "control_folder": str(VAR_DIR / "broker-control"),
        "polling_interval": 0.2,  # seconds; a page begins to leave within two
    }
)
SWEEP_EVERY = timedelta(seconds=env.int("SWEEP_SECONDS", default=30, validate=POSITIVE))
DELIVER_EVERY = timedelta(seconds=env.int("DELIVER_SECONDS", default=5, validate=POSITIVE))
RELEASE_EVERY = timedelta(seconds=env.int("RELEASE_SECONDS", default=2, validate=POSITIVE))
PAGE_EVERY = timedelta(seconds=env.int("PAGE_SECONDS", default=1, validate=POSITIVE))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "axes": {"level": "ERROR"},  # its warnings carry names and addresses
        # What these two say of a channel may hold the secrets of its URL.
        "apprise": {"level": "WARNING", "handlers": ["nowhere"], "propagate": False},
        "urllib3": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
}

UNFOLD = theme.UNFOLD
