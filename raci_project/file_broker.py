"""The broker in files, made to survive a full disk: a message is there wholly or not at all.

Kombu's own leaves an empty file where the disk had no room, and each such file ends the worker
that reads it. The worker is started again, meets the next one, and for hours nothing is done.
"""

import logging
import os
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads
from typing_extensions import override

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """As Kombu's, but for how files come and go."""

    @override
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as the stubs do
        # The name is Kombu's: the order of names is the order of messages.
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        whole = Path(self.data_folder_out, name)
        part = whole.with_name(f"{name}.part")
        try:
            part.write_text(dumps(payload))
            part.rename(whole)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ChannelError(f"no file could be added for the queue {queue}") from error

    @override
    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] == f"{queue}.msg":
                mine = Path(self.data_folder_in, f"{name}.{uuid4()}")
                try:
                    Path(self.data_folder_in, name).rename(mine)
                    return loads(mine.read_text())
                except FileNotFoundError:  # another worker was faster
                    continue
                except ValueError:
                    logger.warning("left out a task of %s that is only half there", queue)
                finally:
                    mine.unlink(missing_ok=True)
        raise Empty

    @override
    def get_table(self, exchange: str) -> Any:
        """Which queues an exchange leads to; none, while what says so is only half there."""
        try:
            return super().get_table(exchange)
        except ValueError:
            return []

    @override
    def _queue_bind(self, exchange: str, *binding: Any) -> None:
        try:
            super()._queue_bind(exchange, *binding)
        except ValueError:
            Path(self.control_folder, f"{exchange}.exchange").unlink(missing_ok=True)
            super()._queue_bind(exchange, *binding)


class Transport(filesystem.Transport):
    """What `filesystem://` means here."""

    Channel = Channel
