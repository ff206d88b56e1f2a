"""A conversation with memory: the stores stay open, and every turn is saved before the next question is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from anyio.from_thread import BlockingPortal, start_blocking_portal

from autointel.adapters.conversations import Conversation, Conversations, Quoted, Turn
from autointel.app.answering import Asking, asked_of
from autointel.app.lookup import OpenStores, named_source, note_times, opened_stores
from autointel.domain.run import Engine
from autointel.domain.source import Source
from autointel.memory.findings import Answered, Earlier, Show
from autointel.ports import Listener
from autointel.settings import Settings

NO_MODEL_ANSWERED = "(no model answered)"


@dataclass
class Chat:
    """An open conversation. ``about`` is the source it is limited to; None is everything in the namespace."""

    settings: Settings
    namespace: str
    engine: Engine
    limit: int
    conversation: Conversation
    about: Source | None
    _saved: Conversations
    _portal: BlockingPortal = field(repr=False)
    _stores: OpenStores = field(repr=False)

    def ask(self, question: str, show: Show = lambda *_: None) -> Answered:
        """The answer, with the turns before it in mind; saved when it returns.

        Blocks. Raises HomeUnusable, ModelRefused, and UsageError where the privacy gate blocks the question.
        """
        earlier = tuple(
            Earlier(question=turn.question, answer=turn.answer or NO_MODEL_ANSWERED) for turn in self.conversation.turns
        )
        asking = Asking(self.settings, question, self.limit, self.engine, show, earlier)
        answered: Answered = self._portal.call(asked_of, asking, self._stores)
        note_times(self.settings, self.namespace, answered)
        self.conversation = self._saved.add(self.conversation, _turn(answered))
        return answered


def _turn(answered: Answered) -> Turn:
    quotes = tuple(
        Quoted(source_id=each.passage.source_id, title=each.source_title, citation=each.citation)
        for each in answered.found
    )
    return Turn(question=answered.question, answer=answered.answer, held=answered.held, quotes=quotes)


def chats_of(settings: Settings, namespace: str) -> list[Conversation]:
    """The conversations of the namespace that have a turn, the latest first. Blocks. Raises HomeUnusable."""
    return [each for each in Conversations(settings.home, namespace).all() if each.turns]


@contextmanager
def chatting(
    settings: Settings,
    namespace: str,
    listener: Listener,
    *,
    engine: Engine,
    limit: int,
    source: str | None = None,
    resume: str | None = None,
    again: bool = False,
) -> Iterator[Chat | None]:
    """A new conversation, or with ``again`` the one of the id ``resume`` (None: the latest).

    None where nothing was read. Raises HomeUnusable, and UsageError for a source or a conversation that is not there.
    """
    saved = Conversations(settings.home, namespace)
    conversation = saved.find(resume) if again else None
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(opened_stores(settings, namespace, listener)) as stores,
    ):
        if stores is None:
            yield None
            return
        named = source or (conversation.source_id if conversation else None)
        about = named_source(stores.index.sources(), named) if named else None
        searched = stores.only(about.id) if about else stores
        if conversation is None:
            conversation = saved.new(about.id if about else None)
        yield Chat(settings, namespace, engine, limit, conversation, about, saved, portal, searched)
