"""Pictures of numbers as plain lines: line charts, price charts with levels, sparklines, and a canvas for maps.

plotext draws them on a figure of their own. It is imported by the first chart, which should be drawn off the UI's loop.
"""

from cockpit.ui.charts.canvas import Canvas, prepare, prepared
from cockpit.ui.charts.curves import Curve, Level, line_chart, price_chart
from cockpit.ui.charts.spark import sparkline

__all__ = ["Canvas", "Curve", "Level", "line_chart", "prepare", "prepared", "price_chart", "sparkline"]
