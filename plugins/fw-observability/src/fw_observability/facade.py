"""`Metrics`: what users see as ``app.metrics``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from framework import App, BootstrapError, Facade
from fw_observability.families import Counter, Family, Gauge, Histogram, Limit

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from fw_observability.messages import MessageMetrics

METRIC = "metric"
FamilyT = TypeVar("FamilyT", bound=Family[Any])


class Metrics(Facade):
    """Declares metrics; what is given back can be used at once, and from any thread.

    Each App has its own. When it starts again, all begin at nothing. Who declares a metric a second time, as a
    component of an application that starts again does, gets the first one.
    """

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.limit = Limit()
        self.messages: MessageMetrics | None = None
        """What measures messages, told by the plugin; None where they are not measured."""
        self._registry: CollectorRegistry | None = None

    def counter(self, name: str, help: str, *, labels: Sequence[str] = ()) -> Counter:
        """Something that is counted: ``orders`` is shown as ``orders_total``.

        Raises :class:`BootstrapError`, like the others, for what is no name, and for a name that another plugin took
        or that was declared with other labels.
        """
        return self._declared(Counter(name.removesuffix("_total"), help, labels, self.limit))

    def gauge(self, name: str, help: str, *, labels: Sequence[str] = ()) -> Gauge:
        """Something that goes up and down."""
        return self._declared(Gauge(name, help, labels, self.limit))

    def histogram(
        self, name: str, help: str, *, labels: Sequence[str] = (), buckets: Sequence[float] | None = None
    ) -> Histogram:
        """Something that is counted by size; without ``buckets`` seconds from 5 ms to 10 s."""
        return self._declared(Histogram(name, help, labels, self.limit, buckets))

    def _declared(self, family: FamilyT) -> FamilyT:
        for other in self.declared(METRIC):
            if other.owner == self.app.owner and family.is_like(other.item):
                return cast(FamilyT, other.item)
            if other.item.name == family.name:
                raise BootstrapError(
                    f"Metric {family.name!r} is declared already, by {other.owner} at {other.place}.",
                    remedy="Declare it once, and use what that gives.",
                )
        self.declare(METRIC, family)
        return family

    @property
    def families(self) -> list[Family[Any]]:
        """All that have been declared."""
        return [declaration.item for declaration in self.declared(METRIC)]

    @property
    def registry(self) -> CollectorRegistry:
        """A registry of prometheus_client whose metrics are shown too: for libraries that bring such."""
        if self._registry is None:
            from prometheus_client import CollectorRegistry

            self._registry = CollectorRegistry()
        return self._registry

    def forget_plugins(self) -> None:
        """See :class:`Facade`; the application's metrics begin again."""
        super().forget_plugins()
        self.messages = None
        for family in self.families:
            family.reset()
