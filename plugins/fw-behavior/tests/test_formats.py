"""Trees as text, and back. The XML follows the trees of BehaviorTree.CPP's own tutorials."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fw_behavior import (
    ActionNode,
    BehaviorTree,
    Blackboard,
    Cooldown,
    Loop,
    Node,
    Selector,
    Sequence,
    Status,
    SubTree,
    Switch,
    UtilitySelector,
    action,
    condition,
)
from fw_behavior.btcpp import from_xml, to_xml
from fw_behavior.data import from_data, from_json, from_yaml, to_data, to_json, to_yaml
from fw_behavior.elements import Element, parse
from fw_behavior.errors import BadScript, BadText, MissingKey, Unsupported
from fw_behavior.script import Script

TUTORIALS = {
    "1 first tree": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Sequence name="root_sequence">
      <CheckBattery name="check_battery"/>
      <OpenGripper name="open_gripper"/>
      <ApproachObject name="approach_object"/>
      <CloseGripper name="close_gripper"/>
    </Sequence>
  </BehaviorTree>
</root>""",
    "2 ports": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Sequence name="root_sequence">
      <SaySomething message="hello"/>
      <ThinkWhatToSay text="{the_answer}"/>
      <SaySomething message="{the_answer}"/>
    </Sequence>
  </BehaviorTree>
</root>""",
    "3 generic ports": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Sequence name="root">
      <CalculateGoal goal="{GoalPosition}"/>
      <PrintTarget target="{GoalPosition}"/>
      <Script code=" OtherGoal:='-1;3' "/>
      <PrintTarget target="{OtherGoal}"/>
    </Sequence>
  </BehaviorTree>
</root>""",
    "4 reactive": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <ReactiveSequence>
      <BatteryOK/>
      <Sequence>
        <SaySomething message="mission started..."/>
        <MoveBase goal="1;2;3"/>
        <SaySomething message="mission completed!"/>
      </Sequence>
    </ReactiveSequence>
  </BehaviorTree>
</root>""",
    "5 subtrees": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Sequence>
      <Fallback>
        <Inverter>
          <IsDoorClosed/>
        </Inverter>
        <SubTree ID="DoorClosed"/>
      </Fallback>
      <PassThroughDoor/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="DoorClosed">
    <Fallback>
      <OpenDoor/>
      <RetryUntilSuccessful num_attempts="5">
        <PickLock/>
      </RetryUntilSuccessful>
      <SmashDoor/>
    </Fallback>
  </BehaviorTree>
</root>""",
    "6 remapping": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Sequence>
      <Script code=" move_goal:='1;2;3' "/>
      <SubTree ID="MoveRobot" target="{move_goal}" result="{move_result}"/>
      <SaySomething message="{move_result}"/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="MoveRobot">
    <Fallback>
      <Sequence>
        <MoveBase goal="{target}"/>
        <Script code=" result:='goal reached' "/>
      </Sequence>
      <ForceFailure>
        <Script code=" result:='error' "/>
      </ForceFailure>
    </Fallback>
  </BehaviorTree>
