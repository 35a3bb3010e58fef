"""What came in by spreadsheet: the rows are checked at the border, the act is recorded here."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from incidents.models.people import Person
from incidents.operations import records, standing


@transaction.atomic
def record_import(
    model: type[models.Model],
    *,
    file: str,
    counts: Mapping[str, int],
    actor: Person,
    at: datetime,
) -> None:
    """One audit line for one confirmed import: who, which file, how many rows new or changed.

    Call it in the transaction that writes the rows. NotPermitted without the import permission.
    """
    meta = model._meta
    standing.permit_to(actor, f"{meta.app_label}.import_{meta.model_name}")
    kind = ContentType.objects.get_for_model(model)
    records.audit("import_sheet", kind, actor=actor, at=at, file=file[:200], rows=dict(counts))
