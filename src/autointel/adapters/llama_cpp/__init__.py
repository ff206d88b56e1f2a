"""A model from a GGUF file, served by llama.cpp in a child process: the extra ``llm``.

``gguf`` reads what a file says of itself and fits it to the machine, ``process`` starts and ends the child, and
``serve`` is the program that the child runs.
"""
