"""What is asked to record evidence, to withdraw it, and to grant a role."""

from typing import Any

from django import forms
from django.utils import timezone

from incidents.admin.forms import VerbForm, date_field, person_field
from incidents.models import Incident, Person, Role
from training.models import Proof
from training.operations import competence
from training.operations.competence import Standing


class RecordForm(VerbForm):
    """Who did what, for which role, when."""

    person = person_field()
    role = forms.ModelChoiceField(Role.objects.active())
    kind = forms.ChoiceField(choices=Proof.choices, label="What it shows")
    title = forms.CharField(
        max_length=200, help_text="The training, or what was shadowed and beside whom."
    )
    happened_on = date_field()
    incident = forms.CharField(
        max_length=20,
        required=False,
        help_text="Its reference, such as INC-12, where it was one. Whoever held the role in it says who "
        "took part, shadowed them or held it beside them.",
    )
    link = forms.URLField(
        required=False,
        assume_scheme="https",
        help_text="Where a certificate or a record lies.",
    )

    def clean_incident(self) -> Incident | None:
        """The incident of that reference, as far as the reader may see it."""
        said: str = self.cleaned_data["incident"].strip()
        if not said:
            return None
        found = Incident.objects.visible_to(self.actor).filter(reference__iexact=said).first()
        if found is None:
            raise forms.ValidationError(f"There is no incident {said}: look its reference up.")
        return found


class WithdrawForm(VerbForm):
    """Why it does not count."""

    reason = forms.CharField(max_length=300)


class QualifyForm(VerbForm):
    """Who is granted which role; for how long, the role's standard says."""

    person = person_field()
    role = forms.ModelChoiceField(Role.objects.active())
    reason = forms.CharField(
        max_length=300,
        required=False,
        help_text="Only where what the role asks for is not all there, or nobody holds it yet.",
    )

    @property
    def standing(self) -> Standing | None:
        """How far the person chosen is with the role chosen; None until both are."""
        person, role = (_chosen(self, name) for name in ("person", "role"))
        if not isinstance(person, Person) or not isinstance(role, Role):
            return None
        return competence.standing(person, role, reader=self.actor, at=timezone.now())


def _chosen(form: VerbForm, name: str) -> Any:
    """The row a field names now, by a link or by what was sent; None where it names none."""
    try:
        return form.fields[name].clean(form[name].value())
    except forms.ValidationError:
        return None
