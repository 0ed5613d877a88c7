"""A spectrum or a profile: the diagnostic of kind "curve" on the axes of the training curves."""

from __future__ import annotations

from app.plots.curves import CurvesPlot
from sslcore.diagnostics import Curve


class LinesPlot(CurvesPlot):
    """Paints a :class:`sslcore.diagnostics.Curve`."""

    def set_diagnostic(self, diagnostic: Curve) -> None:
        """Paint these lines from now on; lines of the same name keep their colour."""
        for name in self.names():
            if name not in diagnostic.lines:
                self.remove_line(name)
        for name, values in diagnostic.lines.items():
            self.set_line(name, diagnostic.x, values)
        for name in self.reference_names():
            self.set_reference(name, None)
        for name, value in diagnostic.marks.items():
            self.set_reference(name, value)
        self.set_log(diagnostic.log)
        self.set_axes(diagnostic.x_axis, diagnostic.y_axis)
