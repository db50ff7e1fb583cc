"""``verify --fetch``: models of the hub fetched, compared, written down and deleted again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
import yaml

import nlu_lite as nlu
from nlu_lite import cli, registry, verification
from nlu_lite.errors import DownloadError, OptionError, RegistryError
from nlu_lite.verification import comparing
from nlu_lite.weights import transfer
from tests.helpers import oracle
from tests.helpers.equal import assert_equal
from tests.helpers.hub import Fault, HubServer, connected
from tests.helpers.hub.models import files_of
from tests.registry.test_own_entries import _registry_as_before  # noqa: F401 - a fixture

TEXT = "I love NLP"
WORDS = [(0, 1), (2, 6), (7, 10)]
COLUMNS = ("nlu_ref", "text", "token", "v0", "v1", "v2", "level", "quality")


class Place:
    """A local hub, a registry of its models, and what is published about them."""

    def __init__(self, hub: HubServer, home: Path, model: Path) -> None:
        self.hub, self.home, self.model = hub, home, model
        self.file = home / "own.yaml"
        self.golden = home / "golden.csv"
        self.models: dict[str, dict] = {}
        self.references: dict[str, dict] = {}
        self.published: list[tuple[str, ...]] = []

    def add(
        self, name: str, *, model: Path | None = None, license_name: str = "mit", **facts
    ) -> str:
        """A model of the hub with a reference ``en.embed.NAME``."""
        commit = self.hub.add(f"org/{name}", files_of(self.model), license_name=license_name)
        self.name(name, **facts)
        return commit

    def name(self, name: str, **facts) -> None:
        """A model in the registry with a reference, and nothing on the hub."""
        self.models[name] = {"sources": [{"hub": f"org/{name}"}], "architecture": "bert", **facts}
        self.references[f"en.embed.{name}"] = {"model": name, "task": "embed", "language": "en"}

    def publish(self, name: str, vectors) -> None:
        """Vectors of the words of the text."""
        for word, vector in zip(TEXT.split(), vectors, strict=True):
            numbers = [repr(float(number)) for number in vector[:3]]
            row = (f"en.embed.{name}", TEXT, word, *numbers, "token", "ok")
            self.published.append(row)

    def write(self) -> None:
        """Write registry and published vectors, and register."""
        lines = []
        for section in ("models", "references"):
            lines.append(f"{section}:")
            lines += [
                f"  {json.dumps(name)}: {json.dumps(fields)}"
                for name, fields in getattr(self, section).items()
            ]
        self.file.write_text("\n".join(lines) + "\n")
        with self.golden.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(self.published)
        nlu.register(self.file)

    def prove(self, *names: str, **options):
        request = " ".join(names or self.references)
        return verification.prove(request, golden=self.golden, **options)

    @property
    def content(self) -> dict:
        return yaml.safe_load(self.file.read_text())

    @property
    def state(self) -> Path:
        return self.home / "own.yaml.proof.json"

    def cached(self) -> set[str]:
        return {path.name for path in (self.home / "cache" / "hub").glob("models--*")}


@pytest.fixture
def place(tmp_path, family_folder, monkeypatch):
    monkeypatch.setattr(transfer, "FIRST_WAIT", 0.01)
    with HubServer() as hub, connected(hub, tmp_path / "cache"):
        yield Place(hub, tmp_path, family_folder("bert"))


@pytest.fixture(scope="session")
def right_vectors(family_folder):
    return oracle.words_of_sentence(family_folder("bert"), TEXT, WORDS, longest=62)


def outcome(report, check):
    return report[report["check"] == check].set_index("subject")


def test_a_right_model_is_written_down_with_what_hub_and_files_say(place, right_vectors):
    commit = place.add("right", license_name="apache-2.0")
    place.publish("right", right_vectors)
    place.write()
    report = place.prove(write=True)
    assert outcome(report, "golden")["ok"].tolist() == [True] * 3
    assert place.content["references"]["en.embed.right"]["verified"] == "golden"
    model = place.content["models"]["right"]
    source = model["sources"][0]
    assert source["revision"] == commit
    assert set(source["sha256"]) == {"config.json", "tokenizer.json", "model.safetensors"}
    config = json.loads((place.model / "config.json").read_text())
    assert model["dimension"] == config["hidden_size"]
    assert model["layers"] == config["num_hidden_layers"]
    assert model["license"] == "apache-2.0"
    size = (place.model / "model.safetensors").stat().st_size
    assert model["size_mb"] == pytest.approx(size / 1e6, abs=0.05)
    assert not place.state.exists()


def test_a_wrong_model_leaves_the_registry_as_it_was(place, right_vectors):
    place.add("wrong")
    place.publish("wrong", [vector + 1 for vector in right_vectors])
    place.write()
    before = place.file.read_text()
    report = place.prove(write=True)
    assert outcome(report, "golden")["ok"].tolist() == [False] * 3
    assert place.file.read_text() == before
    assert any(
        line.startswith("not as published: en.embed.wrong golden") for line in describe(report)
    )


def describe(report):
    return verification.describe_report(report)


def test_without_published_vectors_a_model_is_opened(place):
    place.add("plain")
    place.write()
    place.prove(write=True)
    assert place.content["references"]["en.embed.plain"]["verified"] == "opened"


def test_a_wrong_fact_is_corrected_where_published_vectors_are_right(place, right_vectors):
    place.add("misread", layers=7)
    place.publish("misread", right_vectors)
    place.write()
    report = place.prove(write=True)
    layers = json.loads((place.model / "config.json").read_text())["num_hidden_layers"]
    assert place.content["models"]["misread"]["layers"] == layers
    assert (
        f'changed: en.embed.misread written own.yaml "misread" layers: 7 -> {layers}'
        in describe(report)
    )


def test_a_wrong_fact_stays_where_nothing_is_published(place):
    place.add("unclear", layers=7)
    place.write()
    before = place.file.read_text()
    report = place.prove(write=True)
    assert outcome(report, "config").loc["layers", "ok"] == False  # noqa: E712 - of pandas
    assert place.file.read_text() == before


def test_a_gated_model_is_named_and_counts_for_nothing(place):
    place.hub.add("org/gated", files_of(place.model), gated=True, token="hf_secret")
    place.name("gated")
    place.write()
    row = outcome(place.prove(write=True), "fetch").loc["org/gated"]
    assert row["found"].startswith("gated: ")
    assert str(row["ok"]) == "<NA>"


def test_a_model_that_is_gone_is_a_difference_and_the_next_goes_on(place):
    place.name("gone")
    place.add("right")
    place.write()
    report = place.prove(write=True)
    row = outcome(report, "fetch").loc["org/gone"]
    assert row["found"].startswith("gone: ")
    assert row["ok"] == False  # noqa: E712 - of pandas
    assert place.content["references"]["en.embed.right"]["verified"] == "opened"


def test_a_renamed_model_is_fetched_and_written_under_its_new_name(place):
    place.add("old")
    place.hub.rename("org/old", "team/new")
    place.write()
    report = place.prove(write=True)
    row = outcome(report, "fetch").loc["renamed"]
    assert (row["expected"], row["found"]) == ("org/old", "team/new")
    assert place.content["models"]["old"]["sources"][0]["hub"] == "team/new"
    assert place.cached() == {"models--team--new"}


def test_a_model_larger_than_the_share_is_not_fetched(place):
    place.add("large")
    place.write()
    row = outcome(place.prove(disk=1000), "fetch").loc["org/large"]
    assert row["found"].startswith("too large: ")
    assert place.cached() == set()


def test_what_was_fetched_first_is_deleted_when_the_share_is_used(place):
    for name in ("one", "two", "three"):
        place.add(name)
    place.write()
    size = sum(path.stat().st_size for path in place.model.iterdir())
    place.prove(disk=int(size * 2.5))
    assert place.cached() == {"models--org--two", "models--org--three"}


def test_a_model_that_was_in_the_cache_before_is_not_deleted(place):
    for name in ("mine", "one", "two"):
        place.add(name)
    place.write()
    nlu.load("en.embed.mine")
    size = sum(path.stat().st_size for path in place.model.iterdir())
    place.prove(disk=int(size * 1.5))
    assert place.cached() == {"models--org--mine", "models--org--two"}


def test_a_faulty_model_is_reported_and_the_next_goes_on(place):
    files = files_of(place.model) | {"config.json": b'{"model_type": "bert", "hidden_size": "x"}'}
    place.hub.add("org/faulty", files)
    place.name("faulty")
    place.add("right")
    place.write()
    report = place.prove(write=True)
    assert not report[report["reference"] == "en.embed.faulty"]["ok"].dropna().any()
    assert "verified" not in place.content["references"]["en.embed.faulty"]
    assert place.content["references"]["en.embed.right"]["verified"] == "opened"


def test_an_interrupted_run_is_gone_on_with(place, monkeypatch):
    for name in ("one", "two"):
        place.add(name)
    place.write()
    before = comparing.check_vectors

    def interrupt(pipeline, published):
        if pipeline.components[0].entry.reference == "en.embed.two":
            raise KeyboardInterrupt
        return before(pipeline, published)

    monkeypatch.setattr(comparing, "check_vectors", interrupt)
    with pytest.raises(KeyboardInterrupt):
        place.prove()
    assert place.state.exists()
    monkeypatch.setattr(comparing, "check_vectors", before)
    place.hub.clear_requests()
    report = place.prove()
    assert not any("/one" in request.path for request in place.hub.requests)
    assert set(report["reference"]) == {"en.embed.one", "en.embed.two"}
    assert not place.state.exists()


def test_what_an_interrupted_download_left_is_deleted_by_the_next_run(place):
    for name in ("one", "two"):
        place.add(name)
    place.write()
    place.hub.fault(Fault(path="/cdn/org/one", cut=100, times=3))
    place.prove("en.embed.one")
    assert place.cached() == {"models--org--one"}
    place.hub.forget("org/one")
    size = sum(path.stat().st_size for path in place.model.iterdir())
    place.prove("en.embed.one", "en.embed.two", disk=int(size * 1.01))
    assert place.cached() == {"models--org--two"}


def test_what_was_done_without_writing_is_done_anew_with_it(place):
    place.name("busy")
    place.add("one")
    place.write()
    place.hub.fault(Fault(path="org/busy", status=500))
    place.prove()
    assert place.state.exists()
    place.prove(write=True)
    assert place.content["references"]["en.embed.one"]["verified"] == "opened"


def test_a_hub_that_cannot_be_reached_ends_the_run_and_loses_nothing(place):
    place.add("one")
    for number in range(5):
        place.name(f"later{number}")
    place.write()
    place.hub.fault(Fault(path="org/later", status=500))
    report = place.prove()
    assert len(outcome(report, "fetch")) == 3
    assert place.state.exists()
    assert list(json.loads(place.state.read_text())["models"]) == [f"{place.file}: one"]


def test_the_references_of_one_model_are_proven_with_one_download(place):
    place.add("shared")
    place.references["en.embed.other"] = {"model": "shared", "task": "embed", "language": "en"}
    place.write()
    place.prove(write=True)
    fetched = [request for request in place.hub.requests if "safetensors" in request.path]
    assert len([request for request in fetched if request.path.startswith("/cdn")]) == 1
    verified = [fields["verified"] for fields in place.content["references"].values()]
    assert verified == ["opened", "opened"]


def test_all_are_those_that_the_registry_does_not_call_verified(place, monkeypatch):
    place.add("done")
    place.add("open")
    place.references["en.embed.done"]["verified"] = "opened"
    place.write()
    only = registry.lookup.Registry([registry.reader.read_registry_file(place.file, origin="own")])
    monkeypatch.setattr(registry, "current", lambda: only)
    report = verification.prove(golden=place.golden)
    assert set(report["reference"]) == {"en.embed.open"}


def test_a_run_waits_as_the_hub_asks_though_it_asks_often_and_for_long(place, monkeypatch):
    waits = []
    monkeypatch.setattr(transfer.time, "sleep", waits.append)
    place.add("one")
    place.write()
    place.hub.fault(Fault(path="api", status=429, headers={"Retry-After": "300"}, times=5))
    place.prove(write=True)
    assert waits == [300.0] * 5
    assert place.content["references"]["en.embed.one"]["verified"] == "opened"


def test_a_run_does_not_wait_for_ever(place, monkeypatch):
    waits = []
    monkeypatch.setattr(transfer.time, "sleep", waits.append)
    place.add("one")
    place.write()
    place.hub.fault(Fault(path="api", status=429, headers={"Retry-After": "1000"}))
    report = place.prove()
    assert sum(waits) <= verification.proof.LONGEST_WAIT
    assert outcome(report, "fetch").loc["org/one", "found"].startswith("unreachable: ")


def test_a_load_waits_no_longer_after_a_run(place, monkeypatch):
    waits = []
    monkeypatch.setattr(transfer.time, "sleep", waits.append)
    place.add("one")
    place.name("other")
    place.write()
    place.prove("en.embed.one")
    place.hub.fault(Fault(path="api", status=429, headers={"Retry-After": "300"}))
    with pytest.raises(DownloadError, match="asks to wait 300 seconds"):
        nlu.load("en.embed.other")
    assert waits == []


def pool(folder: Path, pooling: str):
    """The vector of the text by transformers alone, the model's pooler among the ways."""
    tokenizer = oracle.tokenizer_of(folder)
    prefix, suffix = oracle.special_pieces(tokenizer)
    ids = prefix + tokenizer.encode(TEXT, add_special_tokens=False).ids + suffix
    states = oracle.hidden_states(folder, ids)
    if pooling == "pooler":
        last = torch.from_numpy(states[-1])[None]
        with torch.inference_mode():
            return oracle.model_of(folder).pooler(last)[0].numpy()
    return {
        "mean": states[-1].mean(axis=0),
        "mean_text": states[-1][len(prefix) : -len(suffix)].mean(axis=0),
        "cls": states[-1][0],
        "second_to_last": states[-2].mean(axis=0),
    }[pooling]


