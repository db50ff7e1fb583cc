"""Functions that take the fields of a record: what callers, checkers and readers see of them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field

import pytest

from nlu_lite.common import method_takes, owner_takes, refuse_unknown, takes
from nlu_lite.errors import UnknownOptionError


@dataclass(frozen=True, kw_only=True)
class Area:
    """The sides of a rectangle.

    Attributes:
        width: In metres,
            from the left.
    """

    width: int = 1


@dataclass(frozen=True, kw_only=True)
class Room(Area):
    """A room.

    Attributes:
        name: On its door.
    """

    name: str = field(default="hall", kw_only=False)


@takes(Room)
def label(arguments: Room) -> str:
    """What is written on a plan.

    Args:
        arguments: The fields of ``Room``.

    Returns:
        A text.
    """
    return f"{arguments.name} {arguments.width}"


class House:
    @owner_takes(Room)
    def __init__(self, arguments: Room) -> None:
        """A house of one room."""
        self.room = arguments

    @method_takes(Room)
    def add(self, data, arguments: Room) -> tuple:
        """Add a room."""
        return data, arguments


def test_arguments_become_the_fields_of_the_record():
    assert label() == "hall 1"
    assert label("kitchen", width=3) == "kitchen 3"
    assert House("bath").room == Room("bath")
    assert House().add([1], "bath", width=2) == ([1], Room("bath", width=2))
    assert House().add(data=None) == (None, Room())


def test_the_signature_is_that_of_the_record():
    assert str(inspect.signature(label)) == "(name: str = 'hall', *, width: int = 1) -> str"
    assert list(inspect.signature(House.add).parameters) == ["self", "data", "name", "width"]


def test_the_documentation_describes_the_fields_of_all_classes_of_the_record():
    assert label.__doc__.splitlines() == [
        "What is written on a plan.",
        "",
        "Args:",
        "    name: On its door.",
        "    width: In metres,",
        "        from the left.",
        "",
        "Returns:",
        "    A text.",
    ]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: label(widht=2), "label"),
        (lambda: House(widht=2), "House"),
        (lambda: House().add(None, widht=2), "add"),
    ],
)
def test_a_name_that_is_no_field_is_refused_with_the_nearest(call, name):
    with pytest.raises(
        UnknownOptionError, match=f"^{name} has no option widht. Did you mean width"
    ):
        call()


def test_names_that_are_valid_pass():
    refuse_unknown({"a": 1}, ["a", "b"], where="call")
    with pytest.raises(UnknownOptionError, match=r"call has no option c\. Valid are: a, b"):
        refuse_unknown({"a": 1, "c": 2}, ["a", "b"], where="call")


def test_a_word_out_of_a_name_is_answered_with_that_name():
    with pytest.raises(UnknownOptionError, match="Did you mean output_level"):
        refuse_unknown({"level": 1}, ["aggregate", "output_level", "text"], where="predict")
