"""Settings: one frozen value, replaced whole. Stored sparsely in TOML by ``storage.settings_file``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from faceswap_desktop.domain.live import CameraKind, PanicPicture, WhenLost
from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.domain.recipe import LabelOptions, OutputOptions


class Theme(StrEnum):
    """How the window looks."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"


class Motion(StrEnum):
    """Whether things may move."""

    SYSTEM = "system"
    FULL = "full"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class AppearanceSettings:
    """``[appearance]``."""

    theme: Theme = Theme.SYSTEM
    motion: Motion = Motion.SYSTEM
    show_landmarks: bool = True
    show_numbers: bool = True


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """``[media]``: limits for files that come from outside."""

    max_megapixels: int = 200
    worker_memory_mb: int = 4096


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """``[storage]``.

    Attributes:
        library_folder: Where results go; empty for ``results`` in the data folder.
        cache_limit_mb: Thumbnails, atlases and detections are cleared, oldest first, above this.
        undo_seconds: How long a deleted result can be brought back before it goes to the trash.
    """

    library_folder: str = ""
    cache_limit_mb: int = 2048
    undo_seconds: int = 30


@dataclass(frozen=True, slots=True)
class JobSettings:
    """``[jobs]``.

    Attributes:
        workers: Worker processes for jobs; 0 for as many as the machine bears.
        task_limit_s: Seconds after which a silent worker is ended.
        notify_when_done: Show a notification when the last job ends.
        keep_awake: Keep the computer from sleeping while jobs run.
    """

    workers: int = 0
    task_limit_s: int = 120
    notify_when_done: bool = True
    keep_awake: bool = True


@dataclass(frozen=True, slots=True)
class SwapSettings:
    """``[swap]``: what a new pairing starts with.

    Attributes:
        provider: Id of the provider chosen last.
        preset: Name of the preset chosen last; empty for the built-in defaults.
        enhance: Have the provider sharpen the swapped faces, where it can.
    """

    provider: str = "on-device"
    preset: str = ""
    enhance: bool = False


@dataclass(frozen=True, slots=True)
class PlaybackSettings:
    """``[playback]``: how videos are played; the volume goes from 0 to 100."""

    volume: int = 80
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """``[cluster]``: a Dask cluster that renders videos.

    Attributes:
        address: Of its scheduler, ``tcp://host:8786`` or ``tls://host:8786``; empty to render here.
        tls_ca, tls_certificate, tls_key: Paths of PEM files, for a ``tls://`` address.
    """

    address: str = ""
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""


class AkoolApi(StrEnum):
    """Which of AKOOL's swaps is called."""

    V4_PLUS = "v4-plus"
    V4_PRO = "v4-pro"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class AkoolPrices:
    """``[providers.akool.prices]``: credits. AKOOL publishes no prices; these are what others report.

    Attributes:
        swap_image, reage_image: Per picture.
        swap_video, reage_video: Per ten seconds begun.
        live: Per minute.
    """

    swap_image: float = 4.0
    swap_video: float = 10.0
    reage_image: float = 4.0
    reage_video: float = 10.0
    live: float = 20.0


@dataclass(frozen=True, slots=True)
class AkoolSettings:
    """``[providers.akool]``.

    Attributes:
        base_url: Of its API.
        detect_url: Of its older detector, ``/detect``.
        api: Which swap is called.
        legacy_detector: Ask the older detector instead of ``detect_faces``.
        webhook: Have results announced too, where a public address or a relay is set.
    """

    base_url: str = "https://openapi.akool.com"
    detect_url: str = "https://sg3.akool.com"
    api: AkoolApi = AkoolApi.V4_PLUS
    legacy_detector: bool = False
    webhook: bool = False
    prices: AkoolPrices = field(default_factory=AkoolPrices)


@dataclass(frozen=True, slots=True)
class AifaceswapPrices:
    """``[providers.aifaceswap.prices]``: points, as its own texts have them."""

    swap: float = 2.0
    extract_face: float = 2.0
    multi_swap: float = 5.0


@dataclass(frozen=True, slots=True)
class AifaceswapSettings:
    """``[providers.aifaceswap]``.

    Attributes:
        base_url: Of its API.
        send_urls: Host the pictures and send their addresses, instead of the files themselves.
    """

    base_url: str = "https://aifaceswap.io/api/aifaceswap/v1"
    send_urls: bool = False
    prices: AifaceswapPrices = field(default_factory=AifaceswapPrices)


@dataclass(frozen=True, slots=True)
class AigsPrices:
    """``[providers.aigs.prices]``: ai-gs publishes none; 1 stands for one call of the user's package."""

    swap: float = 1.0


