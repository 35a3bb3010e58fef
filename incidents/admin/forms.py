"""Forms of verb pages: plain Django fields, dressed in the admin theme's widgets."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.auth.models import Group
from django.db import models
from django.forms.utils import pretty_name
from unfold import widgets

from incidents.models import Assignment, Incident, Person, Service

_DRESS: dict[type[forms.Widget], Callable[..., forms.Widget]] = {
    forms.TextInput: widgets.UnfoldAdminTextInputWidget,
    forms.URLInput: widgets.UnfoldAdminURLInputWidget,
    forms.EmailInput: widgets.UnfoldAdminEmailInputWidget,
    forms.NumberInput: widgets.UnfoldAdminIntegerFieldWidget,
    forms.Textarea: widgets.UnfoldAdminTextareaWidget,
    forms.Select: widgets.UnfoldAdminSelectWidget,
    forms.SelectMultiple: widgets.UnfoldAdminSelectMultipleWidget,
    forms.CheckboxInput: widgets.UnfoldBooleanWidget,
    forms.CheckboxSelectMultiple: widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    forms.ClearableFileInput: widgets.UnfoldAdminFileFieldWidget,
}


class VerbForm(forms.Form):
    """What must be said to do one act. `subject` is the row it is done to, `actor` who does it."""

    def __init__(self, *args: Any, subject: models.Model | None, actor: Person, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.subject = subject
        self.actor = actor
        self.prepare()
        for name, field in self.fields.items():
            dress(field)
            if isinstance(field, InstantField):
                field.name_parts(str(field.label or pretty_name(name)))

    def prepare(self) -> None:
        """Narrow choices and set initial values from subject and actor; nothing by default."""


class NoQuestions(VerbForm):
    """For an act that needs no words: the page says what will happen and asks for consent."""


class InstantField(forms.SplitDateTimeField):
    """An instant, typed in the reader's zone, kept in UTC."""

    widget = widgets.UnfoldAdminSplitDateTimeWidget

    def name_parts(self, label: str) -> None:
        """What a screen reader says of each of the two: their common label names neither."""
        for part, called in zip(self.widget.widgets, ("date", "time"), strict=True):
            part.attrs["aria-label"] = f"{label}: {called}"


def date_field(**options: Any) -> forms.DateField:
    """A calendar date with the theme's date picker."""
    return forms.DateField(widget=widgets.UnfoldAdminSingleDateWidget, **options)


def person_field(**options: Any) -> forms.ModelChoiceField[Person]:
    """An active person, found by typing: a company has too many for a list."""
    widget = AutocompleteSelect(Assignment._meta.get_field("person"), admin.site)
    return forms.ModelChoiceField(
        Person.objects.filter(is_active=True), widget=widget, **options
    )


def services_field(**options: Any) -> forms.ModelMultipleChoiceField[Service]:
    """Active services, found by typing."""
    widget = AutocompleteSelectMultiple(Incident._meta.get_field("services"), admin.site)
    return forms.ModelMultipleChoiceField(
        Service.objects.filter(is_active=True), widget=widget, **options
    )


def groups_field(**options: Any) -> forms.ModelMultipleChoiceField[Group]:
    """Groups of people; a company has few."""
    return forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        required=False,
        label="Also seen by",
        widget=forms.CheckboxSelectMultiple,
        **options,
    )


def dress(field: forms.Field) -> None:
    """Give a plain widget the theme's looks; special ones stay as they are."""
    plain = field.widget
    themed = _DRESS.get(type(plain))
    if themed is None:
        return
    choices = getattr(field, "choices", None)
    new = themed(choices=choices) if choices is not None else themed()
    new.attrs.update(plain.attrs)
    new.is_required, new.is_localized = plain.is_required, plain.is_localized
    field.widget = new
