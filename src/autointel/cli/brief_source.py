"""What ``autointel run`` and ``resume`` do: settings, engine, the run itself, and delivery of its briefing."""

from __future__ import annotations

import math
import re
import sys
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TextIO
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from autointel.app.model_settings import with_model
from autointel.cli.exits import exit_code_of
from autointel.cli.options import namespace_of
from autointel.cli.output import PAGE, formatted, prepare, to_folder, to_page, to_stdout
from autointel.cli.progress import Events, progress, unbroken
from autointel.cli.request import Choice, Request, choose
from autointel.domain.report import Report, Results
from autointel.domain.run import Acquisition, Depth, Engine, Options, Privacy, Verify
from autointel.errors import AutointelError, UsageError
from autointel.ports import Listener
from autointel.render.durations import show_chart
from autointel.render.plain_text import plain
from autointel.render.sections import sheet_of
from autointel.render.terminal import FAINT, animates, console, show, standard_error
from autointel.settings import Loaded, Settings, load, resolve_flags

if TYPE_CHECKING:
    from autointel.app.run import Continuing
    from autointel.domain.catalogue import RunRecord

_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{2,8})*")
# ISO 639-1 with its former codes. Codes of three letters are thousands, and are not looked up.
_TWO_LETTERS: Final = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee"
    " el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io"
    " is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk"
    " ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc"
    " sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve"
    " vi vo wa wo xh yi yo za zh zu".split()
)
_PROXY: Final = re.compile(r"(?:https?|socks4a?|socks5h?)://[^/]+")
_WARNINGS: Final = 5  # shown without --verbose
Browse = Callable[[str], bool]


class Finished(Protocol):
    """A run that has ended: its report, and the transcript and notes that ``--out`` writes too."""

    @property
    def report(self) -> Report:
        """The whole report."""
        ...

    @property
    def results(self) -> Results:
        """What the steps found."""
        ...

    @property
    def unkept(self) -> AutointelError | None:
        """Why the end of the run could not be saved."""
        ...


Execute = Callable[[Settings, Options, Listener], Finished]


def brief_source(request: Request, execute: Execute | None = None, browse: Browse = webbrowser.open) -> int:
    """Carry the request out and give its exit code. ``execute`` is the pipeline's own unless given.

    Raises AutointelError; KeyboardInterrupt passes.
    """
    loaded = load(offline=request.offline)
    loaded = replace(loaded, settings=with_model(loaded.settings, request.model))
    choice = choose(loaded.settings, request.engine, offline=request.offline)
    options = options_of(request, loaded, choice)
    if request.dry_run:
        return show_plan(loaded.settings, options, json=request.json)
    if request.out:
        prepare(request.out)
    opening = [str(choice), *idle_options(request, choice)]

    def work(listener: Listener) -> Finished:
        from autointel.app import run  # here, once the progress table is on the screen: it takes a second

        return (execute or run.execute)(loaded.settings, options, listener)

    return deliver(request, work, loaded.settings, opening, browse)


def idle_options(request: Request, choice: Choice) -> Iterator[str]:
    """A warning for options that have no effect on this run."""
    if choice.engine is Engine.LOCAL:
        needs_model = {
            "--model": request.model is not None,
            "--depth": request.depth != "standard",
            "--briefing-language": request.briefing_language is not None,
            "--no-fact-check": not request.fact_check,
            "--max-usd": request.max_usd is not None,
            "--max-seconds": request.max_seconds is not None,
        }
        yield from _no_effect(needs_model, "without a model")
    if request.source == "-" or Path(request.source).exists():
        way = request.acquisition
        needs_address = {
            "--episode": way.episode is not None,
            "--cookies-from-browser": way.cookies_from_browser is not None,
            "--cookies": way.cookies is not None,
            "--proxy": way.proxy is not None,
            "--keep-media": way.keep_media,
        }
        yield from _no_effect(needs_address, "on a file")


def _no_effect(given: dict[str, bool], where: str) -> Iterator[str]:
    names = [name for name, is_given in given.items() if is_given]
    if names:
        verb = "has" if len(names) == 1 else "have"
        yield f"warning: {', '.join(names)} {verb} no effect {where}"


