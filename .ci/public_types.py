"""Which other crates the public interface of a crate names.

    .ci/public_types.py RUSTDOC_JSON ALLOWED...

Prints every item that names a type or trait of another crate than those allowed, and fails if there is
one: a new major version of such a crate would be a break.
"""

import json
import sys


def named(tree):
    """Yields the IDs of the types and traits in a part of rustdoc's JSON."""
    if isinstance(tree, dict):
        for kind in ("resolved_path", "trait"):
            path = tree.get(kind)
            if isinstance(path, dict) and "id" in path:
                yield path["id"]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from named(part)


def is_written(inner):
    """Auto traits and blanket implementations are the compiler's."""
    implementation = inner.get("impl", {})
    return not (implementation.get("is_synthetic") or implementation.get("blanket_impl"))


def main(file, *allowed):
    with open(file, encoding="utf-8") as text:
        documented = json.load(text)
    crates = {int(key): crate["name"] for key, crate in documented["external_crates"].items()}
    items = [item for item in documented["index"].values() if item["crate_id"] == 0]
    foreign = set()
    for item in filter(lambda item: is_written(item["inner"]), items):
        for key in named(item["inner"]):
            path = documented["paths"].get(str(key))
            crate = crates.get(path["crate_id"]) if path else None
            if crate and crate not in allowed:
                foreign.add(f"{item.get('name') or 'impl'}: {'::'.join(path['path'])}")
    print(f"{len(items)} items, {len(foreign)} of which name other crates than {', '.join(allowed)}")
    print("\n".join(sorted(foreign)), end="")
    return 1 if foreign or not items else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
