from __future__ import annotations

from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.workspace import WorkspaceStore


async def test_the_studio_as_it_was_left(db: Database) -> None:
    workspace = WorkspaceStore(db)
    assert await workspace.load() is None
    await workspace.save({"open": ["/a\udcff.jpg", "名"], "zoom": 1.5, "pairings": [[0, "s1"]], "none": None})
    await workspace.save({"open": ["/a\udcff.jpg"], "zoom": 2})
    assert await workspace.load() == {"open": ["/a\udcff.jpg"], "zoom": 2}
    other = await Database.open(db.path)
    assert await WorkspaceStore(other).load() == {"open": ["/a\udcff.jpg"], "zoom": 2}
    await other.close()
