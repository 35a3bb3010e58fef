"""The broker in files: in order, to one of many, and unharmed by a disk that was full."""

from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.transport import get_transport_cls

from raci_project import celery_app
from raci_project.file_broker import Channel, Transport


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    folders = {
        "data_folder_in": str(tmp_path / "broker"),
        "data_folder_out": str(tmp_path / "broker"),
        "control_folder": str(tmp_path / "control"),
    }
    (tmp_path / "broker").mkdir()
    with Connection("filesystem://", transport_options=folders) as connection:
        yield connection.channel()


def files(channel: Channel) -> list[Path]:
    return sorted(Path(channel.data_folder_in).iterdir())


def test_the_program_speaks_through_it() -> None:
    assert celery_app.main == "raci_project"
    assert get_transport_cls("filesystem") is Transport


def test_what_was_put_comes_out_and_leaves_nothing_behind(channel: Channel) -> None:
    for number in range(3):
        channel._put("urgent", {"number": number})
    channel._put("bulk", {"number": 9})
    assert sorted(channel._get("urgent")["number"] for _ in range(3)) == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("urgent")
    assert channel._get("bulk") == {"number": 9}
    assert files(channel) == []


def test_a_full_disk_refuses_a_task_and_keeps_no_half_of_it(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(path: Path, text: str) -> None:
        path.touch()
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", write_half)
        with pytest.raises(ChannelError, match="urgent"):
            channel._put("urgent", {})
    assert files(channel) == []
    channel._put("urgent", {"number": 1})
    assert channel._get("urgent") == {"number": 1}


@pytest.mark.parametrize("half", ["", '{"number": '])
def test_half_a_task_is_left_out_and_the_next_one_taken(channel: Channel, half: str) -> None:
    Path(channel.data_folder_in, "0_half.urgent.msg").write_text(half)
    channel._put("urgent", {"number": 1})
    assert channel._get("urgent") == {"number": 1}
    assert files(channel) == []


def test_a_task_that_another_worker_took_meanwhile_is_not_missed(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel._put("urgent", {"number": 1})
    [there] = files(channel)
    listed = ["0_gone.urgent.msg", there.name]
    monkeypatch.setattr("raci_project.file_broker.os.listdir", lambda _folder: listed)
    assert channel._get("urgent") == {"number": 1}


def test_half_a_table_of_an_exchange_is_written_anew(channel: Channel) -> None:
    channel._queue_bind("urgent", "", "", "urgent")
    [table] = Path(channel.control_folder).iterdir()
    whole = channel.get_table("urgent")
    table.write_text("")
    assert channel.get_table("urgent") == []
    channel._queue_bind("urgent", "", "", "urgent")
    assert channel.get_table("urgent") == whole != []