def deliver(
    request: Request,
    work: Callable[[Listener], Finished],
    settings: Settings,
    opening: Iterable[str] = (),
    browse: Browse = webbrowser.open,
    *,
    names_run: bool = False,
) -> int:
    """Do the work, hand its briefing over where the request asks for it, and give the exit code.

    The lines of ``opening`` are printed to standard error before the work begins, the run's id after it where
    ``names_run`` says so. Standard error may be closed (``2>&-``).
    """
    errors = standard_error()
    screen = console(errors, color=request.color)

    def tell(line: str) -> None:
        if line and not request.quiet and not request.events:
            unbroken(lambda: screen.print(Text(line), soft_wrap=True))

    for line in opening:
        tell(plain(line))
    listening = _listening(request, errors, screen)
    with listening as listener:
        finished = work(listener)
    hand_over(request, finished)
    if request.open_page:
        tell(open_page(request, settings.home, finished.report, finished.results, browse))
    tell(f"run {finished.report.run_id}" if names_run else "")
    if not request.quiet and not request.events:
        unbroken(lambda: closing(finished.report, screen, verbose=request.verbose))
    return exit_code_of(finished.report)


def _listening(request: Request, errors: TextIO, screen: Console) -> AbstractContextManager[Listener]:
    if request.events:
        return nullcontext(Events(errors))
    return progress(screen, animated=animates(errors), quiet=request.quiet, verbose=request.verbose)


def show_plan(settings: Settings, options: Options, *, json: bool) -> int:
    """Print the estimate of a run; 0."""
    from autointel.app.cost_estimate import plan

    planned = plan(settings, options)
    to_stdout(planned.model_dump_json(indent=2) + "\n" if json else planned.table() + "\n")
    return 0


def options_of(request: Request, loaded: Loaded, choice: Choice) -> Options:
    """The request as the pipeline takes it. Raises UsageError for a value that is not valid."""
    for language in (request.language, request.briefing_language):
        if language is not None and not _is_language(language):
            raise UsageError(f"{language!r} is not a language code.", "Use one such as en, de or pt-BR.")
    for name, most in (("--max-usd", request.max_usd), ("--max-seconds", request.max_seconds)):
        if most is not None and not math.isfinite(most):
            raise UsageError(f"{name} {most} is not a number.", "Give a number, or leave it out.")
    from autointel.app.sources import with_scheme

    return Options(
        source=with_scheme(request.source),
        engine=choice.engine,
        depth=Depth(request.depth),
        verify=verify_of(request, loaded.settings, choice.engine),
        namespace=namespace_of(request.namespace),
        language=request.language,
        briefing_language=request.briefing_language,
        flags=resolve_flags(loaded.settings, loaded.origins, request.source, parallel=request.parallel),
        memory=request.memory,
        graph=request.graph,
        fact_check=request.fact_check,
        offline=request.offline or loaded.settings.fetch.offline,
        reuse=request.cache,
        privacy=Privacy(request.privacy or loaded.settings.privacy),
        privacy_names=request.privacy_names or loaded.settings.privacy_names,
        acquisition=usable(request.acquisition),
        max_usd=request.max_usd,
        max_seconds=request.max_seconds,
    )


def _is_language(code: str) -> bool:
    parts = _LANGUAGE.fullmatch(code)
    return parts is not None and (len(parts[1]) > 2 or parts[1].lower() in _TWO_LETTERS)  # noqa: PLR2004  letters


def verify_of(request: Request, settings: Settings, engine: Engine) -> Verify:
    """The option, else the setting; by default the model, but not where the run has a budget or no model.

    Nor a model file: a model of 1.5 billion weights tells true from false no better than chance (docs/evaluation.md),
    and takes a minute for fifteen sentences.
    """
    chosen = request.verify or settings.model.verify
    if chosen != "auto":
        return Verify(chosen)
    unlimited = request.max_usd is None and request.max_seconds is None and settings.model.file is None
    return Verify.MODEL if unlimited and engine is Engine.LLM else Verify.CODE


def usable(asked: Acquisition) -> Acquisition:
    """The options with the whole path of the cookie file. Raises UsageError for a bad cookie file or proxy."""
    if asked.cookies is not None and not _holds_cookies(asked.cookies):
        raise UsageError(
            f"{asked.cookies} is not a cookie file.",
            "Give a cookies.txt in Netscape's format.",
        )
    if asked.proxy is not None and not _PROXY.match(asked.proxy):
        raise UsageError(
            f"{asked.proxy!r} is not a proxy address.", "Write it as http://host:port or socks5://host:port."
        )
    return asked.model_copy(update={"cookies": asked.cookies and asked.cookies.absolute()})


