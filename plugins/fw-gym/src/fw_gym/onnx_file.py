"""`write_onnx`: a network as a file that other programs run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fw_gym.errors import MissingExtra

if TYPE_CHECKING:
    from fw_gym.network import Network

_OPSET = 17
_FORMAT = 8


def write_onnx(network: Network, path: str | Path) -> None:
    """Write ``network``: input ``observations``, output ``preferences``; the file appears when it is complete."""
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise MissingExtra("write_onnx", "onnx") from error
    weights = network.layers.weights
    constants, nodes, last = [], [], "observations"
    for layer in range(len(weights) // 2):
        names = f"matrix{layer}", f"bias{layer}"
        pair = weights[2 * layer : 2 * layer + 2]
        constants += [numpy_helper.from_array(v.astype(np.float32), n) for n, v in zip(names, pair, strict=True)]
        final = 2 * layer + 2 == len(weights)
        out = "preferences" if final else f"sum{layer}"
        nodes.append(helper.make_node("Gemm", [last, *names], [out]))
        if not final:
            nodes.append(helper.make_node("Tanh", [out], [f"layer{layer}"]))
        last = f"layer{layer}"
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["agents", size])
        for name, size in (("observations", weights[0].shape[0]), ("preferences", weights[-1].shape[0]))
    ]
    graph = helper.make_graph(nodes, "policy", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="fw-gym")
    model.ir_version = _FORMAT  # runtimes refuse files of a later format than their own
    checker.check_model(model)
    path = Path(path)
    part = path.with_name(path.name + ".part")
    part.write_bytes(model.SerializeToString())
    part.replace(path)
