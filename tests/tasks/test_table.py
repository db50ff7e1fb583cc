"""The table of tasks: every word that a registry file may have stands for a row and a class."""

from __future__ import annotations

from typing import get_args

import pytest

from nlu_lite.errors import OptionError
from nlu_lite.registry import TASK_KINDS, TRAINED_HEAD
from nlu_lite.registry.schema import Task as TaskWord
from nlu_lite.tasks import TASKS, check_task

SERVED = set(get_args(TaskWord))


def test_every_word_of_the_schema_has_a_row_and_a_class():
    assert set(TASKS) == SERVED
    assert set(TASK_KINDS) == SERVED | {TRAINED_HEAD.name}


def test_a_class_stands_under_the_name_of_its_row():
    assert all(TASKS[name].kind is TASK_KINDS[name] for name in TASKS)


@pytest.mark.parametrize("name", ["sing", None, 3, ""])
def test_a_word_that_is_no_task_is_refused_with_those_that_are(name):
    with pytest.raises(OptionError, match="valid are embed, embed_sentence, token_classification"):
        check_task(name)
