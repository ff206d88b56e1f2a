"""What every registered source of evidence says of itself."""

from __future__ import annotations

import pytest

from autointel.app.sources import finder_class
from autointel.extensions import EVIDENCE, extensions
from autointel.settings.fields import EvidenceSettings


@pytest.mark.parametrize("name", extensions(EVIDENCE))
def test_a_registered_source_has_its_own_name_and_settings_that_exist(name: str) -> None:
    finder = finder_class(name)

    assert finder.name == name
    assert set(finder.settings) <= set(EvidenceSettings.model_fields)


def test_every_setting_of_evidence_is_named_by_a_source() -> None:
    named = {setting for name in extensions(EVIDENCE) for setting in finder_class(name).settings}

    assert named == set(EvidenceSettings.model_fields) - {"sources"}
