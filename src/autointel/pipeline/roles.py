"""Who does each step: roles and tasks in words, from ``roles.yaml``."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

import yaml
from pydantic import Field

from autointel.domain.analysis import taxonomy
from autointel.domain.run import StepName
from autointel.domain.value import Value


class Role(Value):
    """An agent's role, goal and backstory, and the task it is given."""

    role: str = Field(min_length=1)
    goal: str = Field(min_length=1)
    backstory: str = Field(min_length=1)
    description: str = Field(min_length=1)
    expected_output: str = Field(min_length=1)


@cache
def roles() -> dict[StepName, Role]:
    """One role for each step."""
    parsed = yaml.safe_load(_text())
    return {name: Role.model_validate(parsed[name.value]) for name in StepName}


@cache
def roles_hash() -> str:
    """Changes whenever a word of a role does; part of every key under which a model's answer is kept."""
    return sha256(_text().encode()).hexdigest()[:16]


def _text() -> str:
    text = files("autointel.pipeline").joinpath("roles.yaml").read_text(encoding="utf-8")
    return text.replace("{fallacy_types}", taxonomy())
