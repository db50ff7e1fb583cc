"""Random sentence-transformers models: sequences of modules with random settings, seeded."""

from __future__ import annotations

import json
import random
import shutil
import warnings
from pathlib import Path

import torch

ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "SiLU", "Sigmoid", "PReLU", "Softmax", "GLU")
POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
# What may stand behind the first module, the common ones more often.
BEHIND = (
    *("Dense",) * 5,
    *("Normalize",) * 4,
    *("LayerNorm",) * 2,
    *("Dropout", "CNN", "LSTM", "WordWeights", "WeightedLayerPooling", "Pooling"),
)
FIRST = (*("Transformer",) * 12, *("StaticEmbedding",) * 4, "WordEmbeddings", "BoW", "Router")
WORDS = ("I", "love", "NLP", "one", "two", "sentences", "grammar", "number", "here")


class Builder:
    """Makes one random model.

    Args:
        seed: Of everything.
        transformer: The folder of a tiny transformers model.
    """

    def __init__(self, seed: int, transformer: Path) -> None:
        from sentence_transformers.sentence_transformer import modules

        self.kinds = modules
        self.rng = random.Random(seed)
        self.transformer = transformer
        self.names: list[str] = []
        # Of the states of pieces and of the text's vector; None where there are none.
        self.states: int | None = None
        self.vector: int | None = None

    def build(self, folder: Path) -> Path:
        """Save a model into a folder, and change its layout as older versions have it."""
        from sentence_transformers import SentenceTransformer

        torch.manual_seed(self.rng.randrange(1000))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts = [self._first(self.rng.choice(FIRST))]
            if self.states is not None and self.rng.random() < 0.9:
                parts += self._between()
                parts.append(self._pooling())
            for _ in range(self.rng.randrange(4)):
                parts.append(self._behind(self.rng.choice(BEHIND)))
            model = SentenceTransformer(modules=parts, device="cpu", **self._settings())
            model.save(str(folder), create_model_card=False)
        self._change_layout(folder)
        return folder

    def _settings(self) -> dict:
        settings: dict = {}
        if self.rng.random() < 0.4:
            settings["prompts"] = {"find": "grammar number: ", "query": "I love "}
            settings["default_prompt_name"] = self.rng.choice([None, "find", "query", "document"])
        if self.rng.random() < 0.2:
            settings["truncate_dim"] = self.rng.choice([4, 8, 1000])
        return settings

    def _first(self, name: str):
        self.names.append(name)
        if name == "Router":
            inner = self._first(self.rng.choice(["Transformer", "StaticEmbedding"]))
            route = [inner]
            if self.states is not None:
                route.append(self._pooling())
            other = (
                self.kinds.StaticEmbedding(inner.tokenizer, embedding_dim=4)
                if hasattr(inner, "embedding")
                else self.kinds.BoW(list(WORDS))
            )
            routes = {"query": [other], "document": route}
            return self.kinds.Router(routes, default_route="document")
        return getattr(self, f"_first_{name}")()

    def _first_Transformer(self):
        longest = self.rng.choice([None, 12, 40])
        case = self.rng.random() < 0.3
        self.case, self.longest = case, longest
        self.layers = self.rng.random() < 0.3
        self.states = 32
        return self.kinds.Transformer(
            str(self.transformer), max_seq_length=longest, do_lower_case=case
        )

    def _first_StaticEmbedding(self):
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.transformer / "tokenizer.json"))
        tokenizer.no_truncation()
        if self.rng.random() < 0.3:
            tokenizer.enable_truncation(7)
        self.vector = self.rng.choice([8, 24])
        return self.kinds.StaticEmbedding(tokenizer, embedding_dim=self.vector)

    def _first_WordEmbeddings(self):
        from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

        self.states = 16
        tokenizer = WhitespaceTokenizer(list(WORDS), do_lower_case=self.rng.random() < 0.5)
        return self.kinds.WordEmbeddings(
            tokenizer, torch.randn(len(WORDS), 16), max_seq_length=self.rng.choice([1000, 3])
        )

    def _first_BoW(self):
        self.vector = len(WORDS)
        return self.kinds.BoW(
            list(WORDS),
            word_weights={"love": 2.5, "two": 0.5},
            cumulative_term_frequency=self.rng.random() < 0.5,
        )

    def _between(self):
        """Modules that change the states of pieces."""
        rare = ["CNN", "WordWeights", "WeightedLayerPooling", "token Dense", "token Normalize"]
        if self.names[-1] == "WordEmbeddings":
            rare.append("LSTM")
        return [self._behind(self.rng.choice(rare))] if self.rng.random() < 0.25 else []

    def _pooling(self):
        count = self.rng.choice([1, 1, 1, 2, 3])
        modes = tuple(self.rng.sample(POOLINGS, count))
        self.names.append("Pooling")
        self.vector = count * self.states
        return self.kinds.Pooling(
            self.states, pooling_mode=modes, include_prompt=self.rng.random() < 0.7
        )

    def _behind(self, name: str):
        self.names.append(name)
        rng, kinds, vector = self.rng, self.kinds, self.vector or 8
        states = self.states or 8
        if name == "Dense":
            activation = rng.choice(ACTIVATIONS)
            out = rng.choice([vector, 6, 12])
            residual = rng.random() < 0.3 and activation != "GLU"
            made = kinds.Dense(
                vector,
                out,
                bias=rng.random() < 0.7,
                activation_function=getattr(torch.nn, activation)(),
                use_residual=residual,
                module_output_name="other" if rng.random() < 0.08 else None,
            )
            if made.module_output_name == "sentence_embedding":
                self.vector = out // 2 if activation == "GLU" else out
            return made
        if name == "token Dense":
            self.states = 10
            activation = rng.choice(["Tanh", "GELU", "Softmax"])
            return kinds.Dense(
                states,
                10,
                activation_function=getattr(torch.nn, activation)(),
                module_input_name="token_embeddings",
            )
        if name == "token Normalize":
            return kinds.Normalize(module_input_name="token_embeddings")
        if name == "Pooling":
            self.names.pop()
            self.states = states
            return self._pooling()
        if name == "CNN":
            self.states = 9
            return kinds.CNN(states, out_channels=3, kernel_sizes=[1, 3, 5])
        if name == "LSTM":
            self.states = 14
            return kinds.LSTM(states, 7, bidirectional=True)
        if name == "WordWeights":
            return kinds.WordWeights([f"w{n}" for n in range(3000)], {"w7": 2.0, "w20": 0.1}, 0.7)
        if name == "WeightedLayerPooling":
            return kinds.WeightedLayerPooling(states, num_hidden_layers=3, layer_start=1)
        if name == "LayerNorm":
            made = kinds.LayerNorm(vector)
            torch.nn.init.normal_(made.norm.weight)
            return made
        return getattr(kinds, name)()

    def _change_layout(self, folder: Path) -> None:
        modules = json.loads((folder / "modules.json").read_text())
        if self.names[0] == "Transformer":
            self._write_settings(folder)
            if self.rng.random() < 0.4:
                self._move_transformer(folder, modules)
        if self.rng.random() < 0.4:
            for module in modules:
                kind = module["type"].rpartition(".")[2]
                module["type"] = f"sentence_transformers.models.{kind}"
                path = folder / module["path"] / "config.json"
                if kind == "Pooling":
                    _write_old_pooling(path)
        (folder / "modules.json").write_text(json.dumps(modules))

    def _write_settings(self, folder: Path) -> None:
        """As versions before 5.4 have them."""
        path = folder / "sentence_bert_config.json"
        if self.rng.random() < 0.7:
            settings = {"max_seq_length": self.longest, "do_lower_case": self.case}
            path.write_text(json.dumps(settings))
            name = self.rng.choice(["bert", "roberta", "xlm-roberta"])
            path.rename(folder / f"sentence_{name}_config.json")
        if self.layers:
            config = folder / "config.json"
            config.write_text(
                json.dumps(json.loads(config.read_text()) | {"output_hidden_states": True})
            )

    @staticmethod
    def _move_transformer(folder: Path, modules: list) -> None:
        target = folder / "0_Transformer"
        target.mkdir()
        keep = ("modules.json", "config_sentence_transformers.json")
        for path in [path for path in folder.iterdir() if path.is_file()]:
            if path.name not in keep:
                shutil.move(path, target / path.name)
        modules[0]["path"] = "0_Transformer"


def _write_old_pooling(path: Path) -> None:
    """The settings of a Pooling as flags."""
    settings = json.loads(path.read_text())
    modes = settings["pooling_mode"]
    modes = [modes] if isinstance(modes, str) else modes
    names = {
        "cls": "cls_token",
        "max": "max_tokens",
        "mean": "mean_tokens",
        "mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
        "weightedmean": "weightedmean_tokens",
        "lasttoken": "lasttoken",
    }
    flags = {f"pooling_mode_{name}": mode in modes for mode, name in names.items()}
    path.write_text(
        json.dumps(
            {
                "word_embedding_dimension": settings["embedding_dimension"],
                "include_prompt": settings["include_prompt"],
                **flags,
            }
        )
    )
