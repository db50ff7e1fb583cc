"""What a model is for: one class a task, one table of them."""

from nlu_lite.tasks.component import Component
from nlu_lite.tasks.entities import merge_words
from nlu_lite.tasks.saved import copy_model, is_saved, read_pipeline, save_pipeline
from nlu_lite.tasks.table import TASKS, check_task
from nlu_lite.tasks.task import Task, UnitRequest
from nlu_lite.tasks.task_options import check_labels, check_tasks

__all__ = [
    "TASKS",
    "Component",
    "Task",
    "UnitRequest",
    "check_labels",
    "check_task",
    "check_tasks",
    "copy_model",
    "is_saved",
    "merge_words",
    "read_pipeline",
    "save_pipeline",
]
