"""Hold that compiling ahead reaches each kernel of the partition that Python calls."""

from __future__ import annotations

from geo import kernels
from geo.planning import _exact_partition, _partition_kernels


def test_each_kernel_that_python_calls_is_compiled_ahead() -> None:
    kernels._partitions()
    known = {**vars(_partition_kernels), **vars(_exact_partition)}
    called = [name for name, one in known.items() if hasattr(one, "signatures") and not name.startswith("_")]
    assert {"move_atoms", "best_cut", "recut_grids"} <= set(called)
    assert [name for name in (*called, "_subset_costs", "_cheapest") if not known[name].signatures] == []
