"""Waits for a job: whichever tells first, the poll or a delivery to the mailbox."""

from __future__ import annotations

import asyncio
import contextlib

from faceswap_desktop.domain.cloud import Delivery, Mailbox
from faceswap_desktop.domain.errors import ProviderError
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.providers.akool.codes import ID
from faceswap_desktop.providers.akool.polling import OnRow, Poller, failed
from faceswap_desktop.providers.akool.replies import JobStatus, ResultRow


class Waiting:
    """Waits for jobs.

    Args:
        poller: Asks after all jobs.
        mailbox: Where deliveries come.
    """

    def __init__(self, poller: Poller, mailbox: Mailbox) -> None:
        self._poller = poller
        self._mailbox = mailbox

    async def wait(
        self, remote_id: str, context: WorkContext, on_row: OnRow, *, is_long: bool, has_webhook: bool
    ) -> ResultRow:
        """Return the job's row once its result is there.

        Raises:
            ProviderError: See ``Poller.wait``.
        """
        if not has_webhook:
            return await self._poller.wait(remote_id, on_row, is_long=is_long)
        poll = asyncio.ensure_future(self._poller.wait(remote_id, on_row, is_long=is_long))
        post = asyncio.ensure_future(self._delivered(remote_id, context))
        try:
            await asyncio.wait({poll, post}, return_when=asyncio.FIRST_COMPLETED)
            if not poll.done() and (row := post.result()) is not None:
                return row
            return await poll
        finally:
            for one in (poll, post):
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError, ProviderError):
                    await one

    async def _delivered(self, remote_id: str, context: WorkContext) -> ResultRow | None:
        """Return the row that a delivery stands for; None where it settles nothing, so that the poll has to.

        Raises:
            ProviderRejected: Kind ``failed``: AKOOL could not make it.
        """
        try:
            # Also after a start of the program, so that it is listened there again.
            await self._mailbox.address(context.job, context.step.name, ID)
            delivery = await self._mailbox.wait(context.job, context.step.name)
        except ProviderError:
            return None
        return _row_of(delivery, remote_id)


def _row_of(delivery: Delivery, remote_id: str) -> ResultRow | None:
    values = delivery.values
    if values.get("_id") != remote_id:
        return None
    url = values.get("url")
    match values.get("status"):
        case JobStatus.DONE if isinstance(url, str) and url:
            return ResultRow(remote_id, JobStatus.DONE, url)
        case JobStatus.FAILED:
            raise failed("")
        case _:
            return None
