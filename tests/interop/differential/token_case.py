"""A token under construction, and the question that is asked about it."""

import base64
import json

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
NOW = 1_800_000_000
LEEWAY = 60
ISSUER = "https://issuer.test"
AUDIENCE = "https://api.test"

# The value of a member that is to be left out.
ABSENT = object()


class Raw(str):
    """JSON text that no JSON value can express."""


class Members(list):
    """The members of an object as pairs, so that a name can be there twice."""

    def put(self, name, value):
        """Sets a member in its place, adds it, or removes it."""
        names = [own for own, _ in self]
        if value is ABSENT:
            self[:] = [pair for pair in self if pair[0] != name]
        elif name in names:
            self[names.index(name)] = (name, value)
        else:
            self.append((name, value))

    def text(self):
        return "{" + ",".join(f"{json.dumps(name)}:{as_json(value)}" for name, value in self) + "}"


def as_json(value):
    return value if isinstance(value, Raw) else json.dumps(value, separators=(",", ":"))


class Key:
    """A key pair for one algorithm."""

    def __init__(self, alg, rsa_bits=2048, rsa_exponent=65537):
        self.alg = alg
        if alg[:2] in ("RS", "PS"):
            self.private = rsa.generate_private_key(rsa_exponent, rsa_bits)
        elif alg == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            curve = ec.SECP256R1() if alg == "ES256" else ec.SECP384R1()
            self.private = ec.generate_private_key(curve)

    def jwk(self, **members):
        """Returns the public key as a JWK; members may be changed or left out."""
        jwk = {"kid": self.alg, "alg": self.alg, "use": "sig", **self.numbers(), **members}
        return {name: value for name, value in jwk.items() if value is not ABSENT}

    def numbers(self):
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            return {"kty": "RSA", "n": of_number(numbers.n), "e": of_number(numbers.e)}
        if isinstance(public, ed25519.Ed25519PublicKey):
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": encode(raw)}
        numbers, size = public.public_numbers(), self.size()
        x, y = (encode(number.to_bytes(size, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": f"P-{size * 8}", "x": x, "y": y}

    def size(self):
        """Returns the bytes of a coordinate of an EC key."""
        return self.private.curve.key_size // 8

    def sign(self, alg, data, salt=None):
        """Signs as `alg` says, as far as it is an algorithm of this key; otherwise with its own."""
        if alg == "HS256":
            return self.authenticate(data)
        private, own = self.private, self.alg
        if own == "EdDSA":
            return private.sign(data)
        sizes = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
        fits = isinstance(alg, str) and alg[2:] in sizes and alg[:2] in ("RS", "PS", "ES")
        digest = sizes[alg[2:] if fits else own[2:]]
        if own[0] == "E":
            return self.raw_pair(private.sign(data, ec.ECDSA(digest)))
        if (alg[:2] if fits else own[:2]) == "PS":
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size if salt is None else salt)
            return private.sign(data, pss, digest)
        return private.sign(data, padding.PKCS1v15(), digest)

    def authenticate(self, data):
        """The old attack: the public key as the secret of an HMAC."""
        public = self.private.public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        mac = hmac.HMAC(public.public_bytes(serialization.Encoding.PEM, form), hashes.SHA256())
        mac.update(data)
        return mac.finalize()

    def raw_pair(self, der):
        return b"".join(number.to_bytes(self.size(), "big") for number in decode_dss_signature(der))


KEYS = {alg: Key(alg) for alg in ALGORITHMS}
# Of another issuer, or of an attacker.
OTHER_KEYS = {alg: Key(alg) for alg in ALGORITHMS}
SMALL_RSA_KEYS = {alg: Key(alg, rsa_bits=1024) for alg in ("RS256", "PS256")}
SMALL_EXPONENT_KEYS = {alg: Key(alg, rsa_exponent=3) for alg in ("RS256", "PS256")}


class TokenCase:
    """A valid token, to be broken before it is signed, and after."""

    def __init__(self, chance, alg, typ):
        self.chance, self.alg, self.typ = chance, alg, typ
        self.key = KEYS[alg]
        self.salt = None
        self.jwks = {"keys": [key.jwk() for key in KEYS.values()]}
        self.algorithms = list(ALGORITHMS)
        self.header = Members({"typ": "at+jwt", "alg": alg, "kid": alg}.items())
        self.claims = Members(
            {
                "iss": ISSUER,
                "sub": "alice",
                "aud": AUDIENCE,
                "exp": NOW + 300,
                "iat": NOW - 10,
                "jti": "a1",
                "client_id": "app",
                "scope": "read write",
            }.items()
        )
        # Changes of the texts of header and payload, of these parts before they are signed, of
        # all three parts, and of the token: each takes what it changes and returns it changed.
        self.texts, self.signed, self.parts, self.token = [], [], [], []

    def own_jwk(self):
        """Returns the key in the set that verifies the token."""
        keys = self.jwks["keys"]
        return next(jwk for jwk in keys if isinstance(jwk, dict) and jwk.get("alg") == self.alg)

    def replace_own(self, *jwks):
        """Puts these in the place of the key that verifies the token."""
        keys = self.jwks["keys"]
        place = keys.index(self.own_jwk())
        keys[place : place + 1] = jwks

    def line(self):
        return {
            "token": self.compact(),
            "jwks": self.jwks,
            "issuer": ISSUER,
            "audience": [AUDIENCE],
            "now": NOW,
            "leeway": LEEWAY,
            "algorithms": self.algorithms,
            "typ": self.typ,
        }

    def compact(self):
        texts = [self.header.text().encode(), self.claims.text().encode()]
        texts = applied(self.texts, texts)
        signed = applied(self.signed, [encode(text) for text in texts])
        alg = dict(self.header).get("alg")
        signature = self.key.sign(alg, ".".join(signed).encode(), self.salt)
        parts = applied(self.parts, [*signed, encode(signature)])
        return applied(self.token, ".".join(parts))


def applied(changes, value):
    for change in changes:
        value = change(value)
    return value


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def of_number(number):
    return encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
