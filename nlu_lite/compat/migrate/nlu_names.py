"""NLU's functions, methods, parameters and setters, and what ``nlu_lite.compat`` makes of each. Source: NLU 5.4.1."""

from __future__ import annotations

import difflib

# Parameters in NLU's order.
LOAD = ("request", "path", "verbose", "gpu", "streamlit_caching", "apple_silicon", "get_tracer")
LOAD_RENAMED = {"m1_chip": "apple_silicon"}
# Parameters of earlier releases, and of our own, which a copy may have.
LOAD_OTHER = ("version_checks", "spark_input", "unserved", "names", "language")
PREDICT = (
    "data",
    "output_level",
    "output_path",
    "positions",
    "keep_stranger_features",
    "metadata",
    "multithread",
    "drop_irrelevant_cols",
    "return_spark_df",
    "get_embeddings",
    "parser_output",
    "parser_config",
    "partition",
)
PREDICT_RENAMED = {"output_positions": "positions"}
PREDICT_EMBEDS = ("data", "multithread", "return_spark_df", "partition")
# Parameter -> why a value other than its default is not possible.
REFUSED = {
    "output_path": "output_path is for reading documents (OCR), which is licensed",
    "parser_output": "parser_output is a licensed part of NLU",
    "parser_config": "parser_config is a licensed part of NLU",
}
# The same for predict_embeds alone.
REFUSED_EMBEDS = {
    "return_spark_df": "return_spark_df=True: the result is a matrix. Nearest: predict(..., return_spark_df=True), which stays "
    "in Spark",
}
LEVELS = ("token", "sentence", "document", "chunk", "relation")
# Level -> what its rows are where nothing finds chunks or relations, as in NLU since 3.0.
LEVELS_OF_DOCUMENTS = {
    "chunk": 'one row a document; rows of chunks come from nlu_lite.load(...).predict(data, "chunk", chunks=...)',
    "relation": "one row a document; relations come from licensed models",
}

# What stays as it is.
SAME_FUNCTIONS = (
    *(
        "load",
        "version",
        "get_components",
        "print_all_languages",
        "print_all_nlu_components_for_lang",
        "print_components",
    ),
    *("print_all_model_kinds_for_action", "print_all_model_kinds_for_action_and_lang"),
    *(
        "print_component_types",
        "print_trainable_components",
        "enable_verbose",
        "disable_verbose",
        "NLUPipeline",
    ),
)
# Name -> why the call can be left out.
NEEDLESS_FUNCTIONS = {
    "enable_streamlit_caching": "models are kept in memory anyway",
}
_SPARK = "it works on pipelines of Spark NLP, and there is no Spark here. Nearest: nlu.load of the same model's reference"
_DASHBOARD = (
    "dashboards of Streamlit are not made here. Nearest: the frame that predict gives "
    "(nlu_lite.vectors makes a matrix of its "
    "vectors) and a plot of your own"
)
_DRAWING = "it draws entities, dependencies and relations, and only embeddings are served. Nearest: spaCy's displacy"
OTHER_NAMES = {
    "auth": "it is for licensed models, which are not served. Nearest: a reference that `nlu-lite search` lists",
    "viz": _DRAWING,
    "to_pretty_df": _SPARK,
    "to_nlu_pipe": _SPARK,
    "autocomplete_pipeline": _SPARK,
    "get_open_source_spark_context": "there is no Spark session here",
    "languages": "NLU itself has it no more. Nearest: nlu.print_all_languages()",
    "Spellbook": "NLU's tables of names are not here. Nearest: nlu_lite.search(), a frame of what is served",
    "AllComponentsInfo": "NLU's tables of names are not here. Nearest: nlu_lite.search(), a frame of what is served",
    "Discoverer": "NLU's tables of names are not here. Nearest: nlu_lite.search(), a frame of what is served",
}
_STAGES = "a pipeline is not a dictionary of Spark annotators here. Nearest: pipe.components, whose .model is a transformers model"
PIPELINE_NAMES = {
    **dict.fromkeys(("values", "items", "get", "is_fitted", "anno2final_cols"), _STAGES),
    **dict.fromkeys(
        ("vanilla_transformer_pipe", "light_transformer_pipe"), "there is no Spark pipeline inside"
    ),
    "viz": _DRAWING,
}
FIT = (
    "nothing of the request is trained here. Nearest: nlu_lite.load('{request} "
    "train.classifier').fit(df), which learns the "
    "labels y of texts, or of words where both are lists"
)
FOLDER = (
    "the folder that NLU loads holds a Spark pipeline, which takes a JVM to read. Nearest: "
    "`nlu-lite download REFERENCE --to "
    "FOLDER` for the same model, then nlu.load(REFERENCE, path=FOLDER/REFERENCE)"
)

