"""What `import brentwatch` offers: all of it is listed, nothing of it is loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import brentwatch


def test_dir_lists_the_functions_and_types_and_nothing_else() -> None:
    functions = {"bundled_events", "bundled_prices", "event_study", "impact", "session_tests", "sizes"}

    assert functions < set(dir(brentwatch))
    assert dir(brentwatch) == sorted(brentwatch.__all__)
    assert all(getattr(brentwatch, name) is not None for name in brentwatch.__all__)


def test_a_name_that_does_not_exist_is_refused_with_the_names_that_do() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'rumours'; it has .*event_study"):
        brentwatch.rumours  # noqa: B018 - the attempt is the test


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, brentwatch; sys.exit(bool({'pandas', 'numpy', 'scipy', 'arch'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_every_public_function_and_method_has_a_docstring_in_sections() -> None:
    """The reference of the documentation is made from them."""
    for name in sorted(set(brentwatch.__all__) - {"__version__"}):
        found = getattr(brentwatch, name)
        doc = found.__doc__ or ""
        assert len(doc) > 30, name
        if callable(found) and not isinstance(found, type):
            assert "Returns:" in doc, name
            assert "Raises:" in doc, name
            assert "Args:" in doc, name
