from __future__ import annotations

import pytest

from autointel.model.limits import openai_prices


def test_a_known_model_at_openai_has_a_price() -> None:
    price = openai_prices().of("gpt-4o-mini")

    assert price is not None
    assert price.of(1_000_000, 1_000_000) == pytest.approx(price.input + price.output)
    assert openai_prices().of("gpt-4o-mini", "https://api.openai.com/v1") == price


def test_a_dated_name_costs_what_its_model_does() -> None:
    assert openai_prices().of("gpt-4o-mini-2024-07-18") == openai_prices().of("gpt-4o-mini")


@pytest.mark.parametrize("model", ["gpt-4o-mini-turbo", "simulated", "llama3.2", ""])
def test_an_unknown_model_has_no_price_and_is_not_free(model: str) -> None:
    assert openai_prices().of(model) is None


@pytest.mark.parametrize("base_url", ["http://localhost:11434/v1", "https://proxy.example/v1", "http://127.0.0.1/v1"])
def test_the_same_name_elsewhere_has_no_price(base_url: str) -> None:
    assert openai_prices().of("gpt-4o-mini", base_url) is None
