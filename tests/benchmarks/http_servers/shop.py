"""What every server of the HTTP benchmark does: a greeting, and an order priced through three scoped objects."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Order:
    name: str
    price: float
    count: int = 1
    tags: list[str] = field(default_factory=list)


class Session:
    def __init__(self) -> None:
        self.closed = False


class Prices:
    def __init__(self, session: Session) -> None:
        self.session = session

    def total(self, order: Order) -> float:
        return order.price * order.count


class Desk:
    def __init__(self, prices: Prices) -> None:
        self.prices = prices

    def place(self, item_id: int, order: Order) -> dict[str, object]:
        return {"id": item_id, "name": order.name, "total": self.prices.total(order), "tags": order.tags}


def session() -> Iterator[Session]:
    opened = Session()
    yield opened
    opened.closed = True
