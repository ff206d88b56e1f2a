"""The client of an OpenAI-compatible model server: requests, retries, limits, budget, replies, tokens and prices."""
