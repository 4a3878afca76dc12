"""What tasks that look at videos are given and what they reply: frozen values without arrays, like ``requests``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.workers.shared import SharedPixels

# ------------------------------------------------------------------------------------------------- to look at


@dataclass(frozen=True, slots=True)
class OpenVideo:
    """Look into a video and decode its first frame. Replied to with ``OpenedVideo``. Task ``open_video``.

    Attributes:
        path: The user's file.
        max_pixels: Larger frames are refused.
        max_edge: Longest side of the first frame as it is sent, in pixels; 0 for none to be sent.
    """

    path: str
    max_pixels: int
    max_edge: int = 1920


@dataclass(frozen=True, slots=True)
class OpenedVideo:
    """What the header says, and the first frame.

    Attributes:
        media: ``kind`` is ``VIDEO`` and ``video`` is set; ``size`` is the upright frame's, in stored pixels.
        first: Upright sRGB, 3 channels; None where it was not asked for.
        scale: Sent pixels per pixel of the video, at most 1.
    """

    media: Media
    first: SharedPixels | None
    scale: float


@dataclass(frozen=True, slots=True)
class IndexVideo:
    """Read every packet's time and write the index. Replied to with ``IndexedVideo``. Task ``index_video``.

    An index that is there already is only read. Updates tell the share of the file that was read.
    """

    media: Media
    files: VideoFiles


@dataclass(frozen=True, slots=True)
class IndexedVideo:
    """A video's frames by number.

    Attributes:
        media: The same with exact ``frames``, ``seconds``, ``frames_per_second`` and ``is_variable``.
        times: When each frame is shown.
        key_frames: Numbers of the frames at which decoding can start.
        notes: Worth saying: a truncated end, packets without times; English.
    """

    media: Media
    times: FrameTimes
    key_frames: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFrames:
    """Decode frames for the screen. Replied to with ``ReadFramesReply``. Task ``read_frames``.

    The worker keeps the decoder where it stands: asking on from there costs no seek.

    Attributes:
        media: The video.
        files: Its index has to be there.
        numbers: Which frames, ascending.
        max_edge: Longest side of the frames as they are sent, in pixels.
    """

    media: Media
    files: VideoFiles
    numbers: tuple[int, ...]
    max_edge: int


@dataclass(frozen=True, slots=True)
class ReadFramesReply:
    """Frames, one below the other.

    Attributes:
        numbers: Which frames they are; one that cannot be decoded is replaced by the last readable one before it.
        pixels: Upright sRGB, 3 channels: ``len(numbers)`` frames of ``height`` rows each; None where there are none.
        width, height: Of one frame as it was sent.
        scale: Sent pixels per pixel of the video, at most 1.
        unreadable: Those of ``numbers`` that could not be decoded.
    """

    numbers: tuple[int, ...]
    pixels: SharedPixels | None
    width: int
    height: int
    scale: float
    unreadable: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadSound:
    """Decode sound. Replied to with ``ReadSoundReply``. Task ``read_sound``.

    Attributes:
        path: The video.
        start_s, seconds: What to decode; what lies outside the track is silence.
        rate: Samples per second wanted.
        track: Number of the sound track, from 0.
    """

    path: str
    start_s: float
    seconds: float
    rate: int = 48000
    track: int = 0


@dataclass(frozen=True, slots=True)
class ReadSoundReply:
    """Signed 16-bit stereo samples, interleaved, exactly ``round(seconds * rate)`` of them per channel."""

    samples: bytes


# --------------------------------------------------------------------------------------------------- analysing


@dataclass(frozen=True, slots=True)
class AnalyseChunk:
    """Find and follow the faces of some frames and journal them. Replied to with ``AnalysedChunk``.

    Task ``analyse_chunk``. A chunk whose file is there and whole is only read. Updates tell the share of frames.

    Attributes:
        media: The video.
        files: Its index has to be there; the chunk's file is written into ``files.tracks``.
        number: Number of the chunk.
        frames: Its frames.
    """

    media: Media
    files: VideoFiles
    number: int
    frames: FrameRange


@dataclass(frozen=True, slots=True)
class AnalysedChunk:
    """What was found.

    Attributes:
        number: Of the chunk.
        faces: How many faces are followed in it.
        unreadable: Frames that could not be decoded.
        timings: Seconds per stage (decode, detect, mesh, embed, look …).
        sightings: Where something sensitive was seen; None where nobody has looked.
    """

    number: int
    faces: int
    unreadable: int
    timings: Mapping[str, float] = field(default_factory=dict)
    sightings: tuple[Sighting, ...] | None = None


@dataclass(frozen=True, slots=True)
class LinkTracks:
    """Join the chunks' tracks, smooth them, and tell who is who. Replied to with ``VideoAnalysis``.

    Task ``link_tracks``. Every chunk has to be analysed. Writes what rendering and ``faces_of_frames`` read; what is
    there already, whole, is used again. Memory does not grow with the clip.
    """

    media: Media
    files: VideoFiles
    chunks: tuple[FrameRange, ...]


@dataclass(frozen=True, slots=True)
class FacesOfFrames:
    """Tell where faces are in some frames. Replied to with ``FacesOfFramesReply``. Task ``faces_of_frames``.

    Where the tracks are linked they are used; before that, what the frame's chunk has journalled.
    """

    files: VideoFiles
    frames: FrameRange


@dataclass(frozen=True, slots=True)
class TrackedFace:
    """A face in a frame of a video: its track's number, and what was found (``index`` means nothing here)."""

    track: int
    face: DetectedFace


@dataclass(frozen=True, slots=True)
class FacesOfFramesReply:
    """Faces by frame; a frame of which nothing is known yet is missing."""

    faces: Mapping[int, tuple[TrackedFace, ...]]


@dataclass(frozen=True, slots=True)
class BestFaceOf:
    """Look for the best picture of a track's part, for a half that was split off. Task ``best_face_of``.

    Replied to with ``BestFace``.
    """

    files: VideoFiles
    parts: tuple[tuple[int, FrameRange], ...]


@dataclass(frozen=True, slots=True)
class BestFace:
    """The best picture and its frame."""

    frame: int
    face: DetectedFace
