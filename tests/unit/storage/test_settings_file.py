from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.errors import StorageError, UsageError
from faceswap_desktop.domain.live import CameraKind, PanicPicture, WhenLost
from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.domain.recipe import (
    LabelCorner,
    LabelOptions,
    LabelSize,
    LabelStyle,
    LabelWording,
    OutputFormat,
    OutputOptions,
    VideoCodec,
    VideoContainer,
    VideoQuality,
)
from faceswap_desktop.domain.settings import (
    AifaceswapPrices,
    AifaceswapSettings,
    AigsPrices,
    AigsSettings,
    AkoolApi,
    AkoolPrices,
    AkoolSettings,
    AppearanceSettings,
    BudgetSettings,
    ClusterSettings,
    CredentialsSettings,
    HostingSettings,
    JobSettings,
    LiveSettings,
    MediaSettings,
    Motion,
    PlaybackSettings,
    ProvidersSettings,
    S3Settings,
    SandboxSettings,
    Settings,
    StorageSettings,
    SwapSettings,
    Theme,
    WebhookSettings,
)
from faceswap_desktop.storage.settings_file import (
    LoadedSettings,
    load_settings,
    save_settings,
    setting_keys,
    with_override,
)
from tests.unit.storage.processes import on_a_disk, output_of, without_privileges

EVERYTHING = Settings(
    AppearanceSettings(Theme.HIGH_CONTRAST, Motion.REDUCED, show_landmarks=False, show_numbers=False),
    MediaSettings(max_megapixels=50, worker_memory_mb=512),
    StorageSettings("/results/名前 \"q\" 'a' \\ #", 10, 0),
    JobSettings(3, 60, notify_when_done=False, keep_awake=False),
    SwapSettings("elsewhere", "Soft\nand \t odd", enhance=True),
    OutputOptions(
        OutputFormat.WEBP,
        80,
        lossless_webp=True,
        keep_gps=True,
        name_template="{n}",
        video_codec=VideoCodec.AV1,
        video_container=VideoContainer.MKV,
        video_quality=VideoQuality.SMALL,
    ),
    PlaybackSettings(35, is_muted=True),
    ClusterSettings("tls://somewhere:8786", "/a b/ca.pem", "/c.pem", "/k.pem"),
    ProvidersSettings(
        AkoolSettings(
            "http://127.0.0.1:1", "http://127.0.0.1:2", AkoolApi.V3, True, True, AkoolPrices(1.0, 2.0, 3.0, 4.5, 5.0)
        ),
        AifaceswapSettings("http://127.0.0.1:3", True, AifaceswapPrices(1.0, 1.5, 2.0)),
        AigsSettings("http://127.0.0.1:4", True, AigsPrices(0.5)),
        "aigs:1",
    ),
    HostingSettings(S3Settings("http://127.0.0.1:5", "bucket", "auto", "folder", path_style=False)),
    WebhookSettings("https://me.example", 9000, "https://relay.example/channel"),
    BudgetSettings(1.0, 100.0),
    SandboxSettings(is_on=True),
    LabelOptions(
        is_on=False,
        wording=LabelWording.FULL,
        corner=LabelCorner.TOP_LEFT,
        size=LabelSize.LARGE,
        style=LabelStyle.OUTLINE,
        language="de",
    ),
    CredentialsSettings(SignerKind.REMOTE, "/c.pem", "/k.pem", "https://signer.example", "/anchors.pem"),
    LiveSettings(
        "/clips/名前.mp4",
        CameraKind.FILE,
        "none",
        1280,
        720,
        15,
        is_mirrored=False,
        panic=PanicPicture.BLACK,
        when_lost=WhenLost.HOLD,
        minutes_limit=0,
        record_microphone=False,
        provider="akool",
        face="0123456789abcdef",
        years=-12,
    ),
)


