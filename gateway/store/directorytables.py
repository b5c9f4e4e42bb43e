"""The tables of the directory: who refers, who helps and where, with the number of each change."""

from datetime import datetime

from sqlmodel import Field

from gateway.store.tables import Row


class DirectoryRow(Row, table=True):
    """One entry: its document as JSON, and who changed it last; `version` guards each change.

    `public_key` is an organisation's, where it came in by a page or a command and not as a file.
    """

    __tablename__ = "directory"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    document: str
    version: int
    public_key: bytes | None = None
    changed_at: datetime
    changed_by: str


class DirectoryStateRow(Row, table=True):
    """One row: how often the directory was changed. At 0 it is what the files of `config/` say."""

    __tablename__ = "directory_state"

    id: int = Field(primary_key=True)
    generation: int = 0
