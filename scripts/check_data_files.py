"""Fail if one of the named JSON, YAML or TOML files cannot be read, or says the same key twice."""

from collections.abc import Callable, Mapping
import json
from pathlib import Path
import sys
import tomllib
from typing import Any

import yaml


class StrictLoader(yaml.SafeLoader):
    """A YAML loader that does not let a second key win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build one mapping."""
        return unique(
            [
                (self.construct_object(key, deep), self.construct_object(value, deep))
                for key, value in node.value
            ]
        )


def unique(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return the pairs as a dict. Raises ValueError if a key comes twice."""
    keys = [key for key, _ in pairs]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"said twice: {', '.join(map(str, twice))}")
    return dict(pairs)


def the_input(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    """Return what a blueprint leaves to its user, by name."""
    return f"!input {node.value}"


StrictLoader.add_constructor("!input", the_input)

READERS: Mapping[str, Callable[[str], object]] = {
    ".json": lambda text: json.loads(text, object_pairs_hook=unique),
    ".toml": tomllib.loads,
    **dict.fromkeys((".yaml", ".yml"), lambda text: yaml.load(text, StrictLoader)),
}


def main(files: list[str]) -> int:
    """Read every file; print what is wrong."""
    failed = False
    for file in files:
        try:
            READERS[Path(file).suffix](Path(file).read_text(encoding="utf-8"))
        except (ValueError, yaml.YAMLError) as problem:
            failed = True
            print(f"{file}: {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
