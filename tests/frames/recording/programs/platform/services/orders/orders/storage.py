"""Where orders are kept."""

import dataclasses
import importlib
import json
import sys

import sqlalchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@dataclasses.dataclass
class Line:
    name: str
    count: int = 1


def keep() -> list[str]:
    engine = sqlalchemy.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Row(name="tea"), Row(name="coffee")])
        session.commit()
        found = session.scalars(sqlalchemy.select(Row).where(Row.name.like("t%")).order_by(Row.id))
        return [row.name for row in found]


def encode() -> str:
    return json.dumps([dataclasses.asdict(Line(name)) for name in "abc"], default=str, indent=2)


def import_again() -> None:
    sys.modules.pop("colorsys", None)
    importlib.import_module("colorsys").rgb_to_hls(0.1, 0.2, 0.3)


TASKS = (keep, encode, import_again)