</root>""",
    "9 scripting": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Sequence>
      <Script code=" msg:='hello world' "/>
      <Script code=" A:=THE_ANSWER; B:=3.14; color:=RED "/>
      <Precondition if="A>B &amp;&amp; color != BLUE" else="FAILURE">
        <Sequence>
          <SaySomething message="{A}"/>
          <SaySomething message="{B}"/>
          <SaySomething message="{msg}"/>
          <SaySomething message="{color}"/>
        </Sequence>
      </Precondition>
    </Sequence>
  </BehaviorTree>
</root>""",
    "10 nested subtrees": """
<root BTCPP_format="4" main_tree_to_execute="Main">
  <BehaviorTree ID="Main">
    <Sequence>
      <Fallback>
        <AlwaysFailure name="broken"/>
        <SubTree ID="Outer" name="first"/>
      </Fallback>
      <AlwaysSuccess name="last"/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="Outer">
    <Sequence>
      <AlwaysSuccess name="begin"/>
      <SubTree ID="Inner" name="named"/>
      <SubTree ID="Inner"/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="Inner">
    <AlwaysSuccess name="done"/>
  </BehaviorTree>
</root>""",
    "11 autoremap and postconditions": """
<root BTCPP_format="4" main_tree_to_execute="Main">
  <BehaviorTree ID="Main">
    <Sequence>
      <Script code="open:=false"/>
      <Fallback>
        <Inverter>
          <IsDoorClosed/>
        </Inverter>
        <SubTree ID="Door" _autoremap="true" open="{open}"/>
      </Fallback>
      <PassThroughDoor/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="Door">
    <Fallback name="try" _onSuccess="open:=true">
      <OpenDoor/>
      <RetryUntilSuccessful num_attempts="5">
        <PickLock/>
      </RetryUntilSuccessful>
      <SmashDoor/>
    </Fallback>
  </BehaviorTree>
</root>""",
    "14 models of subtrees": """
<root BTCPP_format="4" main_tree_to_execute="Main">
  <BehaviorTree ID="Main">
    <Sequence>
      <Script code="who:= 'ada' "/>
      <SubTree ID="Greet" name="greet" person="{who}" state="{state}"/>
      <ScriptCondition code=" answer==69 &amp;&amp; state=='ACTIVE' "/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="Greet">
    <Sequence>
      <ScriptCondition code="times==42 &amp;&amp; person=='ada'"/>
      <Script code="result:=69; state:='ACTIVE'"/>
    </Sequence>
  </BehaviorTree>
  <TreeNodesModel>
    <SubTree ID="Greet">
      <input_port name="times" default="42"/>
      <input_port name="person"/>
      <output_port name="result" default="{answer}"/>
      <output_port name="state"/>
    </SubTree>
  </TreeNodesModel>
</root>""",
    "16 the outermost blackboard": """
<root BTCPP_format="4" main_tree_to_execute="Main">
  <BehaviorTree ID="Main">
    <Sequence>
      <SaySomething name="outside" message="{@value}"/>
      <SubTree ID="Inside"/>
    </Sequence>
  </BehaviorTree>
  <BehaviorTree ID="Inside">
    <Sequence>
      <SaySomething name="inside" message="{@value}"/>
      <Script code="@square := @value * @value"/>
    </Sequence>
  </BehaviorTree>
</root>""",
    "18 loops and interruptible chains": """
<root BTCPP_format="4" main_tree_to_execute="Main">
  <BehaviorTree ID="Main">
    <AsyncSequence>
      <LoopDouble queue="1.0;2.0;3.0" value="{number}" if_empty="SUCCESS">
        <SaySomething message="{number}"/>
      </LoopDouble>
      <AsyncFallback>
        <IsDoorClosed/>
        <OpenDoor/>
      </AsyncFallback>
    </AsyncSequence>
  </BehaviorTree>
</root>""",
    "conditions": """
<root BTCPP_format="4" main_tree_to_execute="MainTree">
  <BehaviorTree ID="MainTree">
    <Fallback>
      <Sequence _skipIf="door_closed == false">
        <Switch2 variable="{mode}" case_1="lock" case_2="pick">
          <UnlockDoor _while="!stop" _onHalted="halted := true"/>
          <PickLock _onSuccess="opened += 1" _post="tried := true"/>
          <AlwaysFailure/>
        </Switch2>
        <Timeout msec="1500">
          <KeepRunningUntilFailure>
            <PickLock/>
          </KeepRunningUntilFailure>
        </Timeout>
      </Sequence>
      <Parallel success_count="2" failure_count="-1">
        <Delay delay_msec="200">
          <OpenDoor/>
        </Delay>
        <Repeat num_cycles="-1">
          <SmashDoor/>
        </Repeat>
        <RunOnce then_skip="false">
          <OpenDoor/>
        </RunOnce>
      </Parallel>
      <LoopDouble queue="1.0;2.5" value="{item}" if_empty="SKIPPED">
        <ForceSuccess>
          <SkipUnlessUpdated entry="{item}">
            <Sleep msec="10"/>
          </SkipUnlessUpdated>
        </ForceSuccess>
      </LoopDouble>
      <SetBlackboard value="{item}" output_key="last"/>
    </Fallback>
  </BehaviorTree>
  <TreeNodesModel>
    <Action ID="OpenDoor">
      <input_port name="speed" type="double"/>
    </Action>
  </TreeNodesModel>
</root>""",
}
IDS = [
    "CheckBattery",
    "OpenGripper",
    "ApproachObject",
    "CloseGripper",
    "SaySomething",
    "ThinkWhatToSay",
    "CalculateGoal",
    "PrintTarget",
    "BatteryOK",
    "MoveBase",
    "IsDoorClosed",
    "PassThroughDoor",
    "OpenDoor",
    "PickLock",
    "SmashDoor",
    "UnlockDoor",
]
CONSTANTS = {"THE_ANSWER": 42, "RED": 1, "BLUE": 2}


def plain(element: Element) -> Any:
    """An element without line and order of attributes."""
    return element.tag, element.attributes, [plain(child) for child in element.children]


