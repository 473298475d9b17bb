"""The contract of a container, as tests that every implementation passes.

from fw_testing.container_contract import ContainerContract

class TestMyContainer(ContainerContract):
    make = MyContainer
"""

from fw_testing.container_contract.building import BuildingContract
from fw_testing.container_contract.closing import ClosingContract
from fw_testing.container_contract.concurrency import ConcurrencyContract
from fw_testing.container_contract.lifetimes import LifetimeContract
from fw_testing.container_contract.overriding import OverridingContract
from fw_testing.container_contract.scoping import ScopingContract

__all__ = ["ContainerContract"]


class ContainerContract(
    BuildingContract, LifetimeContract, ClosingContract, ConcurrencyContract, ScopingContract, OverridingContract
):
    """Subclass it under a name that begins with ``Test`` and set ``make`` to what makes an empty container."""
