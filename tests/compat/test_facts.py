"""One table says what becomes of NLU's names; compat and migrate do what it says."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nlu_lite.compat as nlu
from nlu_lite import registry
from nlu_lite.compat import facts, migrate
from nlu_lite.compat.names import other_task
from nlu_lite.errors import NotServedError

# A call of each name that is served, as NLU code writes it.
FUNCTION_CALLS = {
    "NLUPipeline": "nlu.NLUPipeline.predict",
    "disable_verbose": "nlu.disable_verbose()",
    "enable_verbose": "nlu.enable_verbose()",
    "get_components": "nlu.get_components('bert')",
    "load": "nlu.load('bert', gpu=True, apple_silicon=False)",
    "print_all_languages": "nlu.print_all_languages()",
    "print_all_model_kinds_for_action": "nlu.print_all_model_kinds_for_action('embed')",
    "print_all_model_kinds_for_action_and_lang": (
        "nlu.print_all_model_kinds_for_action_and_lang('en', 'embed')"
    ),
    "print_all_nlu_components_for_lang": "nlu.print_all_nlu_components_for_lang('en')",
    "print_component_types": "nlu.print_component_types()",
    "print_components": "nlu.print_components('en')",
    "print_trainable_components": "nlu.print_trainable_components()",
    "version": "nlu.version()",
}
PIPELINE_CALLS = {
    "columns": "pipe.columns",
    "components": "pipe.components",
    "fit": "nlu.load('bert train.classifier').fit(df, label_seperator=';')",
    "keys": "pipe.keys()",
    "lang": "pipe.lang",
    "nlu_ref": "pipe.nlu_ref",
    "pipeline": "pipe.pipeline",
    "predict": "pipe.predict(df, 'token', partition=5, multithread=False)",
    "predict_embeds": "pipe.predict_embeds(df, partition=5)",
    "print_info": "pipe.print_info(minimal=False)",
    "save": "pipe.save('folder', overwrite=False)",
    "viz": "pipe.viz(('a', 'b'), viz_type='similarity')",
    "viz_streamlit_similarity": "pipe.viz_streamlit_similarity(('a', 'b'))",
    "viz_streamlit_word_similarity": "pipe.viz_streamlit_word_similarity(('a', 'b'))",
}
SETTERS = [fact.name for fact in facts.SETTERS.values() if fact.outcome in ("works", "no effect")]
# Tasks of which some names load, this one among them.
SERVED = ("marian",)
TASKS_WITH_COLUMNS = {
    name: (*other_task(name).columns, *task.older_columns)
    for name, task in registry.other_tasks().items()
    if (task.columns or task.older_columns) and name not in SERVED
}


@pytest.fixture
def verdicts_of(tmp_path):
    """From lines, after an import and a pipeline, to the verdict of each."""

    def verdicts(*lines: str) -> list[str]:
        path = tmp_path / "work.py"
        path.write_text("\n".join(["import nlu", "pipe = nlu.load('bert')", *lines]))
        return [found.verdict for found in migrate.judge(migrate.read(path)).findings[2:]]

    return verdicts


def test_the_table_needs_nothing_heavy():
    script = "import sys, nlu_lite.compat.facts, nlu_lite.compat.migrate; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert {"pandas", "torch", "transformers"}.isdisjoint(run.stdout.split())


def works(facts_of_a_table: facts.Facts) -> list[str]:
    return sorted(fact.name for fact in facts_of_a_table.values() if fact.outcome == "works")


def test_what_the_table_says_to_work_is_what_compat_has():
    assert sorted([*works(facts.FUNCTIONS), *facts.JOHNSNOWLABS]) == sorted(nlu.__all__)
    public = [name for name in dir(nlu.NLUPipeline) if not name.startswith("_")]
    assert works(facts.METHODS | facts.ATTRIBUTES) == sorted([*public, "pipeline"])


@pytest.mark.parametrize("name", facts.FUNCTIONS | facts.TABLES)
def test_compat_answers_for_every_function_of_nlu(name):
    fact = (facts.FUNCTIONS | facts.TABLES)[name]
    if fact.outcome == "works":
        assert callable(getattr(nlu, name))
    elif name in facts.TABLES:
        with pytest.raises(AttributeError, match=f"NLU's nlu.{name} is not served"):
            getattr(nlu, name)
    else:
        with pytest.raises(NotServedError, match=name):
            getattr(nlu, name)()


@pytest.mark.parametrize("call", [*FUNCTION_CALLS.values(), *PIPELINE_CALLS.values()])
def test_a_served_call_works_for_migrate(verdicts_of, call):
    assert verdicts_of(call) == ["works"]


def test_every_served_call_is_tried():
    assert sorted(FUNCTION_CALLS) == works(facts.FUNCTIONS)
    assert sorted(PIPELINE_CALLS) == works(facts.METHODS | facts.ATTRIBUTES)


@pytest.mark.parametrize("setter", SETTERS)
def test_a_served_setter_works_for_migrate(verdicts_of, setter):
    assert verdicts_of(f"pipe['bert'].{setter}(5)") == ["works"]


@pytest.mark.parametrize(
    "fact",
    [
        *(fact for fact in facts.FUNCTIONS.values() if fact.outcome == "refused"),
        *facts.TABLES.values(),
    ],
    ids=lambda fact: fact.name,
)
def test_a_refused_function_cannot_work_for_migrate(verdicts_of, fact):
    assert verdicts_of(f"nlu.{fact.name}(pipe)") == ["cannot"]


@pytest.mark.parametrize(
    "fact",
    [
        *(fact for fact in facts.METHODS.values() if fact.outcome == "refused"),
        *(fact for fact in facts.ATTRIBUTES.values() if fact.outcome == "refused"),
    ],
    ids=lambda fact: fact.name,
)
def test_a_refused_method_cannot_work_for_migrate(verdicts_of, fact):
    assert verdicts_of(f"pipe.{fact.name}") == ["cannot"]


@pytest.mark.parametrize(
    ("call", "fact"),
    [
        *(("nlu.load('bert', {}=x)", fact) for fact in facts.LOAD.values()),
        *(("pipe.predict({}=x)", fact) for fact in facts.PREDICT.values()),
        *(("pipe.predict_embeds({}=x)", fact) for fact in facts.PREDICT_EMBEDS.values()),
        *(("nlu.load('bert train.ner').fit({}=x)", fact) for fact in facts.FIT.values()),
    ],
    ids=lambda part: getattr(part, "name", part),
)
def test_a_parameter_is_to_migrate_what_the_table_says(verdicts_of, call, fact):
    if fact.name in ("request", "path", "output_level"):  # their value counts, which is not known
        expected = "unknown"
    else:
        expected = "cannot" if fact.outcome == "refused" else "works"
    assert verdicts_of(call.format(fact.name)) == [expected]


@pytest.mark.parametrize("name", TASKS_WITH_COLUMNS)
def test_the_columns_of_a_task_are_lost_with_it(verdicts_of, name):
    lines = [f"df['{column}'].head()" for column in TASKS_WITH_COLUMNS[name]]
    verdicts = verdicts_of(f"df = nlu.load('bert {name}').predict(texts)", *lines)
    assert verdicts == ["changed", *["cannot"] * len(lines)]


def test_the_cure_of_a_folder_is_named(verdicts_of, tmp_path):
    assert verdicts_of("nlu.load_nlu_pipe_from_hdd('folder')") == ["cannot"]
    verdicts = migrate.judge(migrate.read(tmp_path / "work.py"))
    assert "nlu.load(path=FOLDER)" in verdicts.findings[-1].reasons[0]
