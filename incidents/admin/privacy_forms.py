"""What a person says to make an incident private, or to show it to everybody again."""

from django import forms

from incidents.admin.forms import VerbForm, groups_field
from incidents.admin.incident_forms import of_incident


class PrivacyForm(VerbForm):
    """Whether it is private, which groups see it besides, and why."""

    is_private = forms.BooleanField(
        required=False,
        label="Private",
        help_text="Seen only by who takes or took part in it, and by the groups you name. "
        "Not even a superuser sees it otherwise.",
    )
    groups = groups_field(help_text="Only for a private one.")
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), help_text="Kept on the timeline."
    )

    def prepare(self) -> None:
        """As it is now."""
        incident = of_incident(self.subject)
        self.initial["is_private"] = incident.is_private
        self.initial["groups"] = list(incident.seen_by.values_list("pk", flat=True))
