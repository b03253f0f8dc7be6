"""Compares what doorward and the other libraries say; each disagreement must have a known reason.

    compare.py FOLDER

FOLDER has the files `cases`, `doorward`, `jose` and `pyjwt`, a line of JSON for each case.

A difference of differences.json is the reason of a disagreement where it names the library, one
of the ways in which the token is broken (`what:how`, or `what:*`), and what the side that refuses
says: `doorward` is the code where doorward refuses, `they` a pattern where the other does.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

LIBRARIES = ("jose", "pyjwt")
# From here on each difference must turn up.
ALL_DIFFERENCES = 5000
MOST_SHOWN = 10


def main(folder):
    cases, own, *theirs = (read(folder / name) for name in ("cases", "doorward", *LIBRARIES))
    differences = json.loads((Path(__file__).parent / "differences.json").read_text())
    used, unexplained, alone, same = Counter(), [], 0, Counter()
    for case, verdict, *others in zip(cases, own, *theirs, strict=True):
        disagreeing = [
            (library, other)
            for library, other in zip(LIBRARIES, others, strict=True)
            if other["verdict"] != verdict["verdict"]
        ]
        if not disagreeing:
            same[verdict["verdict"]] += 1
        if len(disagreeing) == len(LIBRARIES) and verdict["verdict"] == "accept":
            alone += 1
        for library, other in disagreeing:
            reason = explain(differences, case, verdict, library, other)
            if reason is None:
                unexplained.append((case, verdict, others))
                break
            used[library, reason["name"]] += 1
    print(f"{len(cases)} tokens: {same['accept']} accepted by all, {same['reject']} refused by all")
    print(f"{alone} accepted by doorward alone")
    for (library, name), times in sorted(used.items()):
        print(f"{times:6} {library:6} {name}")
    for disagreement in unexplained[:MOST_SHOWN]:
        show(*disagreement)
    idle = []
    if len(cases) >= ALL_DIFFERENCES:
        idle = [
            (library, difference["name"])
            for difference in differences
            for library in difference["libraries"]
            if not used[library, difference["name"]]
        ]
    for library, name in idle:
        print(f"No token shows this difference any more: {library}, {name}")
    print(f"{len(unexplained)} disagreements without a reason, {len(idle)} differences not seen")
    return not unexplained and not idle


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def explain(differences, case, own, library, other):
    """Returns the first difference that is the reason of this disagreement."""
    for difference in differences:
        if (
            library in difference["libraries"]
            and is_broken(case["broken"], difference["broken"])
            and refuses(difference, own, other)
        ):
            return difference
    return None


def is_broken(broken, patterns):
    names = {*broken, *(name.partition(":")[0] + ":*" for name in broken)}
    return not names.isdisjoint(patterns)


def refuses(difference, own, other):
    if own["verdict"] == "reject":
        return difference.get("doorward") == own["code"]
    return re.search(difference.get("they", "$^"), other["code"]) is not None


def show(case, own, others):
    print(f"\nNo reason is known for this: {case['id']}, broken by {case['broken']}")
    for library, verdict in zip(("doorward", *LIBRARIES), (own, *others), strict=True):
        print(f"  {library:8} {verdict['verdict']} {verdict.get('code', '')}")
    print(json.dumps(case))


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1])))
