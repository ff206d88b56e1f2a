"""Small PDF, DOCX and EPUB files, made in memory."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    title: str = "",
    leading: int = 14,
    shown: int = 0,
    drawn: int = 0,
    foot: str = "",
    letters: str = "",
) -> bytes:
    """A page for each list of lines, 12 points Helvetica; an empty line is a gap.

    ``shown`` turns the pages on the screen, in degrees with the clock, ``drawn`` their text against it. ``foot`` is
    drawn before the lines, below them, with the page's number for "#". ``letters`` are what "a", "b", ... stand for.
    """
    matrix = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 792 0", 180: "-1 0 0 -1 612 792", 270: "0 -1 1 0 0 612"}[drawn]
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b""]
    mapped = "".join(f"<{ord('a') + place:02x}> <{ord(letter):04x}>\n" for place, letter in enumerate(letters))
    cmap = f"begincmap 1 begincodespacerange <00> <ff> endcodespacerange {len(letters)} beginbfchar {mapped} endbfchar"
    objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap.encode()))
    objects[2] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica%s>>" % (b"/ToUnicode 4 0 R" if letters else b"")
    kids: list[bytes] = []
    for lines in pages:
        words = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
        below = f"BT /F1 12 Tf 72 30 Td ({_escaped(foot.replace('#', str(len(kids) + 1)))}) Tj ET " if foot else ""
        content = f"{matrix} cm {below}BT /F1 12 Tf {leading} TL 72 750 Td\n{words}ET".encode("cp1252")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        font = b"/Resources<</Font<</F1 3 0 R>>>>"
        box = b"0 0 792 612" if drawn % 180 else b"0 0 612 792"
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Rotate %d%s/Contents %d 0 R>>"
        objects.append(page % (box, shown, font, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), len(kids))
    objects.append(b"<</Title(%s)>>" % title.encode("cp1252"))
    return _numbered(objects)


def pdf_of(content: bytes, *, filters: int, pages: int = 1, picture: bytes = b"") -> bytes:
    """Pages that all draw ``content``, deflated ``filters`` times; ``picture`` are gray bytes, anew on each as /I1."""
    for _ in range(filters):
        content = zlib.compress(content, 1)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    objects.append(
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), b"/FlateDecode " * filters, content)
    )
    kids: list[bytes] = []
    for _ in range(pages):
        gray = b"/Width %d/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8" % len(picture)
        objects.append(
            b"<</Type/XObject/Subtype/Image%s/Length %d>>stream\n%s\nendstream" % (gray, len(picture), picture)
        )
        used = b"/Resources<</Font<</F1 3 0 R>>/XObject<</I1 %d 0 R>>>>" % len(objects)
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]%s/Contents 4 0 R>>" % used)
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), pages)
    objects.append(b"<</Title()>>")
    return _numbered(objects)


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _numbered(objects: Sequence[bytes]) -> bytes:
    data, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(objects), len(data))
    return bytes(data) + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            # Without a clock: the same parts make the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def docx(body: str, *, title: str = "") -> bytes:
    """A Word document with this body; styles Heading1 and Title are known."""
    styles = "".join(
        f'<w:style w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (("Heading1", "heading 1"), ("Title", "Title"))
    )
    core = f'<c:p xmlns:c="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></c:p>'
    return zipped(
        {
            "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
            "docProps/core.xml": core,
        }
    )


def word_paragraph(text: str, style: str = "") -> str:
    """A paragraph of a Word document."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def epub(chapters: Mapping[str, str], *, contents: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """A book: a file for each chapter, by its name and body; ``contents`` is the inside of the table of contents."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    about = "<dc:title>The Quay</dc:title><dc:creator>Marta</dc:creator><dc:language>en</dc:language>"
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<metadata>{about}</metadata><manifest><item id="nav" href="nav.xhtml" properties="nav"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    nav = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{contents}</ol></nav></body></html>'
    head = "<html><head><title>x</title></head>"
    pages = {f"OEBPS/{name}": f"{head}<body>{body}</body></html>" for name, body in chapters.items()}
    return zipped(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": _CONTAINER, "OEBPS/book.opf": package}
        | {"OEBPS/nav.xhtml": nav}
        | pages
        | dict(more or {})
    )
