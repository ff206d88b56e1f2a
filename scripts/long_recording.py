"""How much memory and time a recording of hours takes, heard by a model of half a megabyte with random weights.

    .venv/bin/python scripts/long_recording.py [HOURS]

The words it hears are nonsense; the code that decodes, cuts, finds voices, times words, stores and briefs is the same
as with a real model, whose own size comes on top (small, int8: some 0.5 GB). Needs espeak-ng and the extra asr.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
_RATE: Final = 16_000
_MOST: Final = 1.5  # GB
_TEXT: Final = ROOT / "src" / "autointel" / "samples" / "free-transit.vtt"


def main(hours: float) -> int:
    """0 if the peak stayed within 1.5 GB."""
    sys.path.insert(0, str(ROOT))
    from tests.fakes.tiny_whisper import build_tiny_whisper

    with tempfile.TemporaryDirectory(prefix="autointel-long-") as name:
        folder = Path(name)
        model = build_tiny_whisper(folder / "model")
        recording = _recording(folder, hours * 3600)
        print(f"recording  {hours:g} h, MP3, {recording.stat().st_size / 1e6:.0f} MB")
        surroundings = os.environ | {"AUTOINTEL_HOME": str(folder / "home"), "AUTOINTEL_SPEECH__MODEL": str(model)}
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-P", "-m", "autointel", "run", str(recording), "--engine", "local", "--json"],
            env=surroundings,
            stdout=subprocess.PIPE,
            check=True,
        )
        wall = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
        _tell(json.loads(done.stdout), wall, peak, hours)
        return 0 if peak <= _MOST else 1


def _tell(report: dict[str, Any], wall: float, peak: float, hours: float) -> None:
    steps = {step["name"]: step["seconds"] for step in report["steps"]}
    print(f"segments   {report['transcript']['segments']:,}, {report['transcript']['words']:,} words (nonsense)")
    print(f"wall       {wall:.0f} s, of which finding the words {steps['transcribe']:.0f} s")
    factor = wall / hours / 3600
    print(f"real time  {1 / factor:.1f} times as fast as it was spoken (real-time factor {factor:.3f})")
    print(f"peak       {peak:.2f} GB of memory; at most {_MOST} GB is promised")


def _recording(folder: Path, seconds: float) -> Path:
    """The sample's text, spoken and said again until it is long enough: an MP3, as podcasts are."""
    import av
    import numpy as np

    text = " ".join(re.findall(r"^(?!WEBVTT|NOTE|\d).*[a-z].*$", _TEXT.read_text(encoding="utf-8"), re.MULTILINE)[:200])
    words = re.sub(r"<[^>]*>", "", text)
    subprocess.run(["espeak-ng", "-w", str(folder / "said.wav"), words], check=True)  # noqa: S603, S607
    with av.open(str(folder / "said.wav")) as spoken:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
        frames = [sound.to_ndarray() for frame in spoken.decode(audio=0) for sound in resampler.resample(frame)]
    samples = np.concatenate(frames, axis=1)
    path, left = folder / "talk.mp3", int(seconds * _RATE)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3", rate=_RATE, layout="mono")
        while left > 0:
            piece = np.ascontiguousarray(samples[:, :left])
            for start in range(0, piece.shape[1], 60 * _RATE):
                frame = av.AudioFrame.from_ndarray(piece[:, start : start + 60 * _RATE], format="s16", layout="mono")
                frame.sample_rate = _RATE
                container.mux(stream.encode(frame))
            left -= piece.shape[1]
        container.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0))
