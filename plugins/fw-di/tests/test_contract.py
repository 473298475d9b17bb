"""K31, K32: dependency-injector behind the protocol keeps the contract that the built-in container keeps."""

from fw_di.container import InjectorContainer
from fw_testing.container_contract import ContainerContract


class TestInjectorContainer(ContainerContract):
    make = InjectorContainer
