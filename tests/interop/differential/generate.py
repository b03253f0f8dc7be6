"""Prints cases, a line of JSON each: valid tokens, and tokens broken in one or two ways.

    generate.py COUNT SEED

The seed decides how the tokens are broken; the keys are new at every run.
"""

import json
import random
import re
import sys

from breakages import BREAKAGES, FITTING_ALGORITHMS
from token_case import ALGORITHMS, TokenCase

MODES = {"access": 2, "at+jwt": 2, "any": 1}
NUMBER_OF_BREAKAGES = {0: 1, 1: 5, 2: 4}


def main(count, seed):
    chance = random.Random(seed)
    for number in range(count):
        broken = choose_breakages(chance)
        case = TokenCase(chance, choose_algorithm(chance, broken), choose(chance, MODES))
        for name in broken:
            BREAKAGES[name](case)
        print(json.dumps({"id": f"{seed}-{number}", "broken": broken, **case.line()}))


def choose(chance, weights):
    return chance.choices(list(weights), list(weights.values()))[0]


def choose_breakages(chance):
    """Two breakages never concern the same thing, which is the first word of their names."""
    number = choose(chance, NUMBER_OF_BREAKAGES)
    while True:
        names = chance.sample(sorted(BREAKAGES), number)
        if len({re.match("[^:_]+|_+", name)[0] for name in names}) == number:
            return names


def choose_algorithm(chance, broken):
    fitting = [FITTING_ALGORITHMS.get(name, ALGORITHMS) for name in broken]
    common = [alg for alg in ALGORITHMS if all(alg in algorithms for algorithms in fitting)]
    return chance.choice(common or ALGORITHMS)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
