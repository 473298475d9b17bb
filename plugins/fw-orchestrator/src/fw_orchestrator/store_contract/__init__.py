"""The suite that every job store must pass, for its author to run. Needs pytest, pytest-asyncio and hypothesis.

A store proves itself with a subclass whose ``open_store`` fixture makes handles on it::

    class TestMyStore(DurableJobStoreContract):
        @pytest.fixture
        def open_store(self, tmp_path: Path) -> OpenStore:
            return lambda data: MyStore(tmp_path / data)

The framework itself never imports this package.
"""

from __future__ import annotations

import pytest

# Must come before the imports: asserts outside of test modules would fail without saying what they compared.
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "claims",
            "commits",
            "durability",
            "families",
            "finishes",
            "reading",
            "tasks",
            "timing",
            "values",
        )
    )
)

from fw_orchestrator.store_contract.base import OpenStore  # noqa: E402  (see above)
from fw_orchestrator.store_contract.claims import ClaimContract  # noqa: E402
from fw_orchestrator.store_contract.commits import CommitContract  # noqa: E402
from fw_orchestrator.store_contract.durability import DurabilityContract  # noqa: E402
from fw_orchestrator.store_contract.families import FamilyContract  # noqa: E402
from fw_orchestrator.store_contract.finishes import FinishContract  # noqa: E402
from fw_orchestrator.store_contract.model_check import ModelContract, check_against_model  # noqa: E402
from fw_orchestrator.store_contract.reading import ReadingContract  # noqa: E402
from fw_orchestrator.store_contract.tasks import TaskContract  # noqa: E402
from fw_orchestrator.store_contract.timing import TimingContract  # noqa: E402
from fw_orchestrator.store_contract.values import ValueContract  # noqa: E402

__all__ = ["DurableJobStoreContract", "JobStoreContract", "OpenStore", "check_against_model"]


class JobStoreContract(
    ClaimContract,
    CommitContract,
    TaskContract,
    TimingContract,
    FinishContract,
    FamilyContract,
    ReadingContract,
    ValueContract,
    ModelContract,
):
    """What every store must do. Handles that share data may be the same object."""


class DurableJobStoreContract(JobStoreContract, DurabilityContract):
    """The same for a store whose data outlive its handles."""
