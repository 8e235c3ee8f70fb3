"""What Great Expectations imports and nobody uses is imported when somebody does."""

import sys

from orchestration.expectations import _Later


def test_a_module_for_later_is_the_module_itself_once_something_of_it_is_used(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    later = _Later("colorsys")
    monkeypatch.setitem(sys.modules, "colorsys", later)
    import colorsys

    assert colorsys is later and not hasattr(colorsys, "__all__")
    assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert sys.modules["colorsys"] is not later
