"""What a model is for: one class a task."""

from nlu_lite.tasks.component import Component
from nlu_lite.tasks.label_options import check_labels, check_tasks
from nlu_lite.tasks.saved import copy_model, is_saved, read, save

__all__ = ["Component", "check_labels", "check_tasks", "copy_model", "is_saved", "read", "save"]
