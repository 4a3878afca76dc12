"""Hosting."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.accounts import S3_SECRETS
from faceswap_desktop.services.entries import bucket_problem, endpoint_problem, prefix_problem, region_problem
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.sandbox_note import SandboxNote
from faceswap_desktop.ui.settings.secret_row import SecretRow
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.settings.text_row import TextRow
from faceswap_desktop.ui.settings.trial import Trial
from faceswap_desktop.ui.widgets.forms import SectionHeader, Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.outcome import OutcomeRow

_WHERE: Final = "hosting.s3"


class HostingSection(SettingsSection):
    """The bucket from which providers fetch photos and videos."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self._keys: dict[str, SecretRow] = {}
        self.column.addWidget(
            SandboxNote(self, self.tr("Its own bucket is used, and tested here; yours is left alone meanwhile."))
        )
        self._purpose_card()
        self._bucket_card()
        self._keys_card()
        self._test_card()
        self.follow(self._on_settings)
        self.end()

    def shown(self) -> None:
        """Look which keys are kept."""
        self.tasks.start(self._refresh(), key="hosting", replace=True)

    def _purpose_card(self) -> None:
        why = self.tr(
            "AKOOL fetches photos and videos from an address, so they have to lie where it can reach them: in a bucket "
            "of yours at Amazon S3, Cloudflare R2, MinIO or a service like these. aifaceswap and ai-gs need none, "
            "unless you send them addresses (see Accounts). Work on this computer never needs one."
        )
        how = self.tr(
            "Only copies lie there, without notes of the camera and under names that nobody can guess. Each can be "
            "fetched for 6 hours, a video for 24, and is deleted when its job ends."
        )
        self.add_card(
            SectionHeader(self.tr("What hosting is for"), self),
            PlainLabel(why, "muted", self, wraps=True),
            PlainLabel(how, "muted", self, wraps=True),
        )

    def _bucket_card(self) -> None:
        self._state = OutcomeRow("hosting-state", self)
        endpoint = TextRow(
            self,
            self.tr("Address of the service"),
            "settings-s3-endpoint",
            _WHERE,
            "endpoint_url",
            check=endpoint_problem,
            placeholder=self.tr("Amazon S3"),
            hint=self.tr("Empty for Amazon. R2 and MinIO tell theirs, such as https://s3.example.com."),
        )
        bucket = TextRow(
            self, self.tr("Bucket"), "settings-s3-bucket", _WHERE, "bucket", check=bucket_problem,
            placeholder=self.tr("None: nothing is hosted"),
        )  # fmt: skip
        region = TextRow(
            self,
            self.tr("Region"),
            "settings-s3-region",
            _WHERE,
            "region",
            check=region_problem,
            hint=self.tr("As the service names it; auto for R2."),
        )
        prefix = TextRow(
            self, self.tr("Folder in the bucket"), "settings-s3-prefix", _WHERE, "prefix", check=prefix_problem,
            placeholder=self.tr("The bucket itself"),
        )  # fmt: skip
        style = Switch(self.tr("The bucket's name stands in the path"), "settings-s3-path-style", self)
        self.bind(style, _WHERE, "path_style")
        hint = self.tr("Most services take it so. Off: it stands before the service's name, as Amazon prefers.")
        self.add_card(
            SectionHeader(self.tr("Bucket"), self),
            endpoint, bucket, region, prefix, self.noted(style, hint),
        )  # fmt: skip

    def _keys_card(self) -> None:
        hints = (
            self.tr("Best one of its own for this bucket, with the rights to write, read and delete objects."),
            "",
        )
        titles = (self.tr("Access key id"), self.tr("Secret access key"))
        for secret, title, hint in zip(S3_SECRETS, titles, hints, strict=True):
            whose = self.tr("{key} of the bucket").format(key=title)
            row = SecretRow(self.tasks, title, whose, f"secret-{secret}", partial(self._keep, secret), self, hint=hint)
            row.changed.connect(self._on_key_changed)
            self._keys[secret] = row
        self.add_card(SectionHeader(self.tr("Keys of the bucket"), self), *self._keys.values())

    def _test_card(self) -> None:
        self._trial = Trial(
            self.tasks,
            "hosting-test",
            self.tr("Test"),
            self.tr("Test hosting"),
            self.context.cloud.hosting.test,
            self.tr("Hosting works."),
            self.tr("Hosting does not work yet."),
            self,
        )
        words = self.tr(
            "Uploads a small file, fetches it as a service would, and deletes it again. Nothing of yours is sent."
        )
        self.add_card(
            SectionHeader(self.tr("Try it out"), self),
            self._state,
            PlainLabel(words, "muted", self, wraps=True),
            self._trial,
        )

    async def _keep(self, secret: str, value: str) -> None:
        await self.context.accounts.set_secrets({secret: value})

    async def _refresh(self) -> None:
        accounts = self.context.accounts
        is_lasting = await self.keeps_secrets()
        for secret, row in self._keys.items():
            row.set_kept(await accounts.has_secrets([secret]), is_lasting=is_lasting)
        self._show_state()

    def _on_key_changed(self) -> None:
        self._trial.forget()
        self.shown()

    def _on_settings(self, settings: Settings) -> None:
        now = (settings.hosting, settings.sandbox)
        if getattr(self, "_tested", now) != now:
            self._trial.forget()
        self._tested = now
        self._show_state()

    def _show_state(self) -> None:
        hosting = self.context.cloud.hosting
        if self.context.current_settings.sandbox.is_on:
            self._state.clear()
        elif not hosting.is_set_up:
            self._state.say(Tone.INFO, self.tr("No bucket is named, so jobs that need hosting wait."))
        elif not all(row.is_kept for row in self._keys.values()):
            self._state.say(Tone.WARNING, self.tr("The bucket is named, but its keys are not set."))
        else:
            self._state.say(
                Tone.INFO, self.tr("Files are put into {bucket} at {host}.").format(
                    bucket=self.context.current_settings.hosting.s3.bucket, host=hosting.destination
                )
            )  # fmt: skip
