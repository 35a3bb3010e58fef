"""The pages of subscribers: ask for updates by e-mail, confirm, leave; nobody signs in."""

from http import HTTPStatus

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import Service
from incidents.operations import subscribers
from incidents.rules.reasons import Refused


class ServicesField(forms.ModelMultipleChoiceField[Service]):
    """By the names the public knows."""

    def label_from_instance(self, obj: Service) -> str:
        """Never the internal name."""
        return obj.public_name


class SubscribeForm(forms.Form):
    """An address, and of which services; none chosen is all of them."""

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        error_messages={"required": "Write your e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
    services = ServicesField(
        Service.objects.none(),
        required=False,
        label="Only these services",
        widget=forms.CheckboxSelectMultiple,
    )
    # No person sees it; a program that fills in whatever it finds gives itself away.
    website = forms.CharField(required=False, widget=forms.TextInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["services"]
        if isinstance(field, ServicesField):
            field.queryset = subscribers.offered()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """GET asks; POST always answers the same, whether the address was known or not."""
    form = SubscribeForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            _subscribe(form)
            return _shown(request, "subscribe_asked")
        except Refused as refused:
            form.add_error(refused.reasons[0].field or None, str(refused))
            if refused.has("too_many_now"):
                status = HTTPStatus.TOO_MANY_REQUESTS
    if form.errors and status == HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _shown(request, "subscribe", status=status, form=form)


def _subscribe(form: SubscribeForm) -> None:
    if form.cleaned_data["website"]:
        return
    subscribers.subscribe(
        email=form.cleaned_data["email"],
        services=form.cleaned_data["services"],
        at=timezone.now(),
    )


@csrf_exempt  # no session acts here: the signed link is the proof, and can do nothing else
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing, since scanners of mail follow links. POST confirms."""
    at, is_done = timezone.now(), request.method == "POST"
    try:
        act = subscribers.confirm if is_done else subscribers.asked_by
        asked = act(token, at=at)
    except Refused:
        return _gone(request)
    return _shown(request, "subscribe_confirm", asked=asked, is_done=is_done)


@csrf_exempt  # RFC 8058: the mailbox posts without a cookie; the signed link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button, POST presses it; from a mailbox, too."""
    try:
        if request.method == "POST":
            subscribers.unsubscribe(token, at=timezone.now())
        is_listening = subscribers.listens(subscribers.leaving(token))
    except Refused:
        return _gone(request)
    return _shown(request, "subscribe_stop", is_done=not is_listening)


def _gone(request: HttpRequest) -> HttpResponse:
    return _shown(request, "subscribe_gone", status=HTTPStatus.NOT_FOUND)


def _shown(
    request: HttpRequest, name: str, *, status: HTTPStatus = HTTPStatus.OK, **more: object
) -> HttpResponse:
    context = {"organisation": settings.ORGANISATION_NAME, "status_url": settings.STATUS_URL}
    return render(request, f"pages/{name}.html", context | more, status=status)