def add_sentence(place, stated: str, vector) -> None:
    place.add("sent")
    place.references = {
        "en.embed_sentence.sent": {
            "model": "sent",
            "task": "embed_sentence",
            "language": "en",
            "pooling": stated,
        }
    }
    numbers = [repr(float(number)) for number in vector[:3]]
    place.published.append(("en.embed_sentence.sent", TEXT, TEXT, *numbers, "sentence", "ok"))
    place.write()


@pytest.mark.parametrize("pooling", comparing.CANDIDATES)
def test_the_pooling_that_gives_the_published_numbers_is_written(place, pooling):
    stated = "cls" if pooling == "mean" else "mean"
    add_sentence(place, stated, pool(place.model, pooling))
    report = place.prove(write=True)
    fields = place.content["references"]["en.embed_sentence.sent"]
    assert (fields["pooling"], fields["verified"]) == (pooling, "golden")
    changed = outcome(report, "written").filter(like="pooling", axis=0)
    expected = [] if pooling == stated else [(stated, pooling)]
    assert list(zip(changed["expected"], changed["found"], strict=True)) == expected
    vector = nlu.vectors(nlu.load("en.embed_sentence.sent").predict(TEXT))[0]
    assert_equal(vector, pool(place.model, pooling))


def test_where_no_pooling_gives_the_published_numbers_none_is_written(place):
    add_sentence(place, "mean", [9.5, 9.25, 9.125])
    before = place.file.read_text()
    report = place.prove(write=True)
    assert place.file.read_text() == before
    assert set(outcome(report, "pooling")["found"]) == {"does not"}