@pytest.mark.parametrize("name", TUTORIALS)
def test_the_tutorials_of_behaviortree_cpp_go_round(name: str) -> None:
    read = from_xml(TUTORIALS[name], IDS, constants=CONSTANTS)
    written = to_xml(read)
    assert plain(parse(written)) == plain(parse(TUTORIALS[name].strip()))
    again = from_xml(written, IDS, constants=CONSTANTS)
    assert again.trees == read.trees


@pytest.mark.parametrize("name", TUTORIALS)
def test_every_tutorial_goes_round_as_json_and_yaml(name: str) -> None:
    root = from_xml(TUTORIALS[name], IDS, constants=CONSTANTS).root
    assert from_json(to_json(root), IDS, CONSTANTS) == root
    assert from_yaml(to_yaml(root), IDS, CONSTANTS) == root


def test_a_tree_of_xml_runs_with_ports_remapping_and_scripts() -> None:
    said: list[Any] = []

    @action(id="MoveBase", ports={"goal": str})
    def move(bb: Any) -> Status:
        said.append(bb["goal"])
        return Status.SUCCESS

    @action(id="SaySomething")
    def say(bb: Any) -> None:
        said.append(bb["message"])

    tree = BehaviorTree(from_xml(TUTORIALS["6 remapping"], {"MoveBase": move, "SaySomething": say}).root)
    assert tree.tick() is Status.SUCCESS
    assert said == ["1;2;3", "goal reached"]
    assert tree.blackboard["move_result"] == "goal reached"
    assert "target" not in tree.blackboard


def test_the_model_of_a_subtree_gives_what_its_callers_leave_out() -> None:
    tree = BehaviorTree(from_xml(TUTORIALS["14 models of subtrees"]).root)
    assert tree.tick() is Status.SUCCESS
    assert (tree.blackboard["answer"], tree.blackboard["state"]) == (69, "ACTIVE")
    text = TUTORIALS["14 models of subtrees"].replace(' state="{state}"', "")
    with pytest.raises(BadText, match="Line 6: <SubTree ID='Greet'> has no 'state', and its model no default"):
        from_xml(text)


def test_every_part_reaches_the_outermost_blackboard() -> None:
    said: list[int] = []
    text = TUTORIALS["16 the outermost blackboard"]
    tree = BehaviorTree(from_xml(text, {"SaySomething": lambda bb: said.append(bb["message"])}).root)
    for value in (1, 2, 3):
        tree.blackboard["value"] = value
        tree.tick()
        assert tree.blackboard["square"] == value * value
    assert said == [1, 1, 2, 2, 3, 3]


def test_a_constant_port_has_the_type_that_the_leaf_declares() -> None:
    seen: list[Any] = []

    @action(id="Wait", ports={"times": int, "loud": bool})
    def wait(bb: Any) -> None:
        seen.append((bb["times"], bb["loud"]))

    BehaviorTree(ActionNode(wait, ports={"times": "3", "loud": "true"})).tick()
    assert seen == [(3, True)]
    with pytest.raises(TypeError, match="'times' takes int, not 'three'"):
        BehaviorTree(ActionNode(wait, ports={"times": "three"}))


@pytest.mark.parametrize(
    "inside, problem",
    [
        ("<OpenDor/>", r"Line 3: There is no node or function 'OpenDor'. Did you mean 'OpenDoor'\?"),
        (
            "<Sequense><OpenDoor/></Sequense>",
            "Line 3: <Sequense> is no kind of node that has children. Did you mean 'Sequence'",
        ),
        ('<Repeat num_cycle="3"><OpenDoor/></Repeat>', "Line 3: <Repeat> has no attribute 'num_cycle'. Did you mean"),
        ("<Repeat><OpenDoor/></Repeat>", "Line 3: <Repeat> has no 'num_cycles'"),
        ('<Repeat num_cycles="{n}"><OpenDoor/></Repeat>', "Line 3: num_cycles='{n}' of <Repeat> cannot be"),
        ('<OpenDoor _skipIff="true"/>', "Line 3: <OpenDoor> has '_skipIff', which is not known"),
        ('<OpenDoor _skipIf="a ~~ "/>', "Line 3: 'a ~~ ', column 3: An operator or ';' is missing here"),
        ('<SubTree ID="Door"/>', "Line 3: There is no tree 'Door'"),
        ('<SubTree ID="Main"/>', "Line 3: The tree 'Main' contains itself"),
        ("<Inverter/>", "Line 3: Inverter: .*takes 1 children, not 0|Line 3: Inverter: .*missing"),
        ('<Switch1 variable="{x}"><OpenDoor/></Switch1>', "Line 3: <Switch1> has no 'case_1'"),
        ("<Sequence>", "Line 4: mismatched tag"),
    ],
)
def test_what_is_unknown_in_xml_is_refused_by_name_and_line(inside: str, problem: str) -> None:
    text = f'<root BTCPP_format="4">\n <BehaviorTree ID="Main">\n  {inside}\n </BehaviorTree>\n</root>'
    with pytest.raises(BadText, match=problem):
        from_xml(text, IDS)