SAME_SETTERS = (
    "setMaxSentenceLength",
    "setBatchSize",
    "setStorageRef",
    "setLazyAnnotator",
    "setConfigProtoBytes",
    "setEngine",
)
# Components of NLU that are none here: they are options of load.
WITHOUT_COMPONENT = (
    "document_assembler",
    "sentence_detector",
    "token",
    "regex_token",
    "deep_sentence",
)
# Setter -> why it can be left out.
NEEDLESS_SETTERS = {
    "setDimension": "it only names the size of the vectors",
    "setIsLong": "it only says how numbers are kept",
    "setInputCols": "columns inside Spark are not here",
    "setOutputCol": "columns inside Spark are not here",
}
# Setter of the tokenizer -> parameter of nlu_lite.SparkTokenizer.
TOKENIZER_SETTERS = {
    "setContextChars": "context_chars",
    "setExceptions": "exceptions",
    "setCaseSensitiveExceptions": "exceptions_case_sensitive",
    "setPrefixPattern": "prefix_pattern",
    "setSuffixPattern": "suffix_pattern",
    "setInfixPatterns": "infix_patterns",
    "setTargetPattern": "target_pattern",
    "setSplitChars": "split_chars",
    "setSplitPattern": "split_pattern",
    "setMinLength": "min_length",
    "setMaxLength": "max_length",
}
# Setter of the sentence detector -> parameter of nlu_lite.SparkSentences.
SENTENCE_SETTERS = {
    "setUseAbbreviations": "use_abbreviations",
    "setDetectLists": "detect_lists",
    "setCustomBounds": "custom_bounds",
    "setUseCustomBoundsOnly": "use_custom_bounds_only",
    "setCustomBoundsStrategy": "custom_bounds_strategy",
    "setSplitLength": "split_length",
    "setMinLength": "min_length",
    "setMaxLength": "max_length",
}


def of_function(name: str) -> str:
    """Why a name of the module cannot be used; empty where it can."""
    if name in SAME_FUNCTIONS or name in NEEDLESS_FUNCTIONS or name.startswith("__"):
        return ""
    why = OTHER_NAMES.get(name, "it is no public name of NLU 5.4 that is known here")
    return f"nlu.{name}: {why}"


def of_method(name: str) -> str:
    """Why a name of NLU's pipeline cannot be used; empty where nothing is known against it."""
    if name in ("viz_streamlit_word_similarity", "viz_streamlit_similarity"):
        return ""  # a figure, with the extra plot
    if name.startswith("viz_streamlit"):
        return f"{name}: {_DASHBOARD}"
    return f"{name}: {PIPELINE_NAMES[name]}" if name in PIPELINE_NAMES else ""


def of_setter(key: str, name: str, value: str, request: str) -> str:
    """Why a setter cannot be called, with the call that does the same.

    Args:
        key: Of the component, as in ``pipe[key]``.
        name: Of the setter.
        value: Its argument, as written.
        request: Of the pipeline.
    """
    for part, option, factory, known in (
        ("token", "words", "SparkTokenizer", TOKENIZER_SETTERS),
        ("sentence_detector", "sentences", "SparkSentences", SENTENCE_SETTERS),
    ):
        if key.startswith(part) and name in known:
            call = f"nlu_lite.load({request!r}, {option}=nlu_lite.{factory}({known[name]}={value}))"
            return f"{name}: options are given to load here. Nearest: {call}"
    if name == "setCaseSensitive":
        return f"{name}: whether a model tells capitals apart is its vocabulary's affair. Nearest: a cased or uncased reference"
    return f"{name}: annotators of Spark NLP have no counterpart here. Nearest: the options of nlu_lite.load, see its help"


def level_fault(level: str) -> tuple[str, str]:
    """What is wrong with a level: the one that is meant instead, or else why it is refused; empty texts if nothing."""
    if level in ("", *LEVELS):
        return "", ""
    near = difflib.get_close_matches(level, LEVELS, n=1, cutoff=0.75)
    why = f"output_level={level!r} is no level (NLU does not check it and gives lists). Valid: {', '.join(LEVELS)}"
    return (near[0] if near else ""), why
