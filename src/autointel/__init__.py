"""autointel: a briefing whose every sentence rests on a verified quote."""

import sys

__version__ = "0.1.0"

# `python -m autointel` puts the working folder first, where any file would be taken for a library, and reads this line
# before it looks for one. What Python itself imports for `-m` (importlib, contextlib, warnings and theirs) came before.
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and not __file__.startswith(f"{sys.path[0]}/"):
    sys.path.pop(0)

del sys