@dataclass(frozen=True, slots=True)
class AigsSettings:
    """``[providers.aigs]``.

    Attributes:
        base_url: Of its API.
        send_urls: Host the pictures and send their addresses, instead of the files themselves.
    """

    base_url: str = "https://imageapi.ai-gs.cn/v1"
    send_urls: bool = False
    prices: AigsPrices = field(default_factory=AigsPrices)


@dataclass(frozen=True, slots=True)
class ProvidersSettings:
    """``[providers]``.

    Attributes:
        accepted_terms: Which terms were read, as ``provider:version``, separated by spaces.
    """

    akool: AkoolSettings = field(default_factory=AkoolSettings)
    aifaceswap: AifaceswapSettings = field(default_factory=AifaceswapSettings)
    aigs: AigsSettings = field(default_factory=AigsSettings)
    accepted_terms: str = ""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """``[hosting.s3]``: a bucket of the user's; its keys are secrets.

    Attributes:
        endpoint_url: Of the service; empty for Amazon's.
        bucket: Its name; empty for no hosting.
        region: As the service wants it; ``auto`` for R2.
        prefix: Folder within the bucket.
        path_style: The bucket stands in the path instead of the host name, as MinIO wants it.
    """

    endpoint_url: str = ""
    bucket: str = ""
    region: str = "us-east-1"
    prefix: str = "faceswap"
    path_style: bool = True


@dataclass(frozen=True, slots=True)
class HostingSettings:
    """``[hosting]``."""

    s3: S3Settings = field(default_factory=S3Settings)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """``[webhook]``: how results reach us that are delivered instead of fetched.

    Attributes:
        public_url: Address under which ``port`` of this computer can be reached from outside; empty for none.
        port: On loopback; 0 for any free one.
        relay_url: A channel that hands deliveries on as server-sent events; empty for none. Its token is a secret.
    """

    public_url: str = ""
    port: int = 8787
    relay_url: str = ""


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """``[budget]``: in credits of each provider.

    Attributes:
        confirm_above: Jobs that cost more are asked about first; 0 to ask before every one that costs something.
        monthly_cap: Jobs that would exceed it in the calendar month are held; 0 for no cap.
    """

    confirm_above: float = 20.0
    monthly_cap: float = 0.0


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """``[sandbox]``: all accounts point at the services' likeness on this computer."""

    is_on: bool = False


@dataclass(frozen=True, slots=True)
class CredentialsSettings:
    """``[credentials]``: who signs results, and whom the user trusts. The remote signer's token is a secret.

    Attributes:
        signer: Whose certificate.
        certificate: PEM of the own certificate with its chain, also for the remote signer's; a path.
        key: PEM of the own certificate's private key; a path. Its passphrase is a secret.
        signer_url: Where the remote signer answers.
        trust_anchors: PEM of the certificates that the user trusts, beside this installation's; a path.
    """

    signer: SignerKind = SignerKind.INSTALLATION
    certificate: str = ""
    key: str = ""
    signer_url: str = ""
    trust_anchors: str = ""


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """``[live]``: what the Live page starts with.

    Attributes:
        camera: Which camera was used last: its id; a path for a file or a picture.
        camera_kind: What that is.
        microphone: Id of the microphone used last; ``none`` for no sound, empty for the default one.
        width, height: Pixels that the camera is asked for.
        per_second: Frames per second that it is asked for.
        is_mirrored: Left and right are swapped, as in a mirror.
        panic: What the panic key shows.
        when_lost: What is shown while a face cannot be found.
        minutes_limit: A paid session ends after so many minutes; 0 for no limit.
        record_microphone: Recordings have sound.
        provider: Id of the provider chosen last.
        face: Id of the source face that everyone had last; empty for none.
        years: By how many years everyone was made older, or younger.
    """

    camera: str = ""
    camera_kind: CameraKind = CameraKind.DEVICE
    microphone: str = ""
    width: int = 640
    height: int = 480
    per_second: int = 30
    is_mirrored: bool = True
    panic: PanicPicture = PanicPicture.CARD
    when_lost: WhenLost = WhenLost.AS_IS
    minutes_limit: int = 30
    record_microphone: bool = True
    provider: str = "on-device"
    face: str = ""
    years: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the user can set."""

    appearance: AppearanceSettings = field(default_factory=AppearanceSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    jobs: JobSettings = field(default_factory=JobSettings)
    swap: SwapSettings = field(default_factory=SwapSettings)
    output: OutputOptions = field(default_factory=OutputOptions)
    playback: PlaybackSettings = field(default_factory=PlaybackSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    providers: ProvidersSettings = field(default_factory=ProvidersSettings)
    hosting: HostingSettings = field(default_factory=HostingSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    label: LabelOptions = field(default_factory=LabelOptions)
    credentials: CredentialsSettings = field(default_factory=CredentialsSettings)
    live: LiveSettings = field(default_factory=LiveSettings)
