"""Where the model stands, and what may be asked of it at once, as settings say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from autointel.app.run_context import NetworkAccess
from autointel.domain.run import Engine, Options
from autointel.environment import ignored_proxies
from autointel.errors import UsageError
from autointel.model.endpoint import Endpoint
from autointel.model.limits import Limits, Prices
from autointel.ports import CallPlaces
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.llama_cpp.gguf import Gguf, Serving
    from autointel.model.client import ModelClient


def with_model(settings: Settings, named: str | None) -> Settings:
    """The settings with another model: a GGUF file, or a name at the configured server. None changes nothing.

    Another name is asked for everything: the smaller model of the settings belongs to the model that they name.
    """
    model = settings.model
    if named is None or (named == model.name and model.file is None):
        return settings
    file = Path(named).expanduser().absolute() if named.lower().endswith(".gguf") else None
    change: dict[str, Any] = {"file": file} if file else {"file": None, "name": named, "read_name": None}
    return settings.model_copy(update={"model": settings.model.model_copy(update=change)})


def client_of(
    settings: Settings, limits: Limits | None = None, *, tell: Callable[[str], None] = lambda _: None, **more: Any
) -> ModelClient:
    """The client to the model of the settings, for the loop that it is made on; ``more`` as ModelClient takes it.

    Raises SettingsError for a model file that cannot be served here.
    """
    from autointel.model.client import ModelClient

    limits = limits or limits_of(settings)
    if settings.model.file is None:
        endpoint = endpoint_of(settings)
        return ModelClient(endpoint, limits, tell=tell, places=_places(settings, endpoint, tell), **more)
    from autointel.adapters.llama_cpp.process import LlamaProcess

    model, fit = fitted(settings)
    host = LlamaProcess(model, fit, tell)
    endpoint = Endpoint(
        name=model.name,
        base_url=host.address,
        api_key=SecretStr(host.key),
        same_as=f"gguf {model.digest}",
        timeout=settings.model.timeout,
    )
    return ModelClient(endpoint, limits, tell=tell, host=host, **more)


def _places(settings: Settings, endpoint: Endpoint, tell: Callable[[str], None]) -> CallPlaces | None:
    """The places that all workers share, where settings name a Redis."""
    url = settings.queue.limits_url
    if url is None or not NetworkAccess(settings).may_ask(url.get_secret_value()):
        return None
    from autointel.adapters.broker import RedisPlaces

    model = settings.model
    return RedisPlaces(
        url.get_secret_value(),
        endpoint.host,
        at_once=model.max_concurrent_calls,
        a_minute=model.requests_per_minute,
        tell=tell,
    )


def fitted(settings: Settings) -> tuple[Gguf, Serving]:
    """The model file of the settings, and how it is served on this machine. Raises SettingsError where it cannot be."""
    from autointel.adapters.llama_cpp.gguf import read_gguf, serving, this_machine
    from autointel.adapters.llama_cpp.process import refuse_uninstalled

    if settings.model.file is None:
        raise UsageError("No model file is configured.", "Set AUTOINTEL_MODEL__FILE.")
    model = read_gguf(settings.model.file)
    refuse_uninstalled()
    return model, serving(model, this_machine(), settings.model.max_concurrent_calls)


def endpoint_of(settings: Settings) -> Endpoint:
    """The server and its models."""
    model = settings.model
    return Endpoint(
        name=model.name,
        base_url=model.base_url,
        api_key=model.api_key or SecretStr("none"),
        read_name=model.read_name,
        timeout=model.timeout,
        proxy=model.proxy,
        ignored_proxies=ignored_proxies(),
    )


def limits_of(settings: Settings, *, max_usd: float | None = None, max_seconds: float | None = None) -> Limits:
    """The server's limits, and a run's budget."""
    model = settings.model
    return Limits(
        max_concurrent_calls=model.max_concurrent_calls,
        requests_per_minute=model.requests_per_minute,
        max_usd=max_usd,
        max_seconds=max_seconds,
    )


def with_asked_model(options: Options, settings: Settings) -> Options:
    """The options with the model that the settings name, for a run that asks one."""
    if options.engine is not Engine.LLM:
        return options.model_copy(update={"model": None, "model_server": None, "read_model": None})
    if settings.model.file is not None:
        file = str(settings.model.file)
        return options.model_copy(update={"model": file, "model_server": None, "read_model": None})
    endpoint = endpoint_of(settings)
    asked = {"model": endpoint.name, "model_server": endpoint.address, "read_model": endpoint.read_name}
    return options.model_copy(update=asked)


def settings_to_resume(
    run_id: str, options: Options, settings: Settings, *, elsewhere: bool, named: str | None = None
) -> Settings:
    """The settings with the model that the run asked before, or with the one that is ``named`` now.

    Raises UsageError where that model is at another server than the run's, unless ``elsewhere`` allows that: prompts go
    nowhere that was not agreed to. A model in a file is served on this machine.
    """
    chosen = with_model(settings, named)
    if options.engine is not Engine.LLM or options.model is None or (named and chosen.model.file is not None):
        return chosen
    if options.model_server is None:  # a file
        if elsewhere or named is None:
            return chosen if elsewhere else with_model(settings, options.model)
        raise UsageError(
            f"The run {run_id} asked {options.model} on this machine; {named} is at {endpoint_of(chosen).address}.",
            "Add --yes to continue there.",
        )
    endpoint = endpoint_of(settings)
    if endpoint.address != options.model_server and not elsewhere:
        raise UsageError(
            f"The run {run_id} asked {options.model} at {options.model_server}; the settings name {endpoint.address}.",
            f"Set AUTOINTEL_MODEL__BASE_URL={options.model_server}, or add --yes to continue at the new server.",
        )
    if named is not None or endpoint.address != options.model_server:
        return chosen
    asked = {"file": None, "name": options.model, "read_name": options.read_model}
    return settings.model_copy(update={"model": settings.model.model_copy(update=asked)})


def refuse_unpriced(settings: Settings, prices: Prices) -> None:
    """Raise UsageError where a limit in dollars could not be kept, because a price is unknown."""
    model = settings.model
    if model.file is not None:
        raise UsageError("A model on this machine costs nothing, so --max-usd cannot end a run.", "Use --max-seconds.")
    for name in dict.fromkeys((model.name, model.read_name or model.name)):
        if prices.of(name, model.base_url) is None:
            raise UsageError(
                f"The price of {name} is unknown, so --max-usd cannot be kept.", "Use --max-seconds instead."
            )
