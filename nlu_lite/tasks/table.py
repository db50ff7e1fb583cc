"""The table of tasks: a row a task, its class in a file of its own."""

from __future__ import annotations

from nlu_lite.errors import OptionError, brief
from nlu_lite.tasks.question_answering import QuestionAnsweringTask
from nlu_lite.tasks.task import Task
from nlu_lite.tasks.text_labels import TextLabelsTask
from nlu_lite.tasks.text_vectors import TextVectorsTask
from nlu_lite.tasks.translation import TranslationTask
from nlu_lite.tasks.word_labels import WordLabelsTask
from nlu_lite.tasks.word_vectors import WordVectorsTask
from nlu_lite.tasks.zero_shot import ZeroShotTask

TASKS: dict[str, Task] = {
    task.kind.name: task
    for task in (
        WordVectorsTask(),
        TextVectorsTask(),
        WordLabelsTask(),
        TextLabelsTask(),
        ZeroShotTask(),
        QuestionAnsweringTask(),
        TranslationTask(),
    )
}


def check_task(name: object) -> None:
    """Refuse a word that stands for no task.

    Raises:
        OptionError: It stands for none; names the valid ones.
    """
    if not (isinstance(name, str) and name in TASKS):
        raise OptionError(f"task is {brief(name)}; valid are {', '.join(TASKS)}.")
