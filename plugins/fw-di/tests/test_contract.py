"""K31, K32: dependency-injector behind the protocol keeps the contract that the built-in container keeps."""

from fw_di.container import InjectorContainer
from fw_testing.container_contract import ContainerContract


def shelved() -> InjectorContainer:
    """One whose providers are in use from the beginning."""
    container = InjectorContainer()
    assert container.shelf is not None
    return container


class TestShelvedContainer(ContainerContract):
    make = staticmethod(shelved)


class TestInjectorContainer(ContainerContract):
    make = InjectorContainer
