"""XMP packets: made, merged into one that is there, and read. Whatever comes from a file is taken for hostile.

IPTC defines the digital source type for XMP only (``Iptc4xmpExt:DigitalSourceType``); the older binary IPTC records
have no place for it, so none are written. Source: IPTC Photo Metadata Standard 2023.2, XMP specification part 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from xml.dom import minidom
from xml.parsers import expat

MOST_BYTES: Final = 2**20
"""Longer packets are not read."""

_MOST_ELEMENTS: Final = 20_000
_MOST_DEPTH: Final = 60
_MOST_SHOWN: Final = 300
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP: Final = "http://ns.adobe.com/xap/1.0/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_IPTC: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_XMLNS: Final = "http://www.w3.org/2000/xmlns/"
_BEGIN: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END: Final = '\n<?xpacket end="w"?>'
_EMPTY: Final = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>'

_TYPE: Final = (_IPTC, "DigitalSourceType")
_TOOL: Final = (_XMP, "CreatorTool")
_DESCRIPTION: Final = (_DC, "description")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a file says of itself.

    Attributes:
        source_type: The digital source type's address; of a file that is read, whatever stands there.
        tool: The program.
        disclosure: A sentence for people; written only where the file has no description, and not read again.
    """

    source_type: str = ""
    tool: str = ""
    disclosure: str = ""


class _Hostile(ValueError):
    """The packet is none that is taken apart."""


def make_packet(marks: Marks, old: bytes = b"") -> bytes:
    """Write a packet, with all that another one says but for what is said anew.

    Args:
        marks: What to say.
        old: The packet that is there; one that cannot be read, or is too large, is left out.

    Returns:
        UTF-8, without padding.
    """
    document = _parsed(old)
    root = _rdf(document) if document is not None else None
    if document is None or root is None:
        document = minidom.parseString(_EMPTY)  # noqa: S318 - our own text
        root = _rdf(document)
    assert root is not None
    assert document.documentElement is not None
    has_description = _value(root, _DESCRIPTION) is not None
    for name in (_TYPE, _TOOL):
        _remove(root, name)
    root.appendChild(_description(document, marks, with_disclosure=not has_description))
    return (_BEGIN + document.documentElement.toxml() + _END).encode("utf-8", "replace")


def read_packet(packet: bytes) -> Marks:
    """Return what a packet says of source type and program, each on one line of at most 300 characters."""
    document = _parsed(packet)
    root = _rdf(document) if document is not None else None
    if root is None:
        return Marks()
    return Marks(shortened(_value(root, _TYPE) or ""), shortened(_value(root, _TOOL) or ""))


def blank(packet: bytes) -> bytes:
    """Return what is written over a packet that is left behind, so that nobody who looks for packets finds two.

    What does not look like one is returned as it is: a hostile file may say that its picture is a packet.
    """
    is_packet = packet.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"RDF" in packet
    return b" " * len(packet) if is_packet else packet


def shortened(text: str) -> str:
    """Return foreign text without line breaks, and not endless."""
    return " ".join(text[: 4 * _MOST_SHOWN].split())[:_MOST_SHOWN]


def _description(document: minidom.Document, marks: Marks, *, with_disclosure: bool) -> Any:
    found = document.createElementNS(_RDF, "rdf:Description")
    for prefix, uri in (("rdf", _RDF), ("xmp", _XMP), ("Iptc4xmpExt", _IPTC), ("dc", _DC)):
        # Told again here: whatever the old packet called them, these names hold within this element.
        found.setAttributeNS(_XMLNS, f"xmlns:{prefix}", uri)
    found.setAttributeNS(_RDF, "rdf:about", "")
    found.setAttributeNS(_IPTC, "Iptc4xmpExt:DigitalSourceType", marks.source_type)
    if marks.tool:
        found.setAttributeNS(_XMP, "xmp:CreatorTool", marks.tool)
    if marks.disclosure and with_disclosure:
        line = document.createElementNS(_RDF, "rdf:li")
        line.setAttributeNS(_XML, "xml:lang", "x-default")
        line.appendChild(document.createTextNode(marks.disclosure))
        alternatives = document.createElementNS(_RDF, "rdf:Alt")
        alternatives.appendChild(line)
        description = document.createElementNS(_DC, "dc:description")
        description.appendChild(alternatives)
        found.appendChild(description)
    return found


def _parsed(packet: bytes) -> minidom.Document | None:
    packet = packet.strip(b"\0 \t\r\n")
    if not packet or len(packet) > MOST_BYTES:
        return None
    try:
        _check(packet)
        return minidom.parseString(packet)  # noqa: S318 - has no document type, so no entities, and is not large
    except (_Hostile, expat.ExpatError, ValueError, LookupError, AttributeError):
        return None


def _check(packet: bytes) -> None:
    """Refuse what could take more memory than it has bytes: entities, endless nesting, crowds of elements."""
    depth = elements = 0

    def opened(_name: str, attributes: list[str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1 + len(attributes) // 2
        if depth > _MOST_DEPTH or elements > _MOST_ELEMENTS:
            raise _Hostile

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refused(*_told: object) -> None:
        raise _Hostile

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = refused
    parser.Parse(packet, True)


def _rdf(document: minidom.Document) -> Any:
    found = document.getElementsByTagNameNS(_RDF, "RDF")
    return found[0] if found else None


def _descriptions(root: Any) -> list[Any]:
    return [
        child
        for child in root.childNodes
        if child.nodeType == child.ELEMENT_NODE and (child.namespaceURI, child.localName) == (_RDF, "Description")
    ]


def _elements(parent: Any, name: tuple[str, str]) -> list[Any]:
    return [
        child
        for child in parent.childNodes
        if child.nodeType == child.ELEMENT_NODE and (child.namespaceURI, child.localName) == name
    ]


def _value(root: Any, name: tuple[str, str]) -> str | None:
    for description in _descriptions(root):
        if description.hasAttributeNS(*name):
            return str(description.getAttributeNS(*name))
        for element in _elements(description, name):
            if element.hasAttributeNS(_RDF, "resource"):
                return str(element.getAttributeNS(_RDF, "resource"))
            return "".join(child.data for child in element.childNodes if child.nodeType == child.TEXT_NODE)
    return None


def _remove(root: Any, name: tuple[str, str]) -> None:
    for description in _descriptions(root):
        if description.hasAttributeNS(*name):
            description.removeAttributeNS(*name)
        for element in _elements(description, name):
            description.removeChild(element)
