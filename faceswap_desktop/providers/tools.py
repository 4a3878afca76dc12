"""What cloud providers are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from faceswap_desktop.domain.cloud import AnswerCache, Hosting, Mailbox
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.workers.pool import WorkerPool


@dataclass(frozen=True, slots=True)
class CloudTools:
    """What cloud providers are given.

    Attributes:
        pool: Makes copies and looks at results.
        settings: Returns the settings as they are now; while the sandbox is on, with its addresses in the place of the
            services' own.
        secret: Returns a secret by its name, or None.
        hosting: Puts media where a service can fetch them.
        mailbox: Receives what services deliver.
        answers: Keeps what was paid for.
        client: Makes the way to one service: given the provider's id and what returns its base address.
    """

    pool: WorkerPool
    settings: Callable[[], Settings]
    secret: Callable[[str], Awaitable[str | None]]
    hosting: Hosting
    mailbox: Mailbox
    answers: AnswerCache
    client: Callable[[str, Callable[[], str]], ApiClient]
