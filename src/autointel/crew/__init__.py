"""The only room that speaks CrewAI and LangChain."""
