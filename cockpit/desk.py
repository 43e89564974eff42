"""The headless cockpit: ties feed, signals, planner, store and executor together; what the screens and the command line call."""

from cockpit.model.picture import ExecutionView, Picture, Progress, Stage, StepView, Ticket
from cockpit.model.request import Alternatives, PlanRequest, Proposal

__all__ = ["Alternatives", "ExecutionView", "Picture", "PlanRequest", "Progress", "Proposal", "Stage", "StepView", "Ticket"]
