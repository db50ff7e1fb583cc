"""What becomes of NLU's calls, parameters, setters, levels, columns and tasks.

One table, read by compat and by migrate.
Source: NLU 5.4.1 (docs/coming-from-nlu.md). What a reference of NLU is, the registry says.
Nothing heavy is imported: ``nlu-lite migrate`` starts without pandas and torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["works", "no effect", "needless", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """What becomes of one name of NLU.

    Attributes:
        name: Of a function, method, attribute, parameter or setter.
        outcome: ``works``; ``no effect``: taken, and changes nothing; ``needless``: refused, and
            the call can be left out; ``refused``: it has no counterpart.
        advice: Why, and what to do instead; empty where it works.
        default: Of a parameter that is refused or has no effect: the value that is always taken.
    """

    name: str
    outcome: Outcome
    advice: str = ""
    default: Any = None


Facts = dict[str, Fact]


# Parameter that is refused or has no effect -> the value that is always taken.
_DEFAULTS = {
    "streamlit_caching": False,
    "get_tracer": False,
    "version_checks": True,
    "multithread": True,
    "partition": 1000,
    "output_path": "",
    "parser_output": False,
    "parser_config": "",
    "return_spark_df": False,
}


def _facts(outcome: Outcome, advice: Mapping[str, str]) -> dict[str, Fact]:
    return {
        name: Fact(name=name, outcome=outcome, advice=sentence, default=_DEFAULTS.get(name))
        for name, sentence in advice.items()
    }


def working(names: str) -> dict[str, Fact]:
    """The facts of names that work, given with a space between them."""
    return _facts("works", dict.fromkeys(names.split(), ""))


# Parameters, in NLU's order

_ONE_PROCESS = {
    "multithread": "one process computes with all its threads",
    "partition": "there is no Spark job to be cut into partitions; a Spark DataFrame keeps its own",
}
LOAD: Facts = {
    **working("request path verbose gpu streamlit_caching apple_silicon get_tracer"),
    **_facts(
        "no effect",
        {
            "streamlit_caching": "models are cached in the process anyway",
            "get_tracer": "NLU does not use it either",
            "version_checks": "nothing is asked about versions",
        },
    ),
}
# Parameters of nlu_lite.compat.load that NLU 5 does not have.
LOAD_ADDED = ("m1_chip", "spark_input", "unserved", "names")
PREDICT: Facts = {
    **working(
        "data output_level output_path positions keep_stranger_features metadata multithread "
        "drop_irrelevant_cols return_spark_df get_embeddings parser_output parser_config partition"
    ),
    **_facts("no effect", _ONE_PROCESS),
    **_facts(
        "refused",
        {
            "output_path": "it is where text recognition (OCR) writes its files, which is licensed",
            "parser_output": "the output parser is a licensed part of NLU",
            "parser_config": "the output parser is a licensed part of NLU",
        },
    ),
}
PREDICT_EMBEDS: Facts = {
    **working("data multithread return_spark_df partition"),
    **_facts("no effect", _ONE_PROCESS),
    **_facts(
        "refused",
        {
            "return_spark_df": "the result is a matrix; predict(..., return_spark_df=True) or "
            "nlu_lite.spark.transform stays in Spark",
        },
    ),
}
FIT: Facts = working("dataset dataset_path label_seperator")
SAVE: Facts = working("path component overwrite")

# Level -> what a row stands for. Without a chunker or a relation extractor NLU gives one row a
# document for both.
LEVELS = {
    "token": "token",
    "sentence": "sentence",
    "document": "document",
    "chunk": "document",
    "relation": "document",
}
LEVEL_OF_DOCUMENTS = (
    "{level!r} has one row a document, as in NLU where no component finds them; rows of chunks "
    "come from nlu_lite.load(...).predict(data, 'chunk', chunks=...)"
)

# What a zero-shot classifier chooses among where no labels are given.
# Source: the models that NLU loads; its notebooks show these labels.
ZERO_SHOT_LABELS = (
    "urgent",
    "mobile",
    "travel",
    "movie",
    "music",
    "sport",
    "weather",
    "technology",
)

# Names of the module

_NO_SPARK = (
    "it takes a Spark NLP pipeline, and there is no Spark here; load the reference of its model"
)
_NO_TABLES = "NLU's tables of names are not here; nlu_lite.search() gives a frame of what is served"
DRAWING = (
    "it draws entities, dependencies and relations, which embeddings do not have (spaCy's displacy "
    "does); how near the words of two texts are is drawn by "
    "pipe.viz((a, b), viz_type='similarity')"
)
_FOLDER = "nlu.load(path=FOLDER) reads a model's folder, or what pipe.save(FOLDER) wrote"
FUNCTIONS: Facts = {
    **working(
        "load version get_components enable_verbose disable_verbose NLUPipeline "
        "print_all_languages print_all_nlu_components_for_lang print_components "
        "print_all_model_kinds_for_action print_all_model_kinds_for_action_and_lang "
        "print_component_types print_trainable_components"
    ),
    **_facts(
        "needless",
        {"enable_streamlit_caching": "models are cached in the process anyway; leave the call out"},
    ),
    **_facts(
        "refused",
        {
            "auth": "nothing here needs a licence, and licensed models are not served",
            "viz": DRAWING,
            "to_pretty_df": _NO_SPARK,
            "to_nlu_pipe": _NO_SPARK,
            "autocomplete_pipeline": _NO_SPARK,
            "load_nlu_pipe_from_hdd": _FOLDER,
            "load_nlu_pipe_from_hdd_in_databricks": _FOLDER,
            "get_open_source_spark_context": "there is no Spark session here",
            "languages": "NLU itself has it no more; nlu.print_all_languages() prints them",
        },
    ),
}
NO_NAME = "it is no public name of NLU 5.4 that is known here"
# Names that are no functions, so that asking for one is the error, not calling it.
TABLES = _facts(
    "refused",
    {
        **dict.fromkeys(("Spellbook", "AllComponentsInfo", "Discoverer"), _NO_TABLES),
        "__version__": "nlu.version() says it",
    },
)

# Names that `johnsnowlabs.nlp` has beside those of NLU.
JOHNSNOWLABS = working("nlp nlu settings") | _facts(
    "no effect",
    {
        "start": "there is no Spark session to start",
        "install": "there is nothing more to install",
    },
)

# Names of a pipeline

_STREAMLIT = (
    "dashboards of Streamlit are not made here; nlu_lite.plot draws the vectors of "
    "nlu_lite.load(...).predict(...)"
)
_LICENSED = "it is a licensed part of NLU"
_STAGES = (
    "a pipeline is not a dictionary of Spark annotators here; pipe.components has the models, each "
    "one's .model is a transformers model"
)
METHODS: Facts = {
    **working(
        "predict predict_embeds fit save print_info keys viz viz_streamlit_word_similarity "
        "viz_streamlit_similarity"
    ),
    **_facts(
        "refused",
        {
            **dict.fromkeys(
                (
                    "viz_streamlit",
                    "viz_streamlit_token",
                    "viz_streamlit_classes",
                    "viz_streamlit_dep_tree",
                    "viz_streamlit_ner",
                    "viz_streamlit_word_embed_manifold",
                    "viz_streamlit_sentence_embed_manifold",
                    "viz_streamlit_entity_embed_manifold",
                ),
                _STREAMLIT,
            ),
            **dict.fromkeys(
                (
                    "Tracer",
                    "createParserDictionary",
                    "getPossibleAssertions",
                    "getPossibleRelations",
                    "getPossibleEntities",
                    "printPipelineSchema",
                    "getPipelineStages",
                ),
                _LICENSED,
            ),
            **dict.fromkeys(("values", "items", "get"), _STAGES),
        },
    ),
}
ATTRIBUTES: Facts = {
    **working("components columns nlu_ref lang pipeline"),
    **_facts(
        "refused",
        {
            "vanilla_transformer_pipe": "there is no Spark pipeline inside",
            "light_transformer_pipe": "there is no Spark pipeline inside",
            "is_fitted": "there is no Spark pipeline inside; a loaded pipeline is ready",
            "anno2final_cols": _STAGES,
        },
    ),
}
NO_METHOD = "a pipeline has no such name here. Nearest: dir(pipe) lists those it has"
# The only kind of drawing there is, `viz_type` of `viz`.
SIMILARITY = "similarity"
LEARNING = (
    "labels are learnt where the request says so: "
    "nlu.load('{request} train.classifier').fit(df), which learns the labels y of texts"
)
FILES_OF_TAGS = (
    "files are read for labels of words (train.ner, train.pos); labels of texts are learnt from a "
    "table: fit(pandas.read_csv(FILE))"
)
FOLDER = (
    "the folder that NLU loads holds a Spark pipeline, which takes a JVM to read. Nearest: "
    "`nlu-lite download REFERENCE --to FOLDER` for the same model, then "
    "nlu.load(REFERENCE, path=FOLDER/REFERENCE)"
)

# Setters of a component, `pipe[KEY].setX(value)`

_OPTIMUM = (
    "what is trained is a logistic regression on vectors, solved to its optimum: there are no "
    "epochs and no steps of a learning rate"
)
# Setter -> the option of load that it is here.
OPTION_SETTERS = {"setInstruction": "prompt", "setCandidateLabels": "labels"}
SETTERS: Facts = {
    **working(" ".join(("setMaxSentenceLength", *OPTION_SETTERS))),
    **_facts(
        "no effect",
        {
            "setBatchSize": "batches are made by the number of pieces",
            "setStorageRef": "components are not matched by it",
            "setLazyAnnotator": "there is no Spark pipeline",
            "setConfigProtoBytes": "there is no TensorFlow",
            "setEngine": "PyTorch computes",
            **dict.fromkeys(
                ("setMaxEpochs", "setLr", "setLrScheduler", "setPo", "setDropout"), _OPTIMUM
            ),
            **dict.fromkeys(
                (
                    "setEnableOutputLogs",
                    "setOutputLogsPath",
                    "setVerbose",
                    "setValidationSplit",
                    "setEvaluationLogExtended",
                    "setRandomSeed",
                ),
                "there are no epochs to be logged or evaluated; the same data give the same head",
            ),
            "setDimension": "it is the model's; nlu.load(..., dimensions=N) keeps the first N "
            "numbers",
            "setIsLong": "the model's own files say it",
            "setInputCols": "columns inside Spark are not here",
            "setOutputCol": "columns inside Spark are not here",
            "setLabelColumn": "labels stand in y, label or labels",
        },
    ),
    **_facts(
        "refused",
        {
            "setCaseSensitive": "the model's own vocabulary says whether capitals count; load a "
            "cased or uncased reference"
        },
    ),
}
# Those of components that are none here.
RULE_SETTERS: Facts = {
    **{name: SETTERS[name] for name in ("setInputCols", "setOutputCol", "setLazyAnnotator")},
    **_facts("no effect", {"setCleanupMode": "texts are read as they are"}),
}
NO_SETTER = "annotators of Spark NLP are not here. Nearest: the options of nlu_lite.load"
# What begins the keys of components that are none here: they are options of load.
TOKENIZER_KEYS = ("token", "regex_token", "default_tokenizer")
SENTENCE_KEYS = ("sentence_detector", "deep_sentence")
WITHOUT_COMPONENT = (*TOKENIZER_KEYS, *SENTENCE_KEYS, "document_assembler")
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

# Of components that are none here: what begins their keys, the option of load, what makes its
# value, and their setters.
CUTTERS = (
    (TOKENIZER_KEYS, "words", "SparkTokenizer", TOKENIZER_SETTERS),
    (SENTENCE_KEYS, "sentences", "SparkSentences", SENTENCE_SETTERS),
)
