"""The headless cockpit: ties feed, signals, planner, store and executor together; what the screens and the command line call."""

from cockpit.model.picture import ExecutionView, Picture, Progress, Stage, StepView, Ticket

__all__ = ["ExecutionView", "Picture", "Progress", "Stage", "StepView", "Ticket"]
