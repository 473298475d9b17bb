"""The behaviour tree of a robot."""

from __future__ import annotations

from typing import Any, cast

from fw_behavior import BehaviorTree, Blackboard, Selector, Sequence
from fw_environment import Action, ActionStatus, Pawn
from warehouse.robot import Robot

LOW = 0.3


def mind(pawn: Pawn) -> BehaviorTree:
    """Charge when the battery is low, deliver when there is an order, else go home. A leaf either asks the robot, or
    lets it pursue an action.
    """
    robot = cast("Robot", pawn)

    def pursue(name: str, params: Any) -> ActionStatus:
        return robot.pursue(Action(name, params, float("inf")))

    def is_low(bb: Blackboard) -> bool:
        return robot.battery < LOW and robot.order is None

    def go_home(bb: Blackboard) -> ActionStatus:
        return pursue("follow", robot.home)

    def charge(bb: Blackboard) -> ActionStatus:
        return pursue("charge", 1.0)

    def take_order(bb: Blackboard) -> bool:
        robot.order = robot.orders.take()
        return robot.order is not None

    def go_to_shelf(bb: Blackboard) -> ActionStatus:
        return pursue("follow", robot.order)

    def pick_up(bb: Blackboard) -> ActionStatus:
        return pursue("pick_up", 1.0)

    def go_to_dock(bb: Blackboard) -> ActionStatus:
        return pursue("follow", robot.dock)

    def hand_over(bb: Blackboard) -> ActionStatus:
        return pursue("hand_over", 1.0)

    return BehaviorTree(
        Selector(
            Sequence(is_low, go_home, charge, name="recharge"),
            Sequence(take_order, go_to_shelf, pick_up, go_to_dock, hand_over, name="deliver"),
            go_home,
            name="robot",
        )
    )
