"""What was installed: versions, codecs, the built web page."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from earwitness.host.finding import Finding, Level, well, wrong

CODECS = {"PCMU": "pcm_mulaw", "PCMA": "pcm_alaw", "G722": "g722"}
"""Decoders by RTP encoding name, as FFmpeg calls them."""


def check(static: Path | None = None) -> Iterator[Finding]:
    """Versions, codecs, the page."""
    import av
    import soundfile

    codec = ".".join(map(str, av.library_versions["libavcodec"]))
    yield well(
        "versions", f"Earwitness {version('earwitness')}, PyAV {av.__version__} with libavcodec {codec}"
    )
    yield well("audio files", f"soundfile {soundfile.__version__} ({soundfile.__libsndfile_version__})")
    missing = [name for name, codec in CODECS.items() if codec not in av.codecs_available]
    if "libopus" not in av.codecs_available:
        missing.append("Opus encoder")
    if missing:
        yield wrong(
            "codecs",
            f"PyAV has no {', '.join(missing)}",
            "install the PyAV wheel from the lock: make install",
        )
    else:
        yield well("codecs", f"decoders {', '.join(CODECS)}; encoder Opus")
    yield page(static or default_static())


def default_static() -> Path:
    """Where the build puts the web page."""
    import qa_api

    return Path(qa_api.__path__[0]) / "static"


def unbuilt(static: Path | None = None) -> str:
    """What to do where there is no web page, empty where there is one."""
    found = page(static or default_static())
    return "" if found.level is Level.WELL else f"The web page {found.text}. Build it: {found.remedy}"


def page(static: Path) -> Finding:
    """Whether the web page is there."""
    if (static / "index.html").is_file():
        return well("web page", "is built")
    return wrong("web page", "is not built: the address will show nothing", "make web")
