"""A device that runs out of memory: halves of the batch, then an error that helps.

The memory's end is played: a model refuses more tokens than a number, with the exceptions that
torch raises. On this machine nothing would run out of it but together with everything else.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

import nlu_lite as nlu
from nlu_lite.encoder.backends.packed import PackedEncoder
from nlu_lite.errors import ModelError, NluLiteError, OutOfMemoryError
from tests.helpers.equal import assert_equal

TEXTS = [f"{'the grammar ' * (n % 9 + 1)}number {n}" for n in range(60)]
ENDS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"
    ),
    MemoryError(),
]


@pytest.fixture
def small_memory(monkeypatch, family_pipe):
    """From a family, a number of tokens and an exception to a pipeline whose model refuses more,
    and the sizes it was given."""

    def make(family, most, error, **options):
        pipe = family_pipe(family, **options)
        encoder = pipe.components[0].plan.loaded.encoder
        sizes = []

        def refuse_more(size):
            sizes.append(size)
            if size > most:
                raise error

        if isinstance(encoder, PackedEncoder):
            transformer = encoder._transformer

            def run(ids, *args, **kwargs):
                refuse_more(ids.numel())
                return transformer(ids, *args, **kwargs)

            run.width, run.layers = transformer.width, transformer.layers
            monkeypatch.setattr(encoder, "_transformer", run)
        else:
            model, plain = encoder.forward.model, encoder.forward.model.forward

            def forward(*args, **kwargs):
                refuse_more(kwargs["input_ids"].numel())
                return plain(*args, **kwargs)

            monkeypatch.setattr(model, "forward", forward)
        return pipe, sizes

    return make


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("family", ["bert", "xlnet"])  # packed and padded
def test_a_batch_that_does_not_fit_is_halved(small_memory, family_pipe, family, error):
    expected = nlu.vectors(family_pipe(family, sentences=None).predict(TEXTS))
    pipe, sizes = small_memory(family, 100, error, sentences=None)
    assert_equal(nlu.vectors(pipe.predict(TEXTS)), expected)
    assert max(sizes) > 100
    assert sum(size <= 100 for size in sizes) > 5


def test_a_text_that_does_not_fit_alone_names_its_length_and_the_cure(small_memory, family_pipe):
    pipe, _ = small_memory("bert", 20, ENDS[0], sentences=None)
    text = "the " * 30
    count = len(pipe.components[0].tokenizer(text)["input_ids"])
    with pytest.raises(OutOfMemoryError, match=f"A text of {count} pieces.*max_length=") as caught:
        pipe.predict(["the", text])
    assert isinstance(caught.value, NluLiteError)
    assert isinstance(caught.value.__cause__, torch.OutOfMemoryError)
    assert np.isfinite(nlu.vectors(pipe.predict("the grammar"))).all()


@pytest.mark.parametrize("family", ["bert", "xlnet"])
@pytest.mark.parametrize(
    "error",
    [RuntimeError("shapes cannot be multiplied"), ValueError("no chunk"), IndexError("range")],
)
def test_other_failures_are_not_tried_again_and_are_an_error_of_ours(small_memory, family, error):
    pipe, sizes = small_memory(family, 0, error, sentences=None)
    with pytest.raises(
        ModelError,
        match=rf"\({family}\) fails on texts of up to \d+ pieces"
        rf".*: {type(error).__name__}: {error}",
    ) as caught:
        pipe.predict(TEXTS)
    assert caught.value.__cause__ is error
    assert len(sizes) == 1