def leaves(section: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Return every value of a section and of those within, with its dotted name."""
    for item in dataclasses.fields(section):
        value = getattr(section, item.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, f"{prefix}{item.name}.")
        else:
            yield f"{prefix}{item.name}", value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def notices(loaded: LoadedSettings) -> str:
    return "\n".join(notice.text() for notice in loaded.notices)


def test_no_file_is_all_defaults(path: Path) -> None:
    assert load_settings(path) == LoadedSettings(Settings())
    assert not path.exists()


def test_everything_comes_back(path: Path) -> None:
    default = dict(leaves(Settings()))
    same = {name for name, value in leaves(EVERYTHING) if value == default[name]}
    # The place of one result is no setting.
    assert same <= {"output.requested_path"}, "the test has to change these"
    save_settings(path, EVERYTHING)
    assert load_settings(path) == LoadedSettings(EVERYTHING)


def test_only_what_differs_is_written(path: Path) -> None:
    save_settings(path, Settings())
    assert path.read_text() == ""
    save_settings(path, with_override(Settings(), "appearance.theme=dark"))
    assert path.read_text() == '[appearance]\ntheme = "dark"\n'
    save_settings(path, Settings())
    assert path.read_text() == ""


def test_comments_order_and_unknown_keys_stay(path: Path) -> None:
    text = """# mine
newer = 1

[jobs]
workers = 2  # my cores
future = "kept"

[providers.somebody]
base_url = "http://127.0.0.1:1"
"""
    path.write_text(text)
    loaded = load_settings(path)
    assert loaded.notices == ()
    assert loaded.settings.jobs.workers == 2
    save_settings(path, with_override(loaded.settings, "jobs.task_limit_s=30"))
    assert path.read_text() == text.replace('future = "kept"\n', 'future = "kept"\ntask_limit_s = 30\n')
    save_settings(path, Settings())
    assert path.read_text() == text.replace("workers = 2  # my cores\n", "")


@pytest.mark.parametrize("broken", [b"[jobs\nworkers = 2", b"\xff\xfe\x00", b"a = 1\na = 2", b"\x00" * 40, b"[" * 3000])
def test_a_corrupt_file_is_kept_aside(path: Path, broken: bytes) -> None:
    path.write_bytes(broken)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    (kept,) = path.parent.glob("settings.toml.damaged-*")
    assert kept.read_bytes() == broken
    assert str(kept) in notices(loaded)
    assert "the defaults are used" in notices(loaded)
    # A second one does not overwrite the first.
    path.write_bytes(b"[again")
    load_settings(path)
    assert len(list(path.parent.glob("settings.toml.damaged-*"))) == 2
    assert kept.read_bytes() == broken


def test_a_file_with_a_byte_order_mark(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbf[appearance]\r\ntheme = "light"\r\n')
    assert load_settings(path) == LoadedSettings(with_override(Settings(), "appearance.theme=light"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('[jobs]\nworkers = "two"', "jobs.workers must be a whole number, not two"),
        ("[jobs]\nworkers = true", "jobs.workers must be a whole number, not True"),
        ("[jobs]\nworkers = 2.5", "jobs.workers must be a whole number, not 2.5"),
        ("[jobs]\nworkers = -1", "jobs.workers must be between 0 and 64, not -1"),
        ("[jobs]\nkeep_awake = 1", "jobs.keep_awake must be true or false, not 1"),
        ('[appearance]\ntheme = "pink"', 'appearance.theme must be one of "system", "light", "dark", "high-contrast"'),
        ("[storage]\nlibrary_folder = 5", "storage.library_folder must be a text, not 5"),
        ("[output]\nquality = 0", "output.quality must be between 1 and 100"),
        ('[output]\nformat = ["png"]', "output.format must be one of"),
        ("jobs = 3", "jobs must be a section, not 3"),
        ("media = [1, 2]", "media must be a section"),
        ("[jobs]\nworkers = {braces = 1}", "jobs.workers must be a whole number"),
        ("[jobs]\nworkers = 1979-05-27", "jobs.workers must be a whole number"),
        ("[budget]\nmonthly_cap = -1", "budget.monthly_cap must be between 0 and 1000000000, not -1"),
        ("[budget]\nmonthly_cap = 1" + "0" * 400, "budget.monthly_cap must be a number"),
        ("[providers.akool.prices]\nswap_image = -4", "providers.akool.prices.swap_image must be between 0 and"),
        ("[providers.aigs.prices]\nswap = inf", "providers.aigs.prices.swap must be between 0 and"),
        ("[live]\nwidth = 15", "live.width must be between 16 and 1920, not 15"),
        ("[live]\nheight = 1921", "live.height must be between 16 and 1920, not 1921"),
        ("[live]\nper_second = 0", "live.per_second must be between 1 and 60, not 0"),
        ("[live]\nminutes_limit = -1", "live.minutes_limit must be between 0 and 1440, not -1"),
        ("[live]\nyears = 31", "live.years must be between -30 and 30, not 31"),
        ('[live]\npanic = "swapped"', 'live.panic must be one of "camera", "black", "card"'),
        ("[providers.aifaceswap.prices]\nswap = nan", "providers.aifaceswap.prices.swap must be between 0 and"),
    ],
)
def test_a_wrong_value_is_said_and_the_rest_read(path: Path, line: str, words: str) -> None:
    path.write_text(f"{line}\n[swap]\npreset = 'Soft'\n")
    loaded = load_settings(path)
    assert loaded.settings == with_override(Settings(), "swap.preset=Soft")
    assert words in notices(loaded)
    assert "The default is used." in notices(loaded)
    # It is left for the user to mend, until the setting is set to something else.
    save_settings(path, loaded.settings)
    assert load_settings(path).notices == loaded.notices


def test_setting_a_wrong_value_right_mends_the_file(path: Path) -> None:
    path.write_text('jobs = "none"\n[media]\nmax_megapixels = "many"\n')
    save_settings(path, with_override(with_override(Settings(), "media.max_megapixels=7"), "jobs.workers=1"))
    loaded = load_settings(path)
    assert loaded.notices == ()
    assert (loaded.settings.media.max_megapixels, loaded.settings.jobs.workers) == (7, 1)


def test_a_file_broken_while_the_program_ran_is_kept_aside(path: Path) -> None:
    path.write_bytes(b"[half a")
    save_settings(path, EVERYTHING)
    assert load_settings(path) == LoadedSettings(EVERYTHING)
    (kept,) = path.parent.glob("settings.toml.damaged-*")
    assert kept.read_bytes() == b"[half a"


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_linked_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere" / "mine.toml"
    real.write_text("# mine\n")
    path.symlink_to(real)
    save_settings(path, EVERYTHING)
    assert path.is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert load_settings(path).settings == EVERYTHING


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
def test_a_folder_that_toml_cannot_hold_is_refused(path: Path) -> None:
    save_settings(path, EVERYTHING)
    odd = dataclasses.replace(Settings(), storage=StorageSettings(os.fsdecode(b"/home/no \xff text")))
    with pytest.raises(UsageError) as raised:
        save_settings(path, odd)
    assert "no ? text" in raised.value.message.text() or "?" in raised.value.message.text()
    assert load_settings(path).settings == EVERYTHING


def test_a_crash_while_writing_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(path, EVERYTHING)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, step, crash)
            with pytest.raises(KeyboardInterrupt):
                save_settings(path, Settings())
        assert load_settings(path) == LoadedSettings(EVERYTHING)
        assert [one.name for one in path.parent.glob("*settings*")] == ["settings.toml"]


SAVE = """
import sys
from pathlib import Path
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.storage.settings_file import save_settings, with_override
try:
    save_settings(Path(sys.argv[1]), with_override(Settings(), "swap.preset=" + "x" * 100_000))
except StorageError as error:
    print(error.kind, Path(sys.argv[1]).read_text(), [one.name for one in Path(sys.argv[1]).parent.iterdir()], sep="|")
"""


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    ballast = 'echo "# mine" > "$0/settings.toml" && { head -c 90000 /dev/zero > "$0/ballast"; true; }'
    said = output_of(SAVE, tmp_path / "settings.toml", before=on_a_disk(tmp_path, 128, ballast))
    assert said.startswith("disk-full|# mine\n|")
    assert ".settings" not in said, "nothing half-written stays"


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    before = without_privileges()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "settings.toml").write_text("# mine\n")
    folder.chmod(0o500)
    try:
        said = output_of(SAVE, folder / "settings.toml", before=before)
    finally:
        folder.chmod(0o700)
    assert said == "permission|# mine\n|['settings.toml']\n"


def test_a_file_that_cannot_be_read(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StorageError):
        load_settings(path)


# --set


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("jobs.workers=2", 2),
        (" jobs.workers = 2 ", 2),
        ("jobs.keep_awake=false", False),
        ("jobs.keep_awake=ON", True),
        ("appearance.motion=reduced", Motion.REDUCED),
        ("output.format=webp", OutputFormat.WEBP),
        ("output.name_template={n} = {name}", "{n} = {name}"),
        ("storage.library_folder=/a b/名", "/a b/名"),
        ("swap.preset=", ""),
        ("swap.preset=true", "true"),
    ],
)
def test_overrides(assignment: str, value: Any) -> None:
    section, name = assignment.split("=", maxsplit=1)[0].strip().split(".")
    changed = with_override(EVERYTHING, assignment)
    assert getattr(getattr(changed, section), name) == value
    ours = getattr(EVERYTHING, section)
    assert changed == dataclasses.replace(EVERYTHING, **{section: dataclasses.replace(ours, **{name: value})})


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("jobs.workers", "“jobs.workers” is not of the form KEY=VALUE."),
        ("=2", "There is no setting “”."),
        ("jobs=2", "There is no setting “jobs”."),
        ("jobs.wokers=2", "There is no setting “jobs.wokers”."),
        ("jobs.workers.x=2", "There is no setting “jobs.workers.x”."),
        ("jobs.__class__=2", "There is no setting “jobs.__class__”."),
        ("jobs.workers=two", "“two” will not do for jobs.workers: it must be a whole number."),
        ("jobs.workers=99", "“99” will not do for jobs.workers: it must be between 0 and 64."),
        ("jobs.keep_awake=perhaps", "“perhaps” will not do for jobs.keep_awake: it must be true or false."),
        ("appearance.theme=pink", "“pink” will not do for appearance.theme: it must be one of"),
        ("providers.akool.prices.live=-1", "“-1” will not do for providers.akool.prices.live: it must be"),
        ("budget.confirm_above=1e999", "“1e999” will not do for budget.confirm_above: it must be between 0 and"),
    ],
)
def test_wrong_overrides(assignment: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        with_override(Settings(), assignment)
    assert words in raised.value.message.text()
    assert raised.value.exit_code == 2


def test_all_keys_can_be_told() -> None:
    keys = setting_keys()
    assert "jobs.workers" in keys
    assert "output.name_template" in keys
    # The place of one result is none.
    assert set(keys) == {name for name, _ in leaves(Settings())} - {"output.requested_path"}


@given(
    text=st.text(st.characters(codec="utf-8")),
    number=st.integers(1, 10_000),
    flag=st.booleans(),
    theme=st.sampled_from(Theme),
)
def test_whatever_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, text: str, number: int, flag: bool, theme: Theme
) -> None:
    file = tmp_path_factory.getbasetemp() / "any settings.toml"
    settings = Settings(
        appearance=AppearanceSettings(theme=theme, show_numbers=flag),
        media=MediaSettings(max_megapixels=number),
        swap=SwapSettings(preset=text),
    )
    save_settings(file, settings)
    assert load_settings(file) == LoadedSettings(settings)


def test_the_place_of_one_result_is_no_setting(path: Path) -> None:
    assert "output.requested_path" not in setting_keys()
    with pytest.raises(UsageError, match="no setting"):
        with_override(Settings(), "output.requested_path=/x.png")
    path.write_text('[output]\nrequested_path = "/x.png"\n', encoding="utf-8")
    assert load_settings(path).settings.output.requested_path == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    for use in (lambda: load_settings(path), lambda: save_settings(path, EVERYTHING)):
        with pytest.raises(StorageError, match="needed as a file"):
            use()


def test_a_folder_of_that_name_is_said(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StorageError, match="needed as a file"):
        load_settings(path)
