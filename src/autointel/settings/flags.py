"""Which flags a run has, and how each came about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from autointel.domain.run import Flag, FlagOrigin, Flags
from autointel.settings.fields import Settings
from autointel.settings.layers import DEFAULT, Origin


def resolve_flags(
    settings: Settings, origins: Mapping[str, Origin], source: str, *, parallel: bool | None = None
) -> Flags:
    """``parallel`` (--parallel, --sequential) sets all three; else each as set; else by the rollout; else off."""
    if parallel is not None:
        flag = Flag(value=parallel, origin=FlagOrigin.OPTION)
        return Flags(parallel_analysis=flag, parallel_fact_checking=flag, parallel_memory_ops=flag)
    unset = _rolled_out(source, settings.parallel_rollout_percent)

    def flag_of(name: str, value: bool | None) -> Flag:  # noqa: FBT001  the setting as it is
        return unset if value is None else Flag(value=value, origin=origins.get(name, DEFAULT).layer)

    return Flags(
        parallel_analysis=flag_of("enable_parallel_analysis", settings.enable_parallel_analysis),
        parallel_fact_checking=flag_of("enable_parallel_fact_checking", settings.enable_parallel_fact_checking),
        parallel_memory_ops=flag_of("enable_parallel_memory_ops", settings.enable_parallel_memory_ops),
    )


def _rolled_out(source: str, percent: int) -> Flag:
    if percent == 0:
        return Flag()
    return Flag(value=bucket(source) < percent, origin=FlagOrigin.ROLLOUT)


def bucket(source: str) -> int:
    """0 to 99, the same for a source on every machine and in every process (Python's own hash is salted)."""
    return int.from_bytes(hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()[:8], "big") % 100
