"""The client of an OpenAI-compatible model server: requests, retries, limits, budget, replies, tokens and prices."""

from autointel.environment import scrub_environment

# Before LangChain is imported: it reads its tracing variables then, and would send prompts to the tracer they name.
scrub_environment()
