"""Everything that the fourteen migrations it replaces have made, at once: a new installation begins here."""

import datetime
from importlib import import_module

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import incidents.models.people
import incidents.rules.phases
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from incidents.migrations._at_once import AtOnce

_trigrams = import_module("incidents.migrations.0004_search_by_trigram")
_one_voice = import_module("incidents.migrations.0013_one_voice")
_legal = import_module("incidents.migrations.0014_legal_and_privacy")


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("incidents", "0001_initial"),
        ("incidents", "0002_rotation_of_command"),
        ("incidents", "0003_running_clocks_by_due"),
        ("incidents", "0004_search_by_trigram"),
        ("incidents", "0005_permissions_of_the_scheme"),
        ("incidents", "0006_void_messages"),
        ("incidents", "0007_reviews_owed"),
        ("incidents", "0008_the_matrix_as_law"),
        ("incidents", "0009_columns_of_matrices"),
        ("incidents", "0010_why_not_waited_for_why_not_done"),
        ("incidents", "0011_declare_and_command"),
        ("incidents", "0012_messages_that_arrive"),
        ("incidents", "0013_one_voice"),
        ("incidents", "0014_legal_and_privacy"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="Activity",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "phase",
                            models.CharField(
                                choices=[
                                    ("preparation", "Preparation"),
                                    ("detection", "Detection"),
                                    ("triage", "Triage"),
                                    ("mitigation", "Mitigation"),
                                    ("resolution", "Resolution"),
                                    ("review", "Review"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(max_length=200)),
                        ("description", models.TextField(blank=True)),
                        (
                            "key",
                            models.CharField(
                                blank=True,
                                editable=False,
                                help_text="The same from version to version, also when it is renamed.",
                                max_length=32,
                            ),
                        ),
                        (
                            "act",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("declare", "Declare the incident"),
                                    ("assign_commander", "Assign the commander"),
                                    ("set_severity", "Set the severity"),
                                    ("escalate", "Escalate"),
                                    ("decide", "Decide"),
                                    ("first_internal_update", "Send the first internal update"),
                                    ("publish_externally", "Publish externally"),
                                    ("notify_authority", "Decide on and give legal notice"),
                                    ("contain", "Contain the impact"),
                                    ("mitigate", "End the users' impact"),
                                    ("resolve", "Restore normal service"),
                                    ("hand_over", "Hand over command"),
                                    ("stand_down", "Stand down and close"),
                                    ("review", "Review it"),
                                    ("actions", "Agree on action items"),
                                ],
                                help_text="What people do in an incident that this line governs.",
                                max_length=30,
                            ),
                        ),
                        (
                            "proceed_after_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="How long the act waits for those consulted; none = it does not wait.",
                                null=True,
                            ),
                        ),
                        (
                            "within_minutes",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="From declaration until it is to be done; none = no target.",
                                null=True,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "activities",
                        "ordering": ["version", "position", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Counter",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=40, primary_key=True, serialize=False),
                        ),
                        ("value", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=120, primary_key=True, serialize=False),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Matrix",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                    ],
                    options={
                        "verbose_name_plural": "matrices",
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Outlet",
                    fields=[
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                max_length=9,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "rate_per_minute",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="Messages a minute at most; empty: no limit.",
                                null=True,
                            ),
                        ),
                        ("tokens", models.FloatField(default=0, editable=False)),
                        (
                            "tokens_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "failures",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="How often in a row it could not be reached.",
                            ),
                        ),
                        ("paused_until", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "ordering": ["channel"],
                        "permissions": [("set_outlet", "Can limit how fast a channel sends")],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Scenario",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="SeverityLevel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("code", models.SlugField(max_length=20)),
                        ("rank", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=80)),
                        ("description", models.TextField(blank=True)),
                        (
                            "review_due_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Days from closing to a published review; none = not owed.",
                                null=True,
                            ),
                        ),
                        (
                            "public_update_required",
                            models.BooleanField(
                                default=False,
                                help_text="Whether policy asks for a public update at this level.",
                            ),
                        ),
                        (
                            "command_answer_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Minutes a commander has to answer before the deputy takes over; none = for ever.",
                                null=True,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["scheme", "rank"],
                    },
                ),
                migrations.CreateModel(
                    name="Person",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="last login"
                            ),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={
                                    "unique": "A user with that username already exists."
                                },
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[
                                    django.contrib.auth.validators.UnicodeUsernameValidator()
                                ],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="email address"
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
                        ("name", models.CharField(max_length=150)),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                help_text="IANA name; pages and due dates are shown in it.",
                                max_length=64,
                                validators=[incidents.models.people.validate_time_zone],
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True, help_text="With country code: +49 …", max_length=32
                            ),
                        ),
                        (
                            "works_from",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; empty: at any hour.",
                                null=True,
                            ),
                        ),
                        (
                            "works_until",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; before “works from” it is the next day.",
                                null=True,
                            ),
                        ),
                        ("works_weekends", models.BooleanField(default=True)),
                        (
                            "quiet_from",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; from then on only pages come through.",
                                null=True,
                            ),
                        ),
                        (
                            "quiet_until",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; before “quiet from” it is the next day.",
                                null=True,
                            ),
                        ),
                        (
                            "holidays",
                            models.CharField(
                                blank=True,
                                help_text="Country, or country and region, such as DE or DE-BY: on its public holidays only pages come through. Empty: none.",
                                max_length=10,
                                validators=[incidents.models.people.validate_holidays],
                            ),
                        ),
                        (
                            "digest_at",
                            models.TimeField(
                                default=datetime.time(8, 0),
                                help_text="Local time at which the day's digest comes.",
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "manager",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "people",
                        "ordering": ["name", "username"],
                        "permissions": [
                            ("import_person", "Can import people"),
                            ("export_person", "Can export people"),
                            ("verify_person", "Can verify addresses of their own"),
                            (
                                "prove_person",
                                "Can record that an address of a person was verified",
                            ),
                            ("reach_person", "Can say how they want to be reached themselves"),
                        ],
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "digest",
                            models.CharField(editable=False, max_length=64, unique=True),
                        ),
                        ("label", models.CharField(blank=True, max_length=80)),
                        ("created_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="api_tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "API token",
                        "verbose_name_plural": "API tokens",
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="AuditHead",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("sequence", models.BigIntegerField(default=0)),
                        (
                            "hash",
                            models.CharField(
                                default="0000000000000000000000000000000000000000000000000000000000000000",
                                max_length=64,
                            ),
                        ),
                    ],
                    options={
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="one_audit_head"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckLimits",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "responsible",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="R06: most roles responsible for one activity.",
                            ),
                        ),
                        (
                            "consulted",
                            models.PositiveSmallIntegerField(
                                default=4,
                                help_text="R07: most roles consulted before one activity.",
                            ),
                        ),
                        (
                            "informed",
                            models.PositiveSmallIntegerField(
                                default=5,
                                help_text="R08: most roles informed after one activity.",
                            ),
                        ),
                        (
                            "accountable_percent",
                            models.PositiveSmallIntegerField(
                                default=75,
                                help_text="R11: most of all activities one role is accountable for, in percent.",
                            ),
                        ),
                        (
                            "responsible_percent",
                            models.PositiveSmallIntegerField(
                                default=75,
                                help_text="R12: most of all activities one role is responsible for, in percent.",
                            ),
                        ),
                        (
                            "column_activities",
                            models.PositiveSmallIntegerField(
                                default=4,
                                help_text="R11-R13: smaller matrices are not asked about their columns.",
                            ),
                        ),
                        (
                            "holders",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="R16: people qualified for each accountable or responsible role.",
                            ),
                        ),
                        (
                            "span_least",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="R20: fewest roles that report to the commander.",
                            ),
                        ),
                        (
                            "span_most",
                            models.PositiveSmallIntegerField(
                                default=7,
                                help_text="R20: most roles that report to the commander.",
                            ),
                        ),
                        (
                            "review_days",
                            models.PositiveSmallIntegerField(
                                default=180,
                                help_text="R27: days until a matrix in force is to be looked at again.",
                            ),
                        ),
                        (
                            "load_factor_percent",
                            models.PositiveSmallIntegerField(
                                default=150,
                                help_text="R32: most load of one person, in percent of the median.",
                            ),
                        ),
                        (
                            "emergency_hours",
                            models.PositiveSmallIntegerField(
                                default=72,
                                help_text="Hours within which an emergency change is approved or declined.",
                            ),
                        ),
                        (
                            "consult_minutes",
                            models.PositiveSmallIntegerField(
                                default=10,
                                help_text="Minutes an act waits for those consulted, where the matrix says none.",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "thresholds of the checks",
                        "verbose_name_plural": "thresholds of the checks",
                        "default_permissions": ("view", "change"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="one_row_of_limits"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HoldingStatement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "severity",
                            models.SlugField(
                                blank=True, help_text="Level code; empty = any.", max_length=20
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("language", models.CharField(default="en", max_length=10)),
                        (
                            "text",
                            models.TextField(
                                help_text="Blanks in braces, such as {service}, {time} and {link}."
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("retired", "Retired"),
                                ],
                                default="draft",
                                max_length=8,
                            ),
                        ),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "expires_on",
                            models.DateField(
                                blank=True,
                                help_text="First day on which it may no longer be used.",
                                null=True,
                            ),
                        ),
                        (
                            "approver",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "maker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "scenario",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statements",
                                to="incidents.scenario",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["scenario", "severity", "audience", "title"],
                        "permissions": [
                            ("approve_holdingstatement", "Can approve a holding statement"),
                            ("retire_holdingstatement", "Can retire a holding statement"),
                            ("import_holdingstatement", "Can import statement drafts"),
                            ("export_holdingstatement", "Can export statements"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(editable=False, max_length=20, unique=True),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("incident", "Incident"), ("exercise", "Exercise")],
                                default="incident",
                                max_length=8,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("detection", "Detection"),
                                    ("triage", "Triage"),
                                    ("mitigation", "Mitigation"),
                                    ("resolution", "Resolution"),
                                    ("closed", "Closed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default=incidents.rules.phases.State["DETECTION"],
                                max_length=10,
                            ),
                        ),
                        ("facts", models.JSONField(default=dict)),
                        ("severity_reasons", models.JSONField(default=list)),
                        (
                            "severity_missed",
                            models.JSONField(
                                default=list,
                                help_text="The criteria of this level and above that did not hold.",
                            ),
                        ),
                        (
                            "judge_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                help_text="When the passing of time alone may change what the criteria say.",
                                null=True,
                            ),
                        ),
                        ("severity_override_reason", models.TextField(blank=True)),
                        ("impact_started_at", models.DateTimeField(blank=True, null=True)),
                        ("detected_at", models.DateTimeField(blank=True, null=True)),
                        ("declared_at", models.DateTimeField()),
                        ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                        ("commander_assigned_at", models.DateTimeField(blank=True, null=True)),
                        ("contained_at", models.DateTimeField(blank=True, null=True)),
                        ("mitigated_at", models.DateTimeField(blank=True, null=True)),
                        ("resolved_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "first_internal_update_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("first_public_update_at", models.DateTimeField(blank=True, null=True)),
                        ("provenance", models.JSONField(default=dict)),
                        (
                            "unfilled",
                            models.JSONField(
                                default=list,
                                help_text="Roles nobody could be found for: [{role, service, reasons}].",
                            ),
                        ),
                        ("review_due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "is_review_owed",
                            models.BooleanField(
                                default=False,
                                editable=False,
                                help_text="Closing set when a review is due, and no sweep has seen to that yet.",
                            ),
                        ),
                        (
                            "is_private",
                            models.BooleanField(
                                default=False,
                                help_text="Seen only by who takes part and by the groups named.",
                            ),
                        ),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=0,
                                editable=False,
                                help_text="Grows with every audit line about this incident.",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True, help_text="Where history came from.", max_length=40
                            ),
                        ),
                        ("external_id", models.CharField(blank=True, max_length=120)),
                        (
                            "declared_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "seen_by",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="auth.group"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-declared_at", "-id"],
                        "permissions": [
                            (
                                "lead_incident",
                                "Leadership: may act where a role is held by nobody",
                            ),
                            ("declare_incident", "Declare (incident)"),
                            ("acknowledge_incident", "Acknowledge (incident)"),
                            ("assign_incident", "Assign a role (incident)"),
                            ("hand_over_incident", "Hand over command (incident)"),
                            ("accept_command_incident", "Accept command (incident)"),
                            ("decline_command_incident", "Decline command (incident)"),
                            (
                                "withdraw_hand_over_incident",
                                "Withdraw the hand-over (incident)",
                            ),
                            ("call_commander_incident", "Call the commander (incident)"),
                            ("answer_call_incident", "I am here (incident)"),
                            ("accept_suggestion_incident", "Accept a suggestion (incident)"),
                            ("dismiss_suggestion_incident", "Dismiss a suggestion (incident)"),
                            ("classify_incident", "Classify (incident)"),
                            ("advance_incident", "Advance (incident)"),
                            ("decide_incident", "Record a decision (incident)"),
                            ("propose_incident", "Propose a decision (incident)"),
                            ("decline_proposal_incident", "Decline a proposal (incident)"),
                            ("escalate_incident", "Escalate (incident)"),
                            ("contain_incident", "Mark contained (incident)"),
                            ("mitigate_incident", "Mark mitigated (incident)"),
                            ("resolve_incident", "Mark resolved (incident)"),
                            ("close_incident", "Close (incident)"),
                            ("reopen_incident", "Reopen (incident)"),
                            ("cancel_incident", "Cancel (incident)"),
                            ("merge_incident", "Merge into another (incident)"),
                            ("split_incident", "Split off (incident)"),
                            ("relate_incident", "Relate to another (incident)"),
                            ("set_privacy_incident", "Set who may see it (incident)"),
                            ("set_services_incident", "Change affected services (incident)"),
                            ("record_facts_incident", "Record facts (incident)"),
                            ("answer_clock_incident", "Answer a legal clock (incident)"),
                            ("draft_update_incident", "Draft an update (incident)"),
                            ("approve_update_incident", "Approve an update (incident)"),
                            ("publish_update_incident", "Publish an update (incident)"),
                            ("delegate_incident", "Delegate (incident)"),
                            ("consult_incident", "Consult first (incident)"),
                            ("advise_incident", "Answer a consultation (incident)"),
                            ("perform_incident", "Mark an activity done (incident)"),
                            ("explain_incident", "Explain a departure (incident)"),
                            ("note_incident", "Add a note (incident)"),
                        ],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Consultation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("question", models.TextField()),
                        ("asked_at", models.DateTimeField()),
                        ("proceeds_at", models.DateTimeField()),
                        (
                            "at_once_because",
                            models.TextField(
                                blank=True,
                                help_text="Why the act did not wait for the answers; empty = it waits.",
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.activity",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consultations",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-asked_at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="MatrixVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Submitted"),
                                    ("emergency", "Emergency"),
                                    ("approved", "Approved"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True,
                                help_text="Why this version: what changes and for whom.",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "warnings_reason",
                            models.TextField(
                                blank=True,
                                help_text="Why it was submitted in spite of warnings.",
                            ),
                        ),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("effective_from", models.DateTimeField(blank=True, null=True)),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=0,
                                help_text="How often the draft was edited: who edits says which one they saw.",
                            ),
                        ),
                        (
                            "based_on",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="successors",
                                to="incidents.matrixversion",
                            ),
                        ),
                        (
                            "checker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "maker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "matrix",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="incidents.matrix",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["matrix", "-number"],
                        "permissions": [
                            ("submit_matrixversion", "Can submit a matrix version"),
                            ("approve_matrixversion", "Can approve a matrix version"),
                            ("draft_matrixversion", "Can draft and edit a matrix version"),
                            ("withdraw_matrixversion", "Can withdraw a matrix version"),
                            (
                                "enact_matrixversion",
                                "Can put an emergency change of a matrix in force",
                            ),
                            (
                                "confirm_matrixversion",
                                "Can confirm that a matrix is still right",
                            ),
                            ("import_matrixversion", "Can import a matrix"),
                            ("export_matrixversion", "Can export a matrix"),
                        ],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="MatrixUpload",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200)),
                        ("rows", models.JSONField()),
                        ("uploaded_at", models.DateTimeField()),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="uploads",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-uploaded_at"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="MatrixRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text="The version's `revision` after the edit."
                            ),
                        ),
                        ("edited_at", models.DateTimeField()),
                        ("summary", models.CharField(max_length=200)),
                        (
                            "content",
                            models.JSONField(
                                help_text="The whole draft, as `rules.matrix_document` writes it."
                            ),
                        ),
                        (
                            "edited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "-number"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="MatrixConfirmation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField()),
                        ("note", models.TextField(blank=True)),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="confirmations",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-confirmed_at"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.AddField(
                    model_name="incident",
                    name="matrix_version",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="incidents.matrixversion",
                    ),
                ),
                migrations.CreateModel(
                    name="HistoricalVariation",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "depends_on",
                            models.CharField(
                                choices=[
                                    ("tier", "tier"),
                                    ("severity", "severity"),
                                    ("scenario", "scenario"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "value",
                            models.CharField(
                                help_text="A level's code, 1 to 4, a scenario's slug.",
                                max_length=50,
                            ),
                        ),
                        ("note", models.TextField(blank=True, help_text="Why it differs.")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical variation",
                        "verbose_name_plural": "historical variations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalMatrixVersion",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Submitted"),
                                    ("emergency", "Emergency"),
                                    ("approved", "Approved"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True,
                                help_text="Why this version: what changes and for whom.",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "warnings_reason",
                            models.TextField(
                                blank=True,
                                help_text="Why it was submitted in spite of warnings.",
                            ),
                        ),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("effective_from", models.DateTimeField(blank=True, null=True)),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=0,
                                help_text="How often the draft was edited: who edits says which one they saw.",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "checker",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "maker",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "matrix",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrix",
                            ),
                        ),
                        (
                            "based_on",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical matrix version",
                        "verbose_name_plural": "historical matrix versions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalEmergencyChange",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.TextField(help_text="Why it could not wait.")),
                        ("enacted_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[("approved", "Approved"), ("declined", "Declined")],
                                max_length=8,
                            ),
                        ),
                        ("decision_note", models.TextField(blank=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "enacted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical emergency change",
                        "verbose_name_plural": "historical emergency changes",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalActivity",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "phase",
                            models.CharField(
                                choices=[
                                    ("preparation", "Preparation"),
                                    ("detection", "Detection"),
                                    ("triage", "Triage"),
                                    ("mitigation", "Mitigation"),
                                    ("resolution", "Resolution"),
                                    ("review", "Review"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(max_length=200)),
                        ("description", models.TextField(blank=True)),
                        (
                            "key",
                            models.CharField(
                                blank=True,
                                editable=False,
                                help_text="The same from version to version, also when it is renamed.",
                                max_length=32,
                            ),
                        ),
                        (
                            "act",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("declare", "Declare the incident"),
                                    ("assign_commander", "Assign the commander"),
                                    ("set_severity", "Set the severity"),
                                    ("escalate", "Escalate"),
                                    ("decide", "Decide"),
                                    ("first_internal_update", "Send the first internal update"),
                                    ("publish_externally", "Publish externally"),
                                    ("notify_authority", "Decide on and give legal notice"),
                                    ("contain", "Contain the impact"),
                                    ("mitigate", "End the users' impact"),
                                    ("resolve", "Restore normal service"),
                                    ("hand_over", "Hand over command"),
                                    ("stand_down", "Stand down and close"),
                                    ("review", "Review it"),
                                    ("actions", "Agree on action items"),
                                ],
                                help_text="What people do in an incident that this line governs.",
                                max_length=30,
                            ),
                        ),
                        (
                            "proceed_after_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="How long the act waits for those consulted; none = it does not wait.",
                                null=True,
                            ),
                        ),
                        (
                            "within_minutes",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="From declaration until it is to be done; none = no target.",
                                null=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical activity",
                        "verbose_name_plural": "historical activities",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="EmergencyChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_nudge_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "nudged_through",
                            models.CharField(blank=True, editable=False, max_length=40),
                        ),
                        ("reason", models.TextField(help_text="Why it could not wait.")),
                        ("enacted_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[("approved", "Approved"), ("declined", "Declined")],
                                max_length=8,
                            ),
                        ),
                        ("decision_note", models.TextField(blank=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "enacted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="emergency",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-enacted_at"],
                        "abstract": False,
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="AttestationCampaign",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("due_on", models.DateField(help_text="The last day to answer.")),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaigns",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-opened_at"],
                        "permissions": [
                            ("open_attestationcampaign", "Can open an attestation campaign"),
                            ("close_attestationcampaign", "Can close an attestation campaign"),
                        ],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.AddField(
                    model_name="activity",
                    name="version",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="incidents.matrixversion",
                    ),
                ),
                migrations.CreateModel(
                    name="Muted",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("kind", models.SlugField()),
                        ("muted_at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="muted",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "muted",
                        "ordering": ["person", "kind"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="NudgePolicy",
                    fields=[
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("update", "an update that is owed"),
                                    ("legal_clock", "a legal clock"),
                                    ("review", "a review"),
                                    ("action_item", "an action item"),
                                    ("emergency_change", "an emergency change of the matrix"),
                                    ("game_day", "a game day"),
                                    ("statement", "a holding statement that expires"),
                                    ("matrix", "a matrix that nobody has reviewed"),
                                    ("qualification", "a qualification that lapses"),
                                    ("runbook", "a runbook that nobody has checked"),
                                    ("attestation", "an attestation"),
                                ],
                                max_length=20,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "as_digest",
                            models.BooleanField(
                                default=False,
                                help_text="Into the day's digest of each person, not as mails of their own.",
                            ),
                        ),
                        (
                            "is_optional",
                            models.BooleanField(
                                default=False,
                                help_text="Whether a person may unsubscribe from these.",
                            ),
                        ),
                        (
                            "gives_up_after_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Days after the due instant; empty: until it is done.",
                                null=True,
                            ),
                        ),
                        (
                            "changed_at",
                            models.DateTimeField(
                                editable=False,
                                help_text="Steps reached before this instant are let go.",
                            ),
                        ),
                        (
                            "applied_at",
                            models.DateTimeField(
                                editable=False,
                                help_text="Which change the open rows go by: the sweep's bookkeeping.",
                            ),
                        ),
                        (
                            "changed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "nudge policies",
                        "ordering": ["what"],
                        "permissions": [("set_nudgepolicy", "Can set how people are reminded")],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalNudgeStep",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "name",
                            models.SlugField(
                                help_text="Part of what makes a nudge unique.", max_length=30
                            ),
                        ),
                        (
                            "offset_minutes",
                            models.IntegerField(help_text="Negative: before it is due; 0: at."),
                        ),
                        (
                            "repeat_minutes",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="The last step only: again and again.",
                                null=True,
                            ),
                        ),
                        (
                            "to",
                            models.JSONField(
                                default=list,
                                help_text="owner, manager, leadership, or the slug of a role in the incident.",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "Page"), (5, "Notice"), (9, "Digest")], default=5
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                blank=True,
                                help_text="Empty: as the person wants to be reached.",
                                max_length=9,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.nudgepolicy",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical nudge step",
                        "verbose_name_plural": "historical nudge steps",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="NudgeStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "name",
                            models.SlugField(
                                help_text="Part of what makes a nudge unique.", max_length=30
                            ),
                        ),
                        (
                            "offset_minutes",
                            models.IntegerField(help_text="Negative: before it is due; 0: at."),
                        ),
                        (
                            "repeat_minutes",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="The last step only: again and again.",
                                null=True,
                            ),
                        ),
                        (
                            "to",
                            models.JSONField(
                                default=list,
                                help_text="owner, manager, leadership, or the slug of a role in the incident.",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "Page"), (5, "Notice"), (9, "Digest")], default=5
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                blank=True,
                                help_text="Empty: as the person wants to be reached.",
                                max_length=9,
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="incidents.nudgepolicy",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["policy", "offset_minutes"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="Obligation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_nudge_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "nudged_through",
                            models.CharField(blank=True, editable=False, max_length=40),
                        ),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("update", "an update that is owed"),
                                    ("legal_clock", "a legal clock"),
                                    ("review", "a review"),
                                    ("action_item", "an action item"),
                                    ("emergency_change", "an emergency change of the matrix"),
                                    ("game_day", "a game day"),
                                    ("statement", "a holding statement that expires"),
                                    ("matrix", "a matrix that nobody has reviewed"),
                                    ("qualification", "a qualification that lapses"),
                                    ("runbook", "a runbook that nobody has checked"),
                                    ("attestation", "an attestation"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("subject_type", models.CharField(max_length=60)),
                        ("subject_id", models.CharField(max_length=60)),
                        ("title", models.CharField(max_length=250)),
                        ("link", models.CharField(max_length=300)),
                        ("opened_at", models.DateTimeField()),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at", "id"],
                        "abstract": False,
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Omission",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("explained_at", models.DateTimeField()),
                        (
                            "activity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.activity",
                            ),
                        ),
                        (
                            "explained_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="omissions",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["explained_at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="OutboxMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("dedupe_key", models.CharField(max_length=200, unique=True)),
                        ("kind", models.SlugField()),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "Page"), (5, "Notice"), (9, "Digest")], default=5
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                default="email",
                                max_length=9,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                blank=True,
                                help_text="In which role they are told.",
                                max_length=50,
                            ),
                        ),
                        ("address", models.CharField(max_length=254)),
                        ("subject", models.CharField(max_length=250)),
                        ("body", models.TextField()),
                        (
                            "link",
                            models.CharField(
                                blank=True, help_text="Path on this site.", max_length=300
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                blank=True,
                                help_text="Reference of the incident.",
                                max_length=40,
                            ),
                        ),
                        (
                            "is_optional",
                            models.BooleanField(
                                default=False,
                                help_text="Whether the recipient may unsubscribe from this kind.",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("sent", "Sent"),
                                    ("dead", "Dead"),
                                    ("void", "Void"),
                                    ("held", "Held"),
                                    ("gathered", "Gathered"),
                                ],
                                default="pending",
                                max_length=8,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("claim", models.CharField(blank=True, editable=False, max_length=36)),
                        ("created_at", models.DateTimeField()),
                        (
                            "due_at",
                            models.DateTimeField(
                                help_text="When it was to leave; lateness counts from here."
                            ),
                        ),
                        ("next_attempt_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=300)),
                        (
                            "way",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="Which of the recipient's ways this is: 0 the first.",
                            ),
                        ),
                        (
                            "fall_back_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="Unacknowledged by then, the next way is tried.",
                                null=True,
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                blank=True,
                                help_text="What a reply must contain to acknowledge it.",
                                max_length=8,
                            ),
                        ),
                        ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "acknowledged_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("link", "the link in the message"),
                                    ("reply", "a reply"),
                                    ("act", "an act in the incident"),
                                ],
                                max_length=5,
                            ),
                        ),
                        (
                            "digest",
                            models.ForeignKey(
                                blank=True,
                                help_text="The digest that says it.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="incidents.outboxmessage",
                            ),
                        ),
                        (
                            "follows",
                            models.ForeignKey(
                                blank=True,
                                help_text="The message that nobody acknowledged, or that could not be sent.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="followed_by",
                                to="incidents.outboxmessage",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-id"],
                        "permissions": [
                            ("resend_outboxmessage", "Can send a dead message again"),
                            ("acknowledge_outboxmessage", "Can acknowledge a message to them"),
                        ],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Proposal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[
                                    ("resources", "resources"),
                                    ("escalation", "escalation and its timing"),
                                    ("operations", "operational steps"),
                                    ("other", "anything else"),
                                ],
                                default="operations",
                                max_length=10,
                            ),
                        ),
                        ("question", models.CharField(max_length=300)),
                        ("text", models.TextField(help_text="What is proposed, and why.")),
                        ("proposed_at", models.DateTimeField()),
                        ("declined_at", models.DateTimeField(blank=True, null=True)),
                        ("decline_reason", models.TextField(blank=True)),
                        (
                            "declined_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["proposed_at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[
                                    ("resources", "resources"),
                                    ("escalation", "escalation and its timing"),
                                    ("operations", "operational steps"),
                                    ("other", "anything else"),
                                ],
                                default="other",
                                max_length=10,
                            ),
                        ),
                        ("question", models.CharField(max_length=300)),
                        ("inputs", models.JSONField(default=list)),
                        ("decision", models.TextField()),
                        ("authority", models.CharField(max_length=120)),
                        ("decided_at", models.DateTimeField()),
                        ("revisit_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "revisit_told_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "proposal",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decision",
                                to="incidents.proposal",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["decided_at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Reply",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "external_id",
                            models.CharField(
                                help_text="The provider's; each counts once.", max_length=200
                            ),
                        ),
                        ("received_at", models.DateTimeField(db_index=True)),
                        ("sender", models.CharField(blank=True, max_length=254)),
                        ("text", models.TextField(blank=True)),
                        (
                            "payload",
                            models.JSONField(
                                default=dict,
                                encoder=django.core.serializers.json.DjangoJSONEncoder,
                                help_text="As it came in.",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("acknowledged", "Acknowledged"),
                                    ("unknown", "no message waits for this"),
                                    ("unreadable", "Unreadable"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("problem", models.CharField(blank=True, max_length=300)),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replies",
                                to="incidents.outboxmessage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "replies",
                        "ordering": ["-received_at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Role",
                    fields=[
                        ("slug", models.SlugField(primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=80, unique=True)),
                        ("description", models.TextField(blank=True)),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=100, help_text="Order of the columns."
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("command", "Command"),
                                    ("voice", "Voice"),
                                    ("technical", "Technical"),
                                    ("support", "Support"),
                                    ("legal", "Legal"),
                                    ("executive", "Executive"),
                                    ("other", "Other"),
                                ],
                                default="other",
                                help_text="What sort of work it does: command is kept apart from technical work and voice.",
                                max_length=12,
                            ),
                        ),
                        (
                            "retired_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "reports_to",
                            models.ForeignKey(
                                blank=True,
                                help_text="Whom its holder answers to while an incident runs.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "name"],
                        "permissions": [("retire_role", "Can retire a role and bring it back")],
                    },
                ),
                migrations.CreateModel(
                    name="Qualification",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[("learning", "Learning"), ("qualified", "Qualified")],
                                default="learning",
                                max_length=12,
                            ),
                        ),
                        ("granted_on", models.DateField()),
                        (
                            "expires_on",
                            models.DateField(
                                blank=True,
                                help_text="First day on which it no longer counts.",
                                null=True,
                            ),
                        ),
                        (
                            "granted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="qualifications",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="qualifications",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["role", "person"],
                        "permissions": [("grant_qualification", "Can grant a qualification")],
                    },
                ),
                migrations.CreateModel(
                    name="Performance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "verb",
                            models.CharField(
                                blank=True,
                                help_text="The act; empty if ticked off.",
                                max_length=30,
                            ),
                        ),
                        ("done_at", models.DateTimeField()),
                        ("note", models.TextField(blank=True)),
                        ("departures", models.JSONField(default=list)),
                        (
                            "reason",
                            models.TextField(
                                blank=True, help_text="Why it departed from the matrix."
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.activity",
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="performances",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "reason_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                help_text="The role of the matrix they held or stood in for; none = they held no part in it.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["done_at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRole",
                    fields=[
                        ("slug", models.SlugField()),
                        ("name", models.CharField(db_index=True, max_length=80)),
                        ("description", models.TextField(blank=True)),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=100, help_text="Order of the columns."
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("command", "Command"),
                                    ("voice", "Voice"),
                                    ("technical", "Technical"),
                                    ("support", "Support"),
                                    ("legal", "Legal"),
                                    ("executive", "Executive"),
                                    ("other", "Other"),
                                ],
                                default="other",
                                help_text="What sort of work it does: command is kept apart from technical work and voice.",
                                max_length=12,
                            ),
                        ),
                        (
                            "retired_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reports_to",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Whom its holder answers to while an incident runs.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical role",
                        "verbose_name_plural": "historical roles",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalQualification",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[("learning", "Learning"), ("qualified", "Qualified")],
                                default="learning",
                                max_length=12,
                            ),
                        ),
                        ("granted_on", models.DateField()),
                        (
                            "expires_on",
                            models.DateField(
                                blank=True,
                                help_text="First day on which it no longer counts.",
                                null=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "granted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical qualification",
                        "verbose_name_plural": "historical qualifications",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPerformance",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "verb",
                            models.CharField(
                                blank=True,
                                help_text="The act; empty if ticked off.",
                                max_length=30,
                            ),
                        ),
                        ("done_at", models.DateTimeField()),
                        ("note", models.TextField(blank=True)),
                        ("departures", models.JSONField(default=list)),
                        (
                            "reason",
                            models.TextField(
                                blank=True, help_text="Why it departed from the matrix."
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.activity",
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reason_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="The role of the matrix they held or stood in for; none = they held no part in it.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical performance",
                        "verbose_name_plural": "historical performances",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalDelegation",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "act",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("declare", "Declare the incident"),
                                    ("assign_commander", "Assign the commander"),
                                    ("set_severity", "Set the severity"),
                                    ("escalate", "Escalate"),
                                    ("decide", "Decide"),
                                    ("first_internal_update", "Send the first internal update"),
                                    ("publish_externally", "Publish externally"),
                                    ("notify_authority", "Decide on and give legal notice"),
                                    ("contain", "Contain the impact"),
                                    ("mitigate", "End the users' impact"),
                                    ("resolve", "Restore normal service"),
                                    ("hand_over", "Hand over command"),
                                    ("stand_down", "Stand down and close"),
                                    ("review", "Review it"),
                                    ("actions", "Agree on action items"),
                                ],
                                help_text="The one act it is for; empty for every act of the role.",
                                max_length=30,
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "giver",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical delegation",
                        "verbose_name_plural": "historical delegations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalColumn",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("description", models.TextField(blank=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrixversion",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical column",
                        "verbose_name_plural": "historical columns",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Delegation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "act",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("declare", "Declare the incident"),
                                    ("assign_commander", "Assign the commander"),
                                    ("set_severity", "Set the severity"),
                                    ("escalate", "Escalate"),
                                    ("decide", "Decide"),
                                    ("first_internal_update", "Send the first internal update"),
                                    ("publish_externally", "Publish externally"),
                                    ("notify_authority", "Decide on and give legal notice"),
                                    ("contain", "Contain the impact"),
                                    ("mitigate", "End the users' impact"),
                                    ("resolve", "Restore normal service"),
                                    ("hand_over", "Hand over command"),
                                    ("stand_down", "Stand down and close"),
                                    ("review", "Review it"),
                                    ("actions", "Agree on action items"),
                                ],
                                help_text="The one act it is for; empty for every act of the role.",
                                max_length=30,
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "giver",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegations",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-starts_at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Column",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("description", models.TextField(blank=True)),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="columns",
                                to="incidents.matrixversion",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="columns",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "position", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Advice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("answer", models.TextField(blank=True)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="advice",
                                to="incidents.consultation",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "advice",
                        "ordering": ["consultation", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="RoleExclusion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("role", models.SlugField()),
                        ("other", models.SlugField(blank=True)),
                        ("reason", models.CharField(max_length=300)),
                        ("made_at", models.DateTimeField()),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["role", "other", "id"],
                        "permissions": [
                            (
                                "set_roleexclusion",
                                "Can exclude roles from each other, and allow them",
                            )
                        ],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.AddField(
                    model_name="incident",
                    name="scenario",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="incidents.scenario",
                    ),
                ),
                migrations.CreateModel(
                    name="HistoricalHoldingStatement",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=120)),
                        (
                            "severity",
                            models.SlugField(
                                blank=True, help_text="Level code; empty = any.", max_length=20
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("language", models.CharField(default="en", max_length=10)),
                        (
                            "text",
                            models.TextField(
                                help_text="Blanks in braces, such as {service}, {time} and {link}."
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("retired", "Retired"),
                                ],
                                default="draft",
                                max_length=8,
                            ),
                        ),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "expires_on",
                            models.DateField(
                                blank=True,
                                help_text="First day on which it may no longer be used.",
                                null=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "approver",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "maker",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "scenario",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.scenario",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical holding statement",
                        "verbose_name_plural": "historical holding statements",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "tier",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="1 = the company stands still without it, 4 = nobody notices soon.",
                            ),
                        ),
                        ("is_revenue_generating", models.BooleanField(default=False)),
                        ("handles_personal_data", models.BooleanField(default=False)),
                        ("description", models.TextField(blank=True)),
                        ("runbook_url", models.URLField(blank=True)),
                        (
                            "runbook_checked_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                help_text="When somebody last followed it.",
                                null=True,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_services",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "permissions": [
                            ("import_service", "Can import services"),
                            ("export_service", "Can export services"),
                            ("check_runbook_service", "Can record that a runbook was followed"),
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="incident",
                    name="services",
                    field=models.ManyToManyField(
                        blank=True, related_name="incidents", to="incidents.service"
                    ),
                ),
                migrations.CreateModel(
                    name="HistoricalDependency",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "strength",
                            models.CharField(
                                choices=[
                                    ("hard", "hard: fails with it"),
                                    ("soft", "soft: degrades with it"),
                                ],
                                default="hard",
                                max_length=4,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "downstream",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.service",
                            ),
                        ),
                        (
                            "upstream",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.service",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical dependency",
                        "verbose_name_plural": "historical dependencies",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAssignment",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(help_text="Why this person.", max_length=300),
                        ),
                        (
                            "rejected",
                            models.JSONField(
                                default=list, help_text="Who was not chosen, each with why."
                            ),
                        ),
                        ("assigned_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("end_reason", models.CharField(blank=True, max_length=200)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "assigned_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.service",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical assignment",
                        "verbose_name_plural": "historical assignments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Dependency",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "strength",
                            models.CharField(
                                choices=[
                                    ("hard", "hard: fails with it"),
                                    ("soft", "soft: degrades with it"),
                                ],
                                default="hard",
                                max_length=4,
                            ),
                        ),
                        (
                            "downstream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dependencies",
                                to="incidents.service",
                            ),
                        ),
                        (
                            "upstream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dependents",
                                to="incidents.service",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "dependencies",
                        "ordering": ["downstream", "upstream"],
                        "permissions": [
                            ("import_dependency", "Can import dependencies"),
                            ("export_dependency", "Can export dependencies"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assignment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(help_text="Why this person.", max_length=300),
                        ),
                        (
                            "rejected",
                            models.JSONField(
                                default=list, help_text="Who was not chosen, each with why."
                            ),
                        ),
                        ("assigned_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("end_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "assigned_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.service",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["incident", "role__position", "assigned_at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Alert",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.SlugField(max_length=40)),
                        ("external_id", models.CharField(max_length=200)),
                        ("title", models.CharField(max_length=200)),
                        ("facts", models.JSONField(default=dict)),
                        ("url", models.URLField(blank=True, max_length=500)),
                        ("detected_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("problems", models.JSONField(default=list)),
                        ("payload", models.JSONField(default=dict, help_text="As it came in.")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("proposed", "Proposed"),
                                    ("accepted", "Accepted"),
                                    ("dismissed", "Dismissed"),
                                ],
                                default="proposed",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.TextField(blank=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="alerts",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "services",
                            models.ManyToManyField(
                                blank=True, related_name="alerts", to="incidents.service"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-received_at", "-id"],
                        "permissions": [
                            ("receive_alert", "Can hand in an alert"),
                            ("accept_alert", "Can accept an alert"),
                            ("dismiss_alert", "Can dismiss an alert"),
                        ],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="SeverityCriterion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(max_length=160)),
                        ("predicate", models.JSONField()),
                        (
                            "level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="criteria",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "severity criteria",
                        "ordering": ["level", "position", "id"],
                    },
                ),
                migrations.AddField(
                    model_name="incident",
                    name="computed_level",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.severitylevel",
                    ),
                ),
                migrations.AddField(
                    model_name="incident",
                    name="level",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="incidents.severitylevel",
                    ),
                ),
                migrations.CreateModel(
                    name="HistoricalUpdateCadence",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "first_minutes",
                            models.PositiveIntegerField(
                                help_text="From declaration to the first update."
                            ),
                        ),
                        (
                            "every_minutes",
                            models.PositiveIntegerField(
                                help_text="From one update to the next."
                            ),
                        ),
                        (
                            "until_minutes",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="Minutes from declaration after which the pace changes.",
                                null=True,
                            ),
                        ),
                        (
                            "then_every_minutes",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical update cadence",
                        "verbose_name_plural": "historical update cadences",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSeverityCriterion",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(max_length=160)),
                        ("predicate", models.JSONField()),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical severity criterion",
                        "verbose_name_plural": "historical severity criteria",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalEscalationStep",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("within_minutes", models.PositiveSmallIntegerField(default=0)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                default="email",
                                max_length=9,
                            ),
                        ),
                        (
                            "repeat_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Between two calls; none = called once.",
                                null=True,
                            ),
                        ),
                        (
                            "repeats",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="How often an unanswered call is repeated before the next in line.",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "next_role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical escalation step",
                        "verbose_name_plural": "historical escalation steps",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="EscalationStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("within_minutes", models.PositiveSmallIntegerField(default=0)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                default="email",
                                max_length=9,
                            ),
                        ),
                        (
                            "repeat_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Between two calls; none = called once.",
                                null=True,
                            ),
                        ),
                        (
                            "repeats",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="How often an unanswered call is repeated before the next in line.",
                            ),
                        ),
                        (
                            "next_role",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="escalation",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["level", "within_minutes", "role"],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationCall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("line", models.PositiveSmallIntegerField(default=0)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "due_at",
                            models.DateTimeField(
                                help_text="When the first call is to be made."
                            ),
                        ),
                        (
                            "calls",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="Made so far."
                            ),
                        ),
                        ("first_called_at", models.DateTimeField(blank=True, null=True)),
                        ("last_called_at", models.DateTimeField(blank=True, null=True)),
                        ("next_call_at", models.DateTimeField(blank=True, null=True)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "waiting"),
                                    ("answered", "Answered"),
                                    (
                                        "passed_on",
                                        "nobody answered: the next in line was called",
                                    ),
                                    ("exhausted", "nobody answered and nobody is next in line"),
                                    ("told", "told once, as the step says"),
                                    ("withdrawn", "the level changed or the incident ended"),
                                ],
                                default="",
                                max_length=9,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                help_text="In which role they are called; none = as leadership.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at", "step", "line", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Classification",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("declared", "Declared"),
                                    ("set", "Set"),
                                    ("kept", "Kept"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        ("set_at", models.DateTimeField()),
                        (
                            "set_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="classifications",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "computed",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["set_at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="SeverityScheme",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Submitted"),
                                    ("emergency", "Emergency"),
                                    ("approved", "Approved"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True,
                                help_text="Why this version: what changes and for whom.",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "warnings_reason",
                            models.TextField(
                                blank=True,
                                help_text="Why it was submitted in spite of warnings.",
                            ),
                        ),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("effective_from", models.DateTimeField(blank=True, null=True)),
                        (
                            "checker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "maker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-number"],
                        "permissions": [
                            ("draft_severityscheme", "Can draft a severity scheme"),
                            ("submit_severityscheme", "Can submit a severity scheme"),
                            ("approve_severityscheme", "Can approve a severity scheme"),
                            ("withdraw_severityscheme", "Can withdraw a severity scheme"),
                        ],
                        "abstract": False,
                    },
                ),
                migrations.AddField(
                    model_name="severitylevel",
                    name="scheme",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="levels",
                        to="incidents.severityscheme",
                    ),
                ),
                migrations.AddField(
                    model_name="incident",
                    name="severity_scheme",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="incidents.severityscheme",
                    ),
                ),
                migrations.CreateModel(
                    name="HistoricalSeverityLevel",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=20)),
                        ("rank", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=80)),
                        ("description", models.TextField(blank=True)),
                        (
                            "review_due_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Days from closing to a published review; none = not owed.",
                                null=True,
                            ),
                        ),
                        (
                            "public_update_required",
                            models.BooleanField(
                                default=False,
                                help_text="Whether policy asks for a public update at this level.",
                            ),
                        ),
                        (
                            "command_answer_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Minutes a commander has to answer before the deputy takes over; none = for ever.",
                                null=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "scheme",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severityscheme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical severity level",
                        "verbose_name_plural": "historical severity levels",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalIncident",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(db_index=True, editable=False, max_length=20),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("incident", "Incident"), ("exercise", "Exercise")],
                                default="incident",
                                max_length=8,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("detection", "Detection"),
                                    ("triage", "Triage"),
                                    ("mitigation", "Mitigation"),
                                    ("resolution", "Resolution"),
                                    ("closed", "Closed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default=incidents.rules.phases.State["DETECTION"],
                                max_length=10,
                            ),
                        ),
                        ("facts", models.JSONField(default=dict)),
                        ("severity_reasons", models.JSONField(default=list)),
                        (
                            "severity_missed",
                            models.JSONField(
                                default=list,
                                help_text="The criteria of this level and above that did not hold.",
                            ),
                        ),
                        ("severity_override_reason", models.TextField(blank=True)),
                        ("impact_started_at", models.DateTimeField(blank=True, null=True)),
                        ("detected_at", models.DateTimeField(blank=True, null=True)),
                        ("declared_at", models.DateTimeField()),
                        ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                        ("commander_assigned_at", models.DateTimeField(blank=True, null=True)),
                        ("contained_at", models.DateTimeField(blank=True, null=True)),
                        ("mitigated_at", models.DateTimeField(blank=True, null=True)),
                        ("resolved_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "first_internal_update_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("first_public_update_at", models.DateTimeField(blank=True, null=True)),
                        ("provenance", models.JSONField(default=dict)),
                        (
                            "unfilled",
                            models.JSONField(
                                default=list,
                                help_text="Roles nobody could be found for: [{role, service, reasons}].",
                            ),
                        ),
                        ("review_due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "is_private",
                            models.BooleanField(
                                default=False,
                                help_text="Seen only by who takes part and by the groups named.",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True, help_text="Where history came from.", max_length=40
                            ),
                        ),
                        ("external_id", models.CharField(blank=True, max_length=120)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "declared_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "matrix_version",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.matrixversion",
                            ),
                        ),
                        (
                            "scenario",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.scenario",
                            ),
                        ),
                        (
                            "computed_level",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                        (
                            "severity_scheme",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.severityscheme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical incident",
                        "verbose_name_plural": "historical incidents",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Suggestion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("why", models.CharField(help_text="What changed.", max_length=300)),
                        (
                            "reason",
                            models.CharField(help_text="Why this person.", max_length=300),
                        ),
                        (
                            "rejected",
                            models.JSONField(
                                default=list, help_text="Who was not chosen, each with why."
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "open"),
                                    ("accepted", "Accepted"),
                                    ("dismissed", "Dismissed"),
                                    ("obsolete", "no longer true"),
                                ],
                                default="",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("decision_note", models.TextField(blank=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suggestions",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "instead_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.assignment",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.service",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-made_at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Team",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leads_teams",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "permissions": [
                            ("import_team", "Can import teams"),
                            ("export_team", "Can export teams"),
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="service",
                    name="team",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="incidents.team",
                    ),
                ),
                migrations.CreateModel(
                    name="HistoricalService",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField()),
                        ("name", models.CharField(max_length=120)),
                        (
                            "tier",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="1 = the company stands still without it, 4 = nobody notices soon.",
                            ),
                        ),
                        ("is_revenue_generating", models.BooleanField(default=False)),
                        ("handles_personal_data", models.BooleanField(default=False)),
                        ("description", models.TextField(blank=True)),
                        ("runbook_url", models.URLField(blank=True)),
                        (
                            "runbook_checked_on",
                            models.DateField(
                                blank=True,
                                editable=False,
                                help_text="When somebody last followed it.",
                                null=True,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.team",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical service",
                        "verbose_name_plural": "historical services",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPerson",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                db_index=True,
                                error_messages={
                                    "unique": "A user with that username already exists."
                                },
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                validators=[
                                    django.contrib.auth.validators.UnicodeUsernameValidator()
                                ],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="email address"
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
                        ("name", models.CharField(max_length=150)),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
                                help_text="IANA name; pages and due dates are shown in it.",
                                max_length=64,
                                validators=[incidents.models.people.validate_time_zone],
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True, help_text="With country code: +49 …", max_length=32
                            ),
                        ),
                        (
                            "works_from",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; empty: at any hour.",
                                null=True,
                            ),
                        ),
                        (
                            "works_until",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; before “works from” it is the next day.",
                                null=True,
                            ),
                        ),
                        ("works_weekends", models.BooleanField(default=True)),
                        (
                            "quiet_from",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; from then on only pages come through.",
                                null=True,
                            ),
                        ),
                        (
                            "quiet_until",
                            models.TimeField(
                                blank=True,
                                help_text="Local time; before “quiet from” it is the next day.",
                                null=True,
                            ),
                        ),
                        (
                            "holidays",
                            models.CharField(
                                blank=True,
                                help_text="Country, or country and region, such as DE or DE-BY: on its public holidays only pages come through. Empty: none.",
                                max_length=10,
                                validators=[incidents.models.people.validate_holidays],
                            ),
                        ),
                        (
                            "digest_at",
                            models.TimeField(
                                default=datetime.time(8, 0),
                                help_text="Local time at which the day's digest comes.",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "manager",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.team",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical person",
                        "verbose_name_plural": "historical people",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.AddField(
                    model_name="person",
                    name="team",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="incidents.team",
                    ),
                ),
                migrations.CreateModel(
                    name="TimelineEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("human", "Human"),
                                    ("act", "Act"),
                                    ("monitoring", "Monitoring"),
                                    ("chat", "Chat"),
                                    ("deployment", "Deployment"),
                                ],
                                default="human",
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField()),
                        ("recorded_at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="timeline",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "timeline entries",
                        "ordering": ["at", "id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Update",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("published", "Published"),
                                ],
                                default="draft",
                                max_length=9,
                            ),
                        ),
                        ("promised_next_at", models.DateTimeField(blank=True, null=True)),
                        ("drafted_at", models.DateTimeField()),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="updates",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "statement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="uses",
                                to="incidents.holdingstatement",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-drafted_at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="UpdateCadence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "first_minutes",
                            models.PositiveIntegerField(
                                help_text="From declaration to the first update."
                            ),
                        ),
                        (
                            "every_minutes",
                            models.PositiveIntegerField(
                                help_text="From one update to the next."
                            ),
                        ),
                        (
                            "until_minutes",
                            models.PositiveIntegerField(
                                blank=True,
                                help_text="Minutes from declaration after which the pace changes.",
                                null=True,
                            ),
                        ),
                        (
                            "then_every_minutes",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        (
                            "level",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cadences",
                                to="incidents.severitylevel",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["level", "audience"],
                    },
                ),
                migrations.CreateModel(
                    name="UpdateClock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_nudge_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "nudged_through",
                            models.CharField(blank=True, editable=False, max_length=40),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="update_clocks",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at"],
                        "abstract": False,
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="Variation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "depends_on",
                            models.CharField(
                                choices=[
                                    ("tier", "tier"),
                                    ("severity", "severity"),
                                    ("scenario", "scenario"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "value",
                            models.CharField(
                                help_text="A level's code, 1 to 4, a scenario's slug.",
                                max_length=50,
                            ),
                        ),
                        ("note", models.TextField(blank=True, help_text="Why it differs.")),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="variations",
                                to="incidents.matrixversion",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "depends_on", "value"],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCell",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "letters",
                            models.CharField(
                                choices=[
                                    ("R", "R responsible"),
                                    ("A", "A accountable"),
                                    ("A/R", "A/R accountable and responsible"),
                                    ("C", "C consulted"),
                                    ("I", "I informed"),
                                    ("-", "no letter here"),
                                ],
                                max_length=3,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.activity",
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "variation",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.variation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical cell",
                        "verbose_name_plural": "historical cells",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Cell",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "letters",
                            models.CharField(
                                choices=[
                                    ("R", "R responsible"),
                                    ("A", "A accountable"),
                                    ("A/R", "A/R accountable and responsible"),
                                    ("C", "C consulted"),
                                    ("I", "I informed"),
                                    ("-", "no letter here"),
                                ],
                                max_length=3,
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cells",
                                to="incidents.activity",
                            ),
                        ),
                        (
                            "role",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cells",
                                to="incidents.role",
                            ),
                        ),
                        (
                            "variation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cells",
                                to="incidents.variation",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["activity", "role"],
                    },
                ),
                migrations.CreateModel(
                    name="Absence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField(db_index=True)),
                        ("reason", models.CharField(blank=True, max_length=120)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="absences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-starts_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="absence_ends_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attestation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "asked",
                            models.JSONField(
                                default=list,
                                help_text="What they answer for: [{role, activities: [...]}], as it was.",
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "not answered"),
                                    ("confirmed", "Confirmed"),
                                    ("objected", "Objected"),
                                ],
                                default="",
                                max_length=9,
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("note", models.TextField(blank=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attestations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attestations",
                                to="incidents.attestationcampaign",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["campaign", "person__name"],
                        "permissions": [
                            ("answer_attestation", "Can answer their own attestation")
                        ],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("campaign", "person"), name="asked_once_a_campaign"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at", None)),
                                    models.Q(
                                        models.Q(("answer", ""), _negated=True),
                                        ("answered_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="attestation_is_answered_at",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(db_index=True)),
                        (
                            "actor_name",
                            models.CharField(
                                help_text="The name as it was then.", max_length=150
                            ),
                        ),
                        ("verb", models.CharField(db_index=True, max_length=60)),
                        ("subject_type", models.CharField(max_length=60)),
                        ("subject_id", models.CharField(max_length=60)),
                        ("subject", models.CharField(max_length=200)),
                        (
                            "detail",
                            models.JSONField(
                                default=dict,
                                encoder=django.core.serializers.json.DjangoJSONEncoder,
                            ),
                        ),
                        ("previous_hash", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="audit_events",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-sequence"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(
                                fields=["subject_type", "subject_id"], name="audit_subject"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommandCall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "waiting"),
                                    ("answered", "Answered"),
                                    ("taken_over", "the deputy took over"),
                                    ("nobody", "nobody could take over: leadership was told"),
                                    ("ended", "command moved otherwise, or the incident ended"),
                                ],
                                default="",
                                max_length=10,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assignment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="incidents.assignment",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-asked_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("outcome", "")),
                                fields=["due_at"],
                                name="command_call_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("outcome", "")),
                                fields=("assignment",),
                                name="one_open_command_call",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContactProof",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "address",
                            models.CharField(help_text="As it was then.", max_length=254),
                        ),
                        (
                            "means",
                            models.CharField(
                                choices=[
                                    ("code", "the person gave back the code sent there"),
                                    ("spoken", "somebody spoke to the person there"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("proved_at", models.DateTimeField()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contact_proofs",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proved_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["person", "channel", "-proved_at"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(
                                fields=["person", "channel", "-proved_at"],
                                name="contact_proved",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContactWay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("page", "pages: something burns"),
                                    ("notice", "notices and reminders"),
                                    ("digest", "digests"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="0 is tried first."
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "address",
                            models.CharField(
                                blank=True,
                                help_text="Empty: the person's own e-mail or phone.",
                                max_length=254,
                            ),
                        ),
                        (
                            "wait_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Unacknowledged for so long, the next way is tried; empty: never.",
                                null=True,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ways",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["person", "purpose", "position"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "purpose", "position"),
                                name="one_way_a_position",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("wait_minutes", None),
                                    ("wait_minutes__gte", 1),
                                    _connector="OR",
                                ),
                                name="way_waits",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DoneOnce",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200)),
                        ("digest", models.CharField(max_length=64)),
                        ("done_at", models.DateTimeField(db_index=True)),
                        ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("answer", models.TextField(blank=True)),
                        ("location", models.CharField(blank=True, max_length=500)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "key"), name="done_once_a_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAbsence",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField(db_index=True)),
                        ("reason", models.CharField(blank=True, max_length=120)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical absence",
                        "verbose_name_plural": "historical absences",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_38cb82_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalCheckLimits",
                    fields=[
                        ("id", models.PositiveSmallIntegerField(db_index=True, default=1)),
                        (
                            "responsible",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="R06: most roles responsible for one activity.",
                            ),
                        ),
                        (
                            "consulted",
                            models.PositiveSmallIntegerField(
                                default=4,
                                help_text="R07: most roles consulted before one activity.",
                            ),
                        ),
                        (
                            "informed",
                            models.PositiveSmallIntegerField(
                                default=5,
                                help_text="R08: most roles informed after one activity.",
                            ),
                        ),
                        (
                            "accountable_percent",
                            models.PositiveSmallIntegerField(
                                default=75,
                                help_text="R11: most of all activities one role is accountable for, in percent.",
                            ),
                        ),
                        (
                            "responsible_percent",
                            models.PositiveSmallIntegerField(
                                default=75,
                                help_text="R12: most of all activities one role is responsible for, in percent.",
                            ),
                        ),
                        (
                            "column_activities",
                            models.PositiveSmallIntegerField(
                                default=4,
                                help_text="R11-R13: smaller matrices are not asked about their columns.",
                            ),
                        ),
                        (
                            "holders",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="R16: people qualified for each accountable or responsible role.",
                            ),
                        ),
                        (
                            "span_least",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="R20: fewest roles that report to the commander.",
                            ),
                        ),
                        (
                            "span_most",
                            models.PositiveSmallIntegerField(
                                default=7,
                                help_text="R20: most roles that report to the commander.",
                            ),
                        ),
                        (
                            "review_days",
                            models.PositiveSmallIntegerField(
                                default=180,
                                help_text="R27: days until a matrix in force is to be looked at again.",
                            ),
                        ),
                        (
                            "load_factor_percent",
                            models.PositiveSmallIntegerField(
                                default=150,
                                help_text="R32: most load of one person, in percent of the median.",
                            ),
                        ),
                        (
                            "emergency_hours",
                            models.PositiveSmallIntegerField(
                                default=72,
                                help_text="Hours within which an emergency change is approved or declined.",
                            ),
                        ),
                        (
                            "consult_minutes",
                            models.PositiveSmallIntegerField(
                                default=10,
                                help_text="Minutes an act waits for those consulted, where the matrix says none.",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical thresholds of the checks",
                        "verbose_name_plural": "historical thresholds of the checks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_9cf9ed_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalContactWay",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("page", "pages: something burns"),
                                    ("notice", "notices and reminders"),
                                    ("digest", "digests"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="0 is tried first."
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "e-mail"),
                                    ("sms", "text message"),
                                    ("voice", "phone call"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                    ("discord", "Discord"),
                                    ("pagerduty", "PagerDuty"),
                                    ("opsgenie", "Opsgenie"),
                                    ("webhook", "webhook"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "address",
                            models.CharField(
                                blank=True,
                                help_text="Empty: the person's own e-mail or phone.",
                                max_length=254,
                            ),
                        ),
                        (
                            "wait_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Unacknowledged for so long, the next way is tried; empty: never.",
                                null=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical contact way",
                        "verbose_name_plural": "historical contact ways",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_957083_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalMatrix",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField()),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical matrix",
                        "verbose_name_plural": "historical matrices",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_8c5e51_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalNudgePolicy",
                    fields=[
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("update", "an update that is owed"),
                                    ("legal_clock", "a legal clock"),
                                    ("review", "a review"),
                                    ("action_item", "an action item"),
                                    ("emergency_change", "an emergency change of the matrix"),
                                    ("game_day", "a game day"),
                                    ("statement", "a holding statement that expires"),
                                    ("matrix", "a matrix that nobody has reviewed"),
                                    ("qualification", "a qualification that lapses"),
                                    ("runbook", "a runbook that nobody has checked"),
                                    ("attestation", "an attestation"),
                                ],
                                db_index=True,
                                max_length=20,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "as_digest",
                            models.BooleanField(
                                default=False,
                                help_text="Into the day's digest of each person, not as mails of their own.",
                            ),
                        ),
                        (
                            "is_optional",
                            models.BooleanField(
                                default=False,
                                help_text="Whether a person may unsubscribe from these.",
                            ),
                        ),
                        (
                            "gives_up_after_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Days after the due instant; empty: until it is done.",
                                null=True,
                            ),
                        ),
                        (
                            "changed_at",
                            models.DateTimeField(
                                editable=False,
                                help_text="Steps reached before this instant are let go.",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "changed_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical nudge policy",
                        "verbose_name_plural": "historical nudge policies",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "what"],
                                name="incidents_h_history_82bd8a_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRoleExclusion",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("role", models.SlugField()),
                        ("other", models.SlugField(blank=True)),
                        ("reason", models.CharField(max_length=300)),
                        ("made_at", models.DateTimeField()),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical role exclusion",
                        "verbose_name_plural": "historical role exclusions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_73f8ac_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalScenario",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField()),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical scenario",
                        "verbose_name_plural": "historical scenarios",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_ad9c2a_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSeverityScheme",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Submitted"),
                                    ("emergency", "Emergency"),
                                    ("approved", "Approved"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True,
                                help_text="Why this version: what changes and for whom.",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("submitted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "warnings_reason",
                            models.TextField(
                                blank=True,
                                help_text="Why it was submitted in spite of warnings.",
                            ),
                        ),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("effective_from", models.DateTimeField(blank=True, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "checker",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "maker",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical severity scheme",
                        "verbose_name_plural": "historical severity schemes",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_b501d1_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalTeam",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField()),
                        ("name", models.CharField(max_length=120)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical team",
                        "verbose_name_plural": "historical teams",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_6075db_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalUpdateClock",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical update clock",
                        "verbose_name_plural": "historical update clocks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_5b80ff_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalUpdate",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("public", "Public"),
                                    ("executive", "Executive"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("approved", "Approved"),
                                    ("published", "Published"),
                                ],
                                default="draft",
                                max_length=9,
                            ),
                        ),
                        ("promised_next_at", models.DateTimeField(blank=True, null=True)),
                        ("drafted_at", models.DateTimeField()),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "statement",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.holdingstatement",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical update",
                        "verbose_name_plural": "historical updates",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_6167d3_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalLegalClock",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "kind",
                            models.SlugField(
                                help_text="counsel, or the regime and its stage.", max_length=60
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                help_text="The fact and the rule that started it.",
                                max_length=300,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("answer", models.TextField(blank=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical legal clock",
                        "verbose_name_plural": "historical legal clocks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_a80f65_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalHandOver",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        ("status", models.TextField(help_text="Where we stand.")),
                        (
                            "decisions",
                            models.TextField(
                                blank=True, help_text="What was decided and holds."
                            ),
                        ),
                        (
                            "next_update",
                            models.TextField(
                                blank=True, help_text="What must be said next, and when."
                            ),
                        ),
                        (
                            "open_questions",
                            models.TextField(blank=True, help_text="What nobody knows yet."),
                        ),
                        ("offered_at", models.DateTimeField()),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "open"),
                                    ("accepted", "Accepted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    (
                                        "lapsed",
                                        "lapsed: command moved otherwise, or the incident ended",
                                    ),
                                ],
                                default="",
                                max_length=9,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("end_reason", models.TextField(blank=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField()),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "giver",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical hand over",
                        "verbose_name_plural": "historical hand overs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [
                            models.Index(
                                fields=["history_date", "id"],
                                name="incidents_h_history_f2d0c3_idx",
                            )
                        ],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HandOver",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("status", models.TextField(help_text="Where we stand.")),
                        (
                            "decisions",
                            models.TextField(
                                blank=True, help_text="What was decided and holds."
                            ),
                        ),
                        (
                            "next_update",
                            models.TextField(
                                blank=True, help_text="What must be said next, and when."
                            ),
                        ),
                        (
                            "open_questions",
                            models.TextField(blank=True, help_text="What nobody knows yet."),
                        ),
                        ("offered_at", models.DateTimeField()),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "open"),
                                    ("accepted", "Accepted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                    (
                                        "lapsed",
                                        "lapsed: command moved otherwise, or the incident ended",
                                    ),
                                ],
                                default="",
                                max_length=9,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("end_reason", models.TextField(blank=True)),
                        (
                            "giver",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hand_overs",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-offered_at", "-id"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("outcome", "")),
                                fields=("incident",),
                                name="one_open_hand_over",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("giver", models.F("to")), _negated=True),
                                name="hand_over_is_to_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("outcome", "")),
                                    models.Q(
                                        models.Q(("outcome", ""), _negated=True),
                                        ("ended_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="ended_hand_over_has_an_instant",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("duplicate", "is a duplicate of"),
                                    ("split", "was split from"),
                                    ("caused", "was caused by"),
                                    ("related", "is related to"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        ("made_at", models.DateTimeField()),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="linked_from",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["made_at", "id"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("incident", "kind", "other"),
                                name="linked_once_in_a_way",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "duplicate")),
                                fields=("incident",),
                                name="duplicate_of_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("incident", models.F("other")), _negated=True
                                ),
                                name="no_incident_is_linked_to_itself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LegalClock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_nudge_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "nudged_through",
                            models.CharField(blank=True, editable=False, max_length=40),
                        ),
                        (
                            "kind",
                            models.SlugField(
                                help_text="counsel, or the regime and its stage.", max_length=60
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                help_text="The fact and the rule that started it.",
                                max_length=300,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("answer", models.TextField(blank=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legal_clocks",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at"],
                        "abstract": False,
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_nudge_at__isnull", False)),
                                fields=["next_nudge_at"],
                                name="legalclock_nudge_due",
                            ),
                            models.Index(
                                condition=models.Q(("answered_at", None)),
                                fields=["due_at"],
                                name="legal_open_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("incident", "kind"), name="one_legal_clock_a_kind"
                            )
                        ],
                    },
                ),
                migrations.AddIndex(
                    model_name="matrixversion",
                    index=models.Index(
                        condition=models.Q(("status__in", ("approved", "emergency"))),
                        fields=["-effective_from"],
                        name="matrixversion_in_force",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matrixversion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("checker", None),
                            models.Q(("checker", models.F("maker")), _negated=True),
                            _connector="OR",
                        ),
                        name="matrixversion_maker_is_not_checker",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matrixversion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("checker__isnull", False),
                                ("effective_from__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matrixversion_approved_is_complete",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matrixversion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "emergency"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", True),
                                ("checker__isnull", True),
                                ("effective_from__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="matrixversion_emergency_is_unchecked",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matrixversion",
                    constraint=models.UniqueConstraint(
                        fields=("matrix", "number"), name="one_number_a_matrix"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matrixrevision",
                    constraint=models.UniqueConstraint(
                        fields=("version", "number"), name="one_revision_a_number"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalvariation",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_69633c_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalmatrixversion",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_270418_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalemergencychange",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_b8c1da_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalactivity",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_c4890e_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="emergencychange",
                    index=models.Index(
                        condition=models.Q(("next_nudge_at__isnull", False)),
                        fields=["next_nudge_at"],
                        name="emergencychange_nudge_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="emergencychange",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("enacted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="emergency_is_decided_by_another",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="emergencychange",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("outcome", "")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="emergency_decision_is_complete",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="attestationcampaign",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("version",),
                        name="one_open_campaign",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="activity",
                    constraint=models.UniqueConstraint(
                        fields=("version", "phase", "name"),
                        name="one_activity_a_name_and_phase",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="activity",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("act", ""), _negated=True),
                        fields=("version", "phase", "act"),
                        name="one_activity_an_act_and_phase",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="muted",
                    constraint=models.UniqueConstraint(
                        fields=("person", "kind"), name="muted_once"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalnudgestep",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_586371_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nudgestep",
                    constraint=models.UniqueConstraint(
                        fields=("policy", "name"), name="one_step_a_name"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nudgestep",
                    constraint=models.UniqueConstraint(
                        fields=("policy", "offset_minutes"), name="one_step_an_offset"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nudgestep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("repeat_minutes", None),
                            ("repeat_minutes__gte", 5),
                            _connector="OR",
                        ),
                        name="nudge_repeats_in_minutes",
                    ),
                ),
                migrations.AddIndex(
                    model_name="obligation",
                    index=models.Index(
                        condition=models.Q(("next_nudge_at__isnull", False)),
                        fields=["next_nudge_at"],
                        name="obligation_nudge_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="obligation",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("what", "subject_type", "subject_id"),
                        name="owed_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="omission",
                    constraint=models.UniqueConstraint(
                        fields=("incident", "activity"), name="explained_once_why_not_done"
                    ),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["channel", "priority", "next_attempt_at", "id"],
                        name="outbox_due",
                    ),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["recipient", "topic", "channel", "id"],
                        name="outbox_lane",
                    ),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(
                        condition=models.Q(("status", "held")),
                        fields=["next_attempt_at", "recipient"],
                        name="outbox_held",
                    ),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(
                        condition=models.Q(("fall_back_at__isnull", False)),
                        fields=["fall_back_at"],
                        name="outbox_fall_back",
                    ),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(fields=["sent_at", "due_at"], name="outbox_sent"),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(
                        condition=models.Q(("status", "dead")),
                        fields=["id"],
                        name="outbox_dead",
                    ),
                ),
                migrations.AddIndex(
                    model_name="outboxmessage",
                    index=models.Index(fields=["topic"], name="outbox_topic"),
                ),
                migrations.AddConstraint(
                    model_name="proposal",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("declined_at", None),
                            ("declined_by__isnull", False),
                            _connector="OR",
                        ),
                        name="proposal_is_declined_by_somebody",
                    ),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(
                        condition=models.Q(
                            ("revisit_at__isnull", False), ("revisit_told_at", None)
                        ),
                        fields=["revisit_at"],
                        name="decision_revisit_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="reply",
                    constraint=models.UniqueConstraint(
                        fields=("channel", "external_id"), name="replied_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="role",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("reports_to", models.F("slug")), _negated=True),
                        name="role_reports_to_another",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualification",
                    constraint=models.UniqueConstraint(
                        fields=("person", "role"), name="one_qualification_a_role"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualification",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None),
                            ("expires_on__gt", models.F("granted_on")),
                            _connector="OR",
                        ),
                        name="qualification_expires_after_grant",
                    ),
                ),
                migrations.AddIndex(
                    model_name="performance",
                    index=models.Index(
                        fields=["incident", "activity"], name="performance_of_activity"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalrole",
                    index=models.Index(
                        fields=["history_date", "slug"], name="incidents_h_history_9f7669_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalqualification",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_5181a0_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalperformance",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_17a5d6_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicaldelegation",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_aa67b9_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalcolumn",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_a48e3e_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delegation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="delegation_ends_after_start",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delegation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("giver", models.F("to")), _negated=True),
                        name="delegation_is_to_another",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="column",
                    constraint=models.UniqueConstraint(
                        fields=("version", "role"), name="one_column_a_role"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="advice",
                    constraint=models.UniqueConstraint(
                        fields=("consultation", "role", "person"), name="asked_once_in_a_role"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="roleexclusion",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("role", "other"),
                        name="one_exclusion_a_pair",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="roleexclusion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("role", models.F("other")), _negated=True),
                        name="no_role_excludes_itself",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="holdingstatement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("approver", None),
                            models.Q(("approver", models.F("maker")), _negated=True),
                            _connector="OR",
                        ),
                        name="statement_maker_is_not_approver",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="holdingstatement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False), ("approver__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="statement_approved_is_complete",
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalholdingstatement",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_863e12_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicaldependency",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_5fea3f_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalassignment",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_af917f_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dependency",
                    constraint=models.UniqueConstraint(
                        fields=("upstream", "downstream"), name="one_dependency_a_pair"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dependency",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("upstream", models.F("downstream")), _negated=True),
                        name="no_service_depends_on_itself",
                    ),
                ),
                migrations.AddIndex(
                    model_name="assignment",
                    index=models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["person"],
                        name="assignment_open_person",
                    ),
                ),
                migrations.AddIndex(
                    model_name="assignment",
                    index=models.Index(
                        fields=["role", "person", "-assigned_at"], name="assignment_rotation"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("role", "incident_commander")),
                        fields=("incident",),
                        name="one_commander_an_incident",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("role", "incident_commander")),
                        fields=("person",),
                        name="one_command_a_person",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("service", None)),
                        fields=("incident", "role", "person"),
                        name="no_role_held_twice",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("incident", "role", "person", "service"),
                        name="no_service_owned_twice",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            ("ended_at__gte", models.F("assigned_at")),
                            _connector="OR",
                        ),
                        name="assignment_ends_after_start",
                    ),
                ),
                migrations.AddIndex(
                    model_name="alert",
                    index=models.Index(
                        condition=models.Q(("status", "proposed")),
                        fields=["received_at"],
                        name="alert_proposed",
                    ),
                ),
                migrations.AddIndex(
                    model_name="alert",
                    index=models.Index(fields=["-received_at", "-id"], name="alert_newest"),
                ),
                migrations.AddIndex(
                    model_name="alert",
                    index=models.Index(
                        fields=["-status", "-received_at", "-id"], name="alert_waiting_first"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="alert",
                    constraint=models.UniqueConstraint(
                        fields=("source", "external_id"), name="alerted_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="alert",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("status", "proposed"),
                            models.Q(
                                ("decided_at__isnull", False), ("decided_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="alert_is_decided_by_somebody",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="alert",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "accepted"), _negated=True),
                            ("incident__isnull", False),
                            _connector="OR",
                        ),
                        name="accepted_alert_has_an_incident",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="alert",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "dismissed"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="dismissed_alert_has_a_reason",
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalupdatecadence",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_548f49_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalseveritycriterion",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_5e4ac5_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalescalationstep",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_bf3914_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="escalationstep",
                    constraint=models.UniqueConstraint(
                        fields=("level", "role"), name="one_escalation_step_a_role"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="escalationstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("repeats", 0), ("repeat_minutes__gte", 1), _connector="OR"
                        ),
                        name="repeated_calls_have_a_pace",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="escalationstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("next_role", models.F("role")), _negated=True),
                        name="next_in_line_is_another_role",
                    ),
                ),
                migrations.AddIndex(
                    model_name="escalationcall",
                    index=models.Index(
                        condition=models.Q(("next_call_at__isnull", False)),
                        fields=["next_call_at", "id"],
                        name="call_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="escalationcall",
                    constraint=models.UniqueConstraint(
                        fields=("incident", "level", "step", "line", "person"),
                        name="called_once_in_a_line",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="escalationcall",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("person", None)),
                        fields=("incident", "level", "step", "line"),
                        name="nobody_found_once_in_a_line",
                    ),
                ),
                migrations.AddIndex(
                    model_name="classification",
                    index=models.Index(
                        fields=["incident", "set_at"], name="classified_in_order"
                    ),
                ),
                migrations.AddIndex(
                    model_name="severityscheme",
                    index=models.Index(
                        condition=models.Q(("status__in", ("approved", "emergency"))),
                        fields=["-effective_from"],
                        name="severityscheme_in_force",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="severityscheme",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("checker", None),
                            models.Q(("checker", models.F("maker")), _negated=True),
                            _connector="OR",
                        ),
                        name="severityscheme_maker_is_not_checker",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="severityscheme",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("checker__isnull", False),
                                ("effective_from__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="severityscheme_approved_is_complete",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="severityscheme",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "emergency"), _negated=True),
                            models.Q(
                                ("approved_at__isnull", True),
                                ("checker__isnull", True),
                                ("effective_from__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="severityscheme_emergency_is_unchecked",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="severityscheme",
                    constraint=models.UniqueConstraint(
                        fields=("number",), name="one_scheme_a_number"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="severitylevel",
                    constraint=models.UniqueConstraint(
                        fields=("scheme", "code"), name="one_level_a_code"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="severitylevel",
                    constraint=models.UniqueConstraint(
                        fields=("scheme", "rank"), name="one_level_a_rank"
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(fields=["-declared_at", "-id"], name="incident_newest"),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        condition=models.Q(
                            ("state__in", ["detection", "triage", "mitigation", "resolution"])
                        ),
                        fields=["-declared_at"],
                        name="incident_open",
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(fields=["detected_at"], name="incident_detected"),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        fields=["kind", "state", "closed_at"], name="incident_closed"
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        condition=models.Q(("is_review_owed", True)),
                        fields=["review_due_at", "id"],
                        name="incident_review_owed",
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        condition=models.Q(("judge_at__isnull", False)),
                        fields=["judge_at"],
                        name="incident_judge_due",
                    ),
                ),
                migrations.AddIndex(
                    model_name="incident",
                    index=models.Index(
                        condition=models.Q(("is_private", True)),
                        fields=["id"],
                        name="incident_private",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="incident",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        fields=("source", "external_id"),
                        name="imported_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="incident",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "closed"), _negated=True),
                            ("closed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="closed_has_an_instant",
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalseveritylevel",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_2bfb89_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalincident",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_c362bd_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="suggestion",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("outcome", ""), ("service", None)),
                        fields=("incident", "role"),
                        name="one_open_suggestion_a_role",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="suggestion",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("incident", "role", "service"),
                        name="one_open_suggestion_a_service",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="service",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("tier__gte", 1), ("tier__lte", 4)),
                        name="service_tier_one_to_four",
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalservice",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_aa4745_idx"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalperson",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_7b6600_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="person",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("works_from", None), ("works_until", None)),
                            models.Q(
                                ("works_from__isnull", False), ("works_until__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="person_works_from_and_until",
                        violation_error_message="Give both hours, or neither: empty is at any hour.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="person",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from", None), ("quiet_until", None)),
                            models.Q(
                                ("quiet_from__isnull", False), ("quiet_until__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="person_quiet_from_and_until",
                        violation_error_message="Give both hours, or neither: empty is never quiet.",
                    ),
                ),
                migrations.AddIndex(
                    model_name="timelineentry",
                    index=models.Index(
                        fields=["incident", "at", "id"], name="timeline_in_order"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="update",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("drafted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="update_drafter_is_not_approver",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="update",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "published"), _negated=True),
                            models.Q(
                                ("approved_by__isnull", False), ("published_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="update_published_was_approved",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="updatecadence",
                    constraint=models.UniqueConstraint(
                        fields=("level", "audience"), name="one_cadence_an_audience"
                    ),
                ),
                migrations.AddIndex(
                    model_name="updateclock",
                    index=models.Index(
                        condition=models.Q(("next_nudge_at__isnull", False)),
                        fields=["next_nudge_at"],
                        name="updateclock_nudge_due",
                    ),
                ),
                migrations.AddIndex(
                    model_name="updateclock",
                    index=models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="update_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="updateclock",
                    constraint=models.UniqueConstraint(
                        fields=("incident", "audience"), name="one_update_clock"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="variation",
                    constraint=models.UniqueConstraint(
                        fields=("version", "depends_on", "value"), name="one_variation_a_case"
                    ),
                ),
                migrations.AddIndex(
                    model_name="historicalcell",
                    index=models.Index(
                        fields=["history_date", "id"], name="incidents_h_history_ab9e1c_idx"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="cell",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("variation", None)),
                        fields=("activity", "role"),
                        name="one_cell_a_role",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="cell",
                    constraint=models.UniqueConstraint(
                        fields=("activity", "role", "variation"), name="one_cell_a_variation"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="cell",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("letters", "-"), _negated=True),
                            ("variation__isnull", False),
                            _connector="OR",
                        ),
                        name="base_cell_has_letters",
                    ),
                ),
                # Without their first steps: there is no guard yet to be taken away.
                *_one_voice.Migration.operations[1:],
                *_legal.Migration.operations[1:],
            ]
        ),
        migrations.RunPython(_trigrams.index, _trigrams.forget),
    ]