def test_other_formats_of_xml_are_refused() -> None:
    with pytest.raises(BadText, match="BTCPP_format is '3'"):
        from_xml('<root BTCPP_format="3"/>')
    with pytest.raises(BadText, match="Line 1: A document type is not taken"):
        from_xml('<!DOCTYPE x [<!ENTITY a "b">]><root/>')


def test_included_files_are_read_where_the_caller_says() -> None:
    text = (
        '<root BTCPP_format="4"><include path="door.xml"/><BehaviorTree ID="M"><SubTree ID="D"/></BehaviorTree></root>'
    )
    with pytest.raises(BadText, match=re.escape("'door.xml' is included")):
        from_xml(text, IDS)
    files = {"door.xml": '<root><BehaviorTree ID="D"><OpenDoor/></BehaviorTree></root>'}
    document = from_xml(text, IDS, include=files.__getitem__)
    assert [node.kind for node in document.trees["M"].walk()] == ["SubTree", "Action"]


def eat(bb: Any) -> None:
    """Eat."""


@condition(reads=["hunger"])
def is_hungry(bb: Any) -> bool:
    return bool(bb["hunger"])


def own_tree() -> Node:
    return Selector(
        UtilitySelector(eat, SubTree(Cooldown(eat, 2), "Rest"), scores=("hunger", "3 - hunger"), memory=False),
        Sequence(is_hungry, Loop(eat, ("a", "b"), "dish"), memory=False, name="dinner", skip_if="hunger < 1"),
        Switch("mode", {"a": eat, 2: eat}, is_hungry),
    )


def test_own_kinds_go_round_in_every_format() -> None:
    leaves = {"eat": eat, "is_hungry": is_hungry}
    assert from_json(to_json(own_tree()), leaves) == own_tree()
    assert from_yaml(to_yaml(own_tree()), leaves) == own_tree()
    assert from_xml(to_xml(own_tree()), leaves).root == own_tree()
    assert from_data(to_data(own_tree()), leaves) == own_tree()


def test_what_xml_has_no_words_for_is_refused() -> None:
    with pytest.raises(Unsupported, match="Use a script"):
        to_xml(Sequence(skip_if=is_hungry))


def test_what_is_unknown_in_data_is_refused() -> None:
    with pytest.raises(BadText, match=r"tree/Sequence: There is no kind of node 'Wat'|'Wat'"):
        from_data({"kind": "Sequence", "children": [{"kind": "Wat"}]})
    with pytest.raises(BadText, match="'childs' means nothing"):
        from_data({"kind": "Sequence", "childs": []})
    with pytest.raises(BadText, match=r"Line 2: .*This is not JSON"):
        from_json('{\n"kind" }')
    with pytest.raises(BadText, match=r"Line 2: .*This is not YAML"):
        from_yaml("kind: x\n y: : :")


@pytest.mark.parametrize(
    "text, value",
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-x + 2", -1),
        ("!(x == 3) || x >= 3 && y != 'a'", True),
        ("x > 2 ? 'big' : 'small'", "big"),
        ("0x10 & 24", 16),
        ("z := x; z += 1; z", 4),
        ("7 % 4 ^ 1", 2),
        ("@x", 3),
        ("true", True),
    ],
)
def test_scripts(text: str, value: Any) -> None:
    assert Script(text)(Blackboard({"x": 3, "y": "b"})) == value


def test_a_script_knows_what_it_reads_and_writes() -> None:
    script = Script("a := b + RED; c += 1", {"RED": 1})
    assert (sorted(script.reads), sorted(script.writes)) == (["b", "c"], ["a", "c"])


def test_only_a_colon_makes_a_new_key() -> None:
    bb = Blackboard({"x": 1})
    Script("x = 2; y := x")(bb)
    assert (bb["x"], bb["y"]) == (2, 2)
    with pytest.raises(MissingKey, match="no 'z'"):
        Script("z = 1")(bb)


def test_a_constant_may_be_any_object() -> None:
    assert Script("now == GOOD", {"GOOD": Status.SUCCESS})(Blackboard({"now": Status.SUCCESS})) is True


@pytest.mark.parametrize("text", ["", "1 +", "(1", "a b", "x ? 1", "$", "__import__('os')"])
def test_what_is_no_script_is_refused(text: str) -> None:
    with pytest.raises(BadScript):
        Script(text)