def test_where_several_poolings_give_the_published_numbers_none_is_written(place, monkeypatch):
    add_sentence(place, "mean", pool(place.model, "cls"))
    monkeypatch.setattr(comparing, "CANDIDATES", ("mean", "cls", "cls"))
    before = place.file.read_text()
    place.prove(write=True)
    assert place.file.read_text() == before


def test_a_state_that_is_none_is_refused(place):
    place.add("one")
    place.write()
    place.state.write_text("{}")
    with pytest.raises(RegistryError, match=r"own\.yaml\.proof\.json is not what a proof left"):
        place.prove()


def test_what_is_on_no_hub_is_refused(place):
    place.add("one")
    place.write()
    with pytest.raises(OptionError, match="no reference with a model of the hub"):
        place.prove("org/one")
    with pytest.raises(OptionError, match="disk is 0"):
        place.prove("en.embed.minilm_l6", disk=0)


def test_the_command_line_ends_with_what_was_changed(place, capsys):
    place.add("right")
    place.write()
    assert cli.main(["verify", "en.embed.right", "--fetch", "--disk", "1GB", "--write"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].startswith("reference,check")
    changed = 'changed: en.embed.right written own.yaml "en.embed.right" verified: '
    assert changed + "unverified -> opened" in captured.err.replace("absent", "unverified")


def test_the_command_line_says_what_became_of_a_model_before_the_next(place, capsys, monkeypatch):
    for name in ("one", "two"):
        place.add(name)
    place.write()
    before = comparing.check_vectors

    def interrupt(pipeline, published):
        if pipeline.components[0].entry.reference == "en.embed.two":
            raise KeyboardInterrupt
        return before(pipeline, published)

    monkeypatch.setattr(comparing, "check_vectors", interrupt)
    assert cli.main(["verify", *place.references, "--fetch", "--write"]) == 130
    assert 'changed: en.embed.one written own.yaml "en.embed.one"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--disk", "20GB"], "--disk goes with --fetch"),
        (["--fetch", "--config-only"], "leave --config-only out"),
        (["--fetch", "--disk", "20"], "'20' is no size"),
    ],
)
def test_the_command_line_refuses_what_does_not_go_together(capsys, words, message):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["verify", "--all", *words])
    assert message in capsys.readouterr().err
