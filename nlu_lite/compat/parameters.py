"""What NLU can be asked for and this package does not do: parameters without effect, parameters and functions refused."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

from nlu_lite.errors import NotServedError, OptionError

# Parameter -> its default, and why another value changes nothing.
Ignored = Mapping[str, tuple[Any, str]]
LOAD_IGNORED: Ignored = {
    "streamlit_caching": (False, "models are cached in the process anyway"),
    "get_tracer": (False, "NLU does not use it either"),
    "version_checks": (True, "nothing is asked about versions"),
}
PREDICT_IGNORED: Ignored = {
    "multithread": (True, "one process computes with all its threads"),
    "partition": (
        1000,
        "there is no Spark job to be cut into partitions; a Spark DataFrame keeps its own",
    ),
}
SPARK_EMBEDS = "the result is a matrix; predict(..., return_spark_df=True) or nlu_lite.spark.transform stays in Spark"
# Parameter -> what it must be, and why nothing else is possible.
PREDICT_REFUSED: Ignored = {
    "output_path": ("", "it is where text recognition (OCR) writes its files, which is not served"),
    "parser_output": (False, "the output parser is a licensed part of NLU"),
    "parser_config": ("", "the output parser is a licensed part of NLU"),
}
_STREAMLIT = "dashboards of Streamlit are not made here; nlu_lite.plot draws the vectors of nlu_lite.load(...).predict(...)"
_NO_SPARK = (
    "it takes a Spark NLP pipeline, and there is no Spark here; load the reference of its model"
)
# Name of a function of NLU -> why it is not here and what to do.
FUNCTIONS = {
    "auth": "nothing here needs a licence, and licensed models are not served",
    "viz": (
        "it draws entities, dependencies and relations, which embeddings do not have; how near the "
        "words of two texts are "
        "is drawn by pipe.viz((a, b), viz_type='similarity')"
    ),
    "to_pretty_df": _NO_SPARK,
    "to_nlu_pipe": _NO_SPARK,
    "autocomplete_pipeline": _NO_SPARK,
    "enable_streamlit_caching": "models are cached in the process anyway; leave the call out",
    "load_nlu_pipe_from_hdd": "nlu.load(path=FOLDER) reads a model's folder, or what pipe.save(FOLDER) wrote",
    "get_open_source_spark_context": "there is no Spark session here",
}
FIT = (
    "it learns labels where the request says so, from a DataFrame: "
    "nlu.load('en.embed_sentence.minilm_l6 train.classifier')"
    ".fit(df); files of Spark NLP's are not read"
)
METHODS = {
    **dict.fromkeys(
        [
            *(
                "viz_streamlit",
                "viz_streamlit_token",
                "viz_streamlit_classes",
                "viz_streamlit_dep_tree",
                "viz_streamlit_ner",
            ),
            *("viz_streamlit_word_embed_manifold", "viz_streamlit_sentence_embed_manifold"),
            "viz_streamlit_entity_embed_manifold",
        ],
        _STREAMLIT,
    ),
    **dict.fromkeys(
        [
            *(
                "Tracer",
                "createParserDictionary",
                "getPossibleAssertions",
                "getPossibleRelations",
                "getPossibleEntities",
            ),
            *("printPipelineSchema", "getPipelineStages"),
        ],
        "it is a licensed part of NLU",
    ),
    **dict.fromkeys(
        ["vanilla_transformer_pipe", "light_transformer_pipe"], "there is no Spark pipeline inside"
    ),
}


def refuse(given: Mapping[str, Any], refused: Ignored, *, where: str) -> None:
    """Raise for a parameter that asks for what is not possible.

    Args:
        given: Parameter -> value.
        refused: Parameter -> the only value possible, and why.
        where: The function, for the message.

    Raises:
        OptionError: A parameter has another value.
    """
    for name, (valid, reason) in refused.items():
        if given[name] != valid and given[name]:
            raise OptionError(
                f"{where}: {name}={given[name]!r} is not possible: {reason}. Leave {name} out."
            )


def warn_ignored(
    given: Mapping[str, Any], ignored: Ignored, *, where: str, more: Mapping[str, str] | None = None
) -> None:
    """Warn, once for all of them, of parameters that change nothing.

    Args:
        given: Parameter -> value.
        ignored: Parameter -> default and reason.
        where: The function, for the message.
        more: Further parameters with less effect than in NLU, and what is different.
    """
    reasons = [
        f"{name} has no effect: {reason}"
        for name, (default, reason) in ignored.items()
        if given[name] != default
    ]
    reasons += [f"{name}: {difference}" for name, difference in (more or {}).items()]
    if reasons:
        warnings.warn(
            f"{where} is not NLU's in this: {'; '.join(reasons)}.", UserWarning, stacklevel=3
        )


def not_served(name: str, reason: str) -> NoReturn:
    """Raise for a function that is not here.

    Raises:
        NotServedError: Always.
    """
    raise NotServedError(f"NLU's {name} is not served: {reason}.")