def _holds_cookies(path: Path) -> bool:
    """Browsers' exports open with a line that names the format."""
    try:
        with path.open(encoding="utf-8") as file:
            return "HTTP Cookie File" in file.readline(200)
    except (OSError, UnicodeDecodeError):
        return False


def hand_over(request: Request, finished: Finished) -> None:
    """Files first, for a reader who closes the pipe early. The briefing is printed even if the folder fails."""
    failure = finished.unkept
    if request.out:
        try:
            to_folder(request.out, finished.report, finished.results)
        except AutointelError as error:
            failure = error
    _to_stdout(request, finished)
    if failure:
        raise failure


def _to_stdout(request: Request, finished: Finished) -> None:
    report = finished.report
    if request.json or request.format:
        to_stdout(formatted(request.format or "json", report, finished.results))
        return
    page = console(sys.stdout, color=request.color)
    if page.is_terminal:
        to_stdout(rendered(report, finished.results, page))
    else:
        to_stdout(report.briefing.markdown)


def rendered(report: Report, results: Results, page: Console) -> str:
    """The briefing in columns, as the terminal takes it."""
    with page.capture() as capture:
        show(sheet_of(results, report.briefing.judgments), page)
    return capture.get()


def closing(report: Report, screen: Console, *, verbose: bool) -> None:
    """Warnings, then where the time went."""
    shown = report.warnings if verbose else report.warnings[:_WARNINGS]
    for warning in shown:
        screen.print(Text(f"warning: {plain(warning)}"), soft_wrap=True)
    if len(report.warnings) > len(shown):
        screen.print(Text(f"{len(report.warnings) - len(shown)} more warnings in the report", style=FAINT))
    screen.print()
    show_chart(report, screen)
    for sentence in report.briefing.dropped.sentences if verbose else ():
        screen.print(Text(f"removed: {plain(sentence)}", style=FAINT), soft_wrap=True)


def open_page(request: Request, home: Path, report: Report, results: Results, browse: Browse = webbrowser.open) -> str:
    """Open the page, and say where it is: in the folder of ``--out``, else among the run's artifacts in the home.

    Raises AutointelError where it cannot be written. That no browser could be opened is said, and is no failure.
    """
    folder = request.out or home / "runs" / report.run_id
    path = folder / PAGE
    if not request.out:
        to_page(folder, report, results)
    try:
        opened = browse(path.absolute().as_uri())
    except webbrowser.Error:
        opened = False
    return f"page {path}" if opened else f"No browser could be opened. The page is {path}"


def resume_run(
    run: str,
    *,
    json: bool,
    out: Path | None,
    quiet: bool,
    verbose: bool,
    color: bool,
    engine: str | None = None,
    model: str | None = None,
    elsewhere: bool = False,
) -> int:
    """Resume and hand over; the exit code. Raises AutointelError."""
    from autointel.app.run import Continuing, begun, resume

    settings = load().settings
    record = begun(settings, run)
    how = Continuing(Engine(engine) if engine else None, model, elsewhere)
    if how.engine is Engine.LLM:
        choose(with_model(settings, model), engine or "", offline=record.options.offline)
    if out:
        prepare(out)
    request = Request(source="", json=json, out=out, quiet=quiet, verbose=verbose, color=color)
    return deliver(
        request,
        lambda listener: resume(settings, run, listener, how),
        settings,
        [_begun_with(record, how)],
        names_run=True,
    )


def _begun_with(record: RunRecord, how: Continuing) -> str:
    """What the run is continued with, in a line."""
    if how.engine is Engine.LOCAL or (how.engine is None and record.options.engine is Engine.LOCAL):
        return f"engine {Engine.LOCAL}, as {'requested' if how.engine else 'before'}"
    if how.is_another:
        return f"engine {Engine.LLM}: {how.model or 'the configured model'}, as requested"
    server = urlsplit(record.options.model_server or "").netloc.rpartition("@")[2]
    where = f"at {server}" if server else "on this machine"
    return f"engine {Engine.LLM}: {record.options.model} {where}, as before"
