from __future__ import annotations

import json

import pytest

from autointel.app.maintenance import Drained
from autointel.cli.app import carry_out_command
from autointel.cli.maintenance import drain_outbox
from autointel.errors import StoreUnavailable
from autointel.ports import Listener
from autointel.settings import Settings

DOWN = StoreUnavailable("The graph server refused the connection.", "Is it running?")


def some_arrived(settings: Settings, listener: Listener) -> list[Drained]:
    del settings, listener
    return [
        Drained("memory", delivered=1200),
        Drained("entities", waiting=29, trouble=DOWN),
        Drained("relations", waiting=12, trouble=DOWN),
    ]


def test_what_arrived_is_told_by_kind_and_what_is_amiss_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert drain_outbox(json=False, color=False, drain=some_arrived) == 1

    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "memory     1,200 stored, 0 waiting",
        "entities   0 stored, 29 waiting",
        "relations  0 stored, 12 waiting",
    ]
    assert err.splitlines() == [DOWN.message, DOWN.hint]


def test_as_json_it_is_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    drain_outbox(json=True, color=False, drain=some_arrived)

    assert json.loads(capsys.readouterr().out)[0] == {"kind": "memory", "delivered": 1200, "waiting": 0}


def test_an_empty_outbox_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out_command(["drain"]) == 0

    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", "Nothing waits to be saved.")
