"""What happens if I choose otherwise? Sliders that recompute, for a notebook with a kernel.

Each function returns an ipywidgets box. Its sliders work with the mouse and with the keyboard (Tab
to reach, arrow keys to move); ``.table`` holds the result of the present setting.
"""

from crmlib.explore.sliders import clusters, rfm_cut_points

__all__ = ["clusters", "rfm_cut_points"]
