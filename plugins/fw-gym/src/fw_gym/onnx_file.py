"""`write_onnx`: a network as a file that other programs run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fw_gym.errors import MissingExtra
from fw_gym.gaussian import GaussianNetwork

if TYPE_CHECKING:
    from fw_gym.network import Network

_OPSET = 17
_FORMAT = 8


def write_onnx(network: Network | GaussianNetwork, path: str | Path) -> None:
    """Write ``network``: input ``observations``; output ``preferences``, or for numbers ``actions`` without exploring.

    The file appears when it is complete.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise MissingExtra("write_onnx", "onnx") from error
    weights = network.layers.weights
    result = "actions" if isinstance(network, GaussianNetwork) else "preferences"
    bent = isinstance(network, GaussianNetwork) and network.bounded
    constants, nodes, last = [], [], "observations"
    for layer in range(len(weights) // 2):
        names = f"matrix{layer}", f"bias{layer}"
        pair = weights[2 * layer : 2 * layer + 2]
        constants += [numpy_helper.from_array(v.astype(np.float32), n) for n, v in zip(names, pair, strict=True)]
        final = 2 * layer + 2 == len(weights)
        out = result if final and not bent else f"sum{layer}"
        nodes.append(helper.make_node("Gemm", [last, *names], [out]))
        if not final or bent:
            nodes.append(helper.make_node("Tanh", [out], [f"layer{layer}"]))
        last = f"layer{layer}"
    if isinstance(network, GaussianNetwork) and bent:
        half, middle = (network.high - network.low) / 2.0, (network.high + network.low) / 2.0
        for name, value in (("half", half), ("middle", middle)):
            constants.append(numpy_helper.from_array(value.reshape(-1).astype(np.float32), name))
        nodes.append(helper.make_node("Mul", [last, "half"], ["scaled"]))
        nodes.append(helper.make_node("Add", ["scaled", "middle"], [result]))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["agents", size])
        for name, size in (("observations", weights[0].shape[0]), (result, weights[-1].shape[0]))
    ]
    graph = helper.make_graph(nodes, "policy", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="fw-gym")
    model.ir_version = _FORMAT  # runtimes refuse files of a later format than their own
    checker.check_model(model)
    path = Path(path)
    part = path.with_name(path.name + ".part")
    part.write_bytes(model.SerializeToString())
    part.replace(path)
