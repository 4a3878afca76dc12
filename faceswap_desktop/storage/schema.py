"""What each version of the database adds, as SQL, run in order. A released version is never changed."""

from __future__ import annotations

from typing import Final

VERSION_1: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    # jobs
    """CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        recipe TEXT NOT NULL,
        state TEXT NOT NULL,
        hold TEXT,
        cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
        attempt INTEGER NOT NULL DEFAULT 0,
        priority REAL NOT NULL DEFAULT 0,
        progress REAL NOT NULL DEFAULT 0,
        step TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        started_at REAL NOT NULL DEFAULT 0,
        ended_at REAL NOT NULL DEFAULT 0,
        retry_at REAL NOT NULL DEFAULT 0,
        failure TEXT,
        result TEXT
    ) STRICT""",
    "CREATE INDEX jobs_by_turn ON jobs (state, priority, created_at, seq)",
    "CREATE INDEX jobs_by_age ON jobs (created_at, seq)",
    """CREATE TABLE job_steps (
        job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        handle TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        charge TEXT,
        PRIMARY KEY (job, position)
    ) STRICT, WITHOUT ROWID""",
    # What searching and sorting read is kept apart from what a card shows, so that a scan stays short.
    """CREATE TABLE results (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE CHECK (instr(id, char(10)) = 0),
        job TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        format TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        created_at REAL NOT NULL,
        similarity REAL,
        sort_name TEXT NOT NULL,
        search_text TEXT NOT NULL,
        is_favourite INTEGER NOT NULL CHECK (is_favourite IN (0, 1)),
        deleted_at REAL NOT NULL
    ) STRICT""",
    # Each is walked alone to answer an order and the simple filters: no sorting, no look into the table.
    """CREATE INDEX results_by_age ON results (
        created_at, seq, deleted_at, is_favourite, provider, format, id
    )""",
    """CREATE INDEX results_by_name ON results (
        sort_name, seq DESC, deleted_at, is_favourite, provider, format, created_at, id
    )""",
    """CREATE INDEX results_by_size ON results (
        size_bytes, seq, deleted_at, is_favourite, provider, format, created_at, id
    )""",
    """CREATE INDEX results_by_similarity ON results (
        similarity, seq, deleted_at, is_favourite, provider, format, created_at, id
    )""",
    # Paths are ANY: text, or bytes where a file's name is no text.
    """CREATE TABLE result_details (
        seq INTEGER PRIMARY KEY REFERENCES results (seq) ON DELETE CASCADE,
        path ANY NOT NULL,
        title TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        seconds REAL NOT NULL,
        faces INTEGER NOT NULL,
        digest TEXT NOT NULL,
        notes TEXT NOT NULL,
        recipe TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE result_sources (
        source TEXT NOT NULL,
        result INTEGER NOT NULL REFERENCES results (seq) ON DELETE CASCADE,
        PRIMARY KEY (source, result)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX result_sources_by_result ON result_sources (result)",
    # source faces
    """CREATE TABLE source_faces (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        revision INTEGER NOT NULL,
        thumbnail_path ANY NOT NULL,
        embedding BLOB,
        embedding_checkpoint TEXT,
        created_at REAL NOT NULL,
        on_shelf INTEGER NOT NULL CHECK (on_shelf IN (0, 1)),
        position INTEGER NOT NULL,
        deleted_at REAL NOT NULL DEFAULT 0
    ) STRICT""",
    # A photo can belong to a person and, until the undo expires, to the deleted one it was taken from.
    """CREATE TABLE source_photos (
        face TEXT NOT NULL REFERENCES source_faces (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        id TEXT NOT NULL,
        crop_path ANY NOT NULL,
        origin_name TEXT NOT NULL,
        grade TEXT NOT NULL,
        weight REAL NOT NULL,
        PRIMARY KEY (face, position)
    ) STRICT, WITHOUT ROWID""",
    # smaller things
    """CREATE TABLE detections (
        seq INTEGER PRIMARY KEY,
        digest TEXT NOT NULL,
        checkpoints TEXT NOT NULL,
        faces BLOB NOT NULL,
        made_at REAL NOT NULL,
        UNIQUE (digest, checkpoints)
    ) STRICT""",
    "CREATE TABLE presets (name TEXT PRIMARY KEY, options TEXT NOT NULL, saved_at REAL NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE workspace (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        state TEXT NOT NULL,
        saved_at REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE held_files (
        token TEXT PRIMARY KEY,
        files TEXT NOT NULL,
        held_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
)

VERSION_1_1: Final = (
    """CREATE TABLE analyses (
        digest TEXT NOT NULL,
        version TEXT NOT NULL,
        summary TEXT NOT NULL,
        faces BLOB NOT NULL,
        saved_at REAL NOT NULL,
        PRIMARY KEY (digest, version)
    ) STRICT, WITHOUT ROWID""",
)

VERSION_1_2: Final = (
    # What calls cost; stays when the job is deleted. One line for each time that a call was sent.
    """CREATE TABLE charges (
        job TEXT NOT NULL,
        step TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        provider TEXT NOT NULL,
        credits REAL,
        estimate REAL,
        is_estimate INTEGER NOT NULL CHECK (is_estimate IN (0, 1)),
        is_confirmed INTEGER NOT NULL CHECK (is_confirmed IN (0, 1)),
        at REAL NOT NULL,
        PRIMARY KEY (job, step, attempt)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX charges_by_time ON charges (provider, at, credits)",
    """CREATE TABLE answers (
        provider TEXT NOT NULL,
        call TEXT NOT NULL,
        digest TEXT NOT NULL,
        answer TEXT NOT NULL,
        made_at REAL NOT NULL,
        PRIMARY KEY (provider, call, digest)
    ) STRICT, WITHOUT ROWID""",
    # Addresses at which services deliver, and what came.
    """CREATE TABLE mailboxes (
        job TEXT NOT NULL,
        step TEXT NOT NULL,
        provider TEXT NOT NULL,
        secret TEXT NOT NULL UNIQUE,
        made_at REAL NOT NULL,
        body TEXT,
        received_at REAL NOT NULL DEFAULT 0,
        closed_at REAL NOT NULL DEFAULT 0,
        PRIMARY KEY (job, step)
    ) STRICT, WITHOUT ROWID""",
    # Files of ours at a place on the internet; a row is there before its object.
    """CREATE TABLE hosted_objects (
        host TEXT NOT NULL,
        key TEXT NOT NULL,
        job TEXT NOT NULL,
        digest TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('planned', 'there', 'deleted')),
        made_at REAL NOT NULL,
        expires_at REAL NOT NULL,
        PRIMARY KEY (host, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX hosted_by_job ON hosted_objects (job, digest)",
    # How a service knows what it made; needed to delete it there, and by its support.
    """CREATE TABLE remote_results (
        job TEXT NOT NULL,
        step TEXT NOT NULL,
        provider TEXT NOT NULL,
        handle TEXT NOT NULL,
        made_at REAL NOT NULL,
        expires_at REAL NOT NULL,
        deleted_at REAL NOT NULL DEFAULT 0,
        PRIMARY KEY (job, step)
    ) STRICT, WITHOUT ROWID""",
    # They are of use as long as the job or its result can be seen.
    """CREATE TRIGGER remote_results_after_job AFTER DELETE ON jobs
        WHEN NOT EXISTS (SELECT 1 FROM results WHERE results.job = OLD.id)
        BEGIN DELETE FROM remote_results WHERE job = OLD.id; END""",
    """CREATE TRIGGER remote_results_after_result AFTER DELETE ON results
        WHEN NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = OLD.job)
        BEGIN DELETE FROM remote_results WHERE job = OLD.job; END""",
    "CREATE INDEX jobs_by_retry ON jobs (retry_at) WHERE retry_at > 0",
    "CREATE INDEX jobs_by_hold ON jobs (hold) WHERE hold IS NOT NULL",
)

VERSION_1_3: Final = (
    # Who source faces are, and why they may be used.
    """CREATE TABLE consents (
        id TEXT PRIMARY KEY,
        face TEXT NOT NULL,
        who TEXT NOT NULL,
        basis TEXT NOT NULL,
        note TEXT NOT NULL,
        document ANY NOT NULL,
        document_name TEXT NOT NULL,
        given_at REAL NOT NULL,
        until REAL NOT NULL DEFAULT 0,
        withdrawn_at REAL NOT NULL DEFAULT 0,
        replaced_at REAL NOT NULL DEFAULT 0,
        results_deleted_at REAL NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE consent_photos (
        photo TEXT NOT NULL,
        consent TEXT NOT NULL REFERENCES consents (id) ON DELETE CASCADE,
        PRIMARY KEY (photo, consent)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX consent_photos_by_consent ON consent_photos (consent)",
    # What was seen in pictures and videos, and what was refused.
    """CREATE TABLE looks (
        digest TEXT NOT NULL,
        checker TEXT NOT NULL,
        sightings TEXT NOT NULL,
        looked_at REAL NOT NULL,
        PRIMARY KEY (digest, checker)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE refusals (
        seq INTEGER PRIMARY KEY,
        job TEXT NOT NULL,
        role TEXT NOT NULL,
        path ANY NOT NULL,
        name TEXT NOT NULL,
        sightings TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX refusals_by_job ON refusals (job)",
    "CREATE TRIGGER refusals_after_job AFTER DELETE ON jobs BEGIN DELETE FROM refusals WHERE job = OLD.id; END",
    # How results were marked, and where copies of them went.
    """CREATE TABLE result_marks (
        result TEXT PRIMARY KEY REFERENCES results (id) ON DELETE CASCADE,
        has_label INTEGER NOT NULL CHECK (has_label IN (0, 1)),
        signer TEXT,
        signed_at REAL NOT NULL,
        sidecar ANY NOT NULL,
        marks BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE result_copies (
        result TEXT NOT NULL REFERENCES results (id) ON DELETE CASCADE,
        path ANY NOT NULL,
        made_at REAL NOT NULL,
        PRIMARY KEY (result, path)
    ) STRICT, WITHOUT ROWID""",
)

VERSION_1_4: Final = (
    # Live sessions at services: a row is there before the session, and says until it is closed that it has to be.
    """CREATE TABLE live_sessions (
        id TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        state TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        created_at REAL NOT NULL,
        opened_at REAL NOT NULL DEFAULT 0,
        closed_at REAL NOT NULL DEFAULT 0,
        price REAL NOT NULL,
        credits_before REAL,
        credits_after REAL,
        limit_minutes INTEGER NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        follows TEXT NOT NULL DEFAULT '',
        in_sandbox INTEGER NOT NULL CHECK (in_sandbox IN (0, 1))
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX live_sessions_by_state ON live_sessions (state, created_at)",
)
