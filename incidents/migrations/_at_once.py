"""Making every table of an app at once, in its final form."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation


class AtOnce(Operation):
    """What these operations come to, on a database that has none of the app's tables.

    One by one, each would make Django build anew every model that hangs together with the one it
    touches: of a new installation's first start that was all but a few seconds.
    """

    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        """As the operations say, without building a model in between."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Make each table with all its columns, constraints and indexes."""
        for model in self._models(app_label, to_state):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Drop each table."""
        for model in self._models(app_label, from_state):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def describe(self) -> str:
        """For who reads what a migration does."""
        return "Make every table at once"

    def _models(self, app_label: str, state: Any) -> list[Any]:
        return list(state.apps.get_app_config(app_label).get_models())
