"""Asks PyJWT: a case per line at standard input, a verdict per line at standard output."""

import datetime
import json
import sys
import warnings

import jwt
import jwt.api_jwt


class Clock(datetime.datetime):
    """Stands still: PyJWT has no parameter for the time."""

    fixed = 0

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(cls.fixed, tz)


class KeySet(jwt.PyJWKClient):
    """Chooses keys as PyJWT does, of a set that need not be fetched."""

    def __init__(self, jwks):
        super().__init__("https://issuer.test/jwks", cache_jwk_set=False)
        self.jwks = jwks

    def fetch_data(self):
        return self.jwks


def judge(case):
    Clock.fixed = case["now"]
    try:
        key = KeySet(case["jwks"]).get_signing_key_from_jwt(case["token"])
        jwt.decode(
            case["token"],
            key,
            algorithms=case["algorithms"],
            issuer=case["issuer"],
            audience=case["audience"],
            leeway=case["leeway"],
            options={"require": ["exp"]},
        )
    # Some faults of the token end in an error that is not PyJWT's own.
    except Exception as error:
        code = f"{type(error).__name__}: {error}"
        return {"id": case["id"], "verdict": "reject", "code": code}
    return {"id": case["id"], "verdict": "accept"}


warnings.simplefilter("ignore")
jwt.api_jwt.datetime = Clock
for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))))
