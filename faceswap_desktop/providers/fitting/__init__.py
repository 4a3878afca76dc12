"""Shared by the services' providers: limits, the copies that are sent, and results that are put back."""

from faceswap_desktop.providers.fitting.copies import copy_source, make_copies
from faceswap_desktop.providers.fitting.limits import fit, sent_frames
from faceswap_desktop.providers.fitting.placement import Copies, FileCopy, Placement
from faceswap_desktop.providers.fitting.regions import FaceTouched, region_around, region_of
from faceswap_desktop.providers.fitting.results import inspect, take_result

__all__ = [
    "Copies",
    "FaceTouched",
    "FileCopy",
    "Placement",
    "copy_source",
    "fit",
    "inspect",
    "make_copies",
    "region_around",
    "region_of",
    "sent_frames",
    "take_result",
]
