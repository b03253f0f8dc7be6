"""The ways to break a token: `BREAKAGES` maps a name, `what:how`, to what changes the case.

Some change nothing that matters: those tokens must be accepted by all.
"""

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from token_case import (
    ABSENT,
    ALGORITHMS,
    AUDIENCE,
    ISSUER,
    KEYS,
    LEEWAY,
    NOW,
    OTHER_KEYS,
    SMALL_EXPONENT_KEYS,
    SMALL_RSA_KEYS,
    Members,
    Raw,
    decode,
    encode,
)

BREAKAGES = {}
# Those that only break tokens of some algorithms.
FITTING_ALGORITHMS = {
    "alg:ed25519": {"EdDSA"},
    "key_alg:absent": {"RS256", "PS256"},
    "key_set:small_exponent": {"RS256", "PS256"},
    "key_set:small_rsa": {"RS256", "PS256"},
    "signature:beyond_order": {"EdDSA"},
    "signature:der": {"ES256", "ES384"},
    "signature:long_salt": {"PS256"},
    "signature:mirrored": {"ES256"},
    "signature:without_salt": {"PS256"},
}

NOT_STRINGS = {"number": 5, "null": None, "array": ["x"], "object": {"x": 1}, "true": True}
SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def breakage(function):
    """Names the breakage after its function: `what__how`."""
    BREAKAGES[function.__name__.replace("__", ":", 1)] = function
    return function


def members(part, name, **values):
    """Breakages that set one member of the header or the claims."""
    for how, value in values.items():
        BREAKAGES[f"{name}:{how}"] = lambda case, value=value: getattr(case, part).put(name, value)


def header(name, **values):
    members("header", name, **values)


def claim(name, **values):
    members("claims", name, **values)


def nested(depth):
    return Raw("[" * depth + "]" * depth)


# The header.

header(
    "alg",
    none="none",
    none_in_capitals="NONE",
    unknown="XS256",
    public_key_as_secret="HS256",
    rs512="RS512",
    es256="ES256",
    ps256="PS256",
    ed25519="Ed25519",
    absent=ABSENT,
    **NOT_STRINGS,
)
header("kid", unknown="unknown", absent=ABSENT, empty="", **NOT_STRINGS)
header(
    "typ",
    absent=ABSENT,
    jwt="JWT",
    small_jwt="jwt",
    application_jwt="application/jwt",
    capitals="AT+JWT",
    application="application/at+jwt",
    other="dpop+jwt",
    space="at+jwt ",
    empty="",
    **NOT_STRINGS,
)
header("crit", empty=[], unknown=["x"], registered=["exp"], b64=["b64"], text="b64", null=None)
header("b64", true=True, false=False, null=None)
header("zip", deflate="DEF", null=None)
header("cty", jwt="JWT", application="application/jwt", json="json", number=5, null=None)
header("jwk", attacker=OTHER_KEYS["ES256"].jwk(), number=5)
header("jku", attacker="https://attacker.test/jwks")
header("x5u", attacker="https://attacker.test/cert")
header("x5c", attacker=["MIIB"], number=5)
header("x5t", unknown="AAAA", number=5, null=None)
header("nonce", text="n", number=5)
header(
    "header_extra",
    text="x",
    nested_30=nested(30),
    nested_40=nested(40),
    nested_2000=nested(2000),
)


@breakage
def alg__lower_case(case):
    case.header.put("alg", case.alg.lower())


@breakage
def alg__none_unsigned(case):
    case.header.put("alg", "none")
    case.parts.append(lambda parts: [*parts[:2], ""])


@breakage
def kid__of_another_key(case):
    case.header.put("kid", next(alg for alg in ALGORITHMS if alg != case.alg))


@breakage
def kid__thumbprint_instead(case):
    case.header.put("kid", ABSENT)
    case.header.put("x5t", "BBBB")


@breakage
def kid__upper_case(case):
    case.header.put("kid", case.alg.swapcase())


@breakage
def crit__b64_false(case):
    case.header.put("crit", ["b64"])
    case.header.put("b64", False)


@breakage
def crit__b64_true(case):
    case.header.put("crit", ["b64"])
    case.header.put("b64", True)


@breakage
def jwk__and_its_key(case):
    case.key = OTHER_KEYS[case.alg]
    case.header.put("jwk", case.key.jwk())


def twice(part, name, first, second):
    """A name with two values; `None` is the value that is there."""

    def change(case):
        given = getattr(case, part)
        own = dict(given).get(name, "x")
        given.put(name, ABSENT)
        given.append((name, own if first is None else first))
        given.append((name, own if second is None else second))

    return change


BREAKAGES["alg:twice_bad_first"] = twice("header", "alg", "none", None)
BREAKAGES["alg:twice_bad_last"] = twice("header", "alg", None, "none")
BREAKAGES["kid:twice"] = twice("header", "kid", "unknown", None)
BREAKAGES["typ:twice"] = twice("header", "typ", None, None)
BREAKAGES["header_extra:twice"] = twice("header", "x", 1, 2)
BREAKAGES["aud:twice_bad_first"] = twice("claims", "aud", "https://other.test", None)
BREAKAGES["aud:twice_bad_last"] = twice("claims", "aud", None, "https://other.test")
BREAKAGES["exp:twice"] = twice("claims", "exp", 1, None)
BREAKAGES["sub:twice"] = twice("claims", "sub", None, None)
BREAKAGES["extra:twice"] = twice("claims", "x", 1, 2)
BREAKAGES["extra:twice_inside"] = lambda case: case.claims.put("in", Raw('{"x":1,"x":2}'))
BREAKAGES["sub:twice_escaped"] = lambda case: case.texts.append(
    lambda texts: [texts[0], texts[1][:-1] + b',"s\\u0075b":"bob"}']
)


# The claims.

NOT_DATES = {
    "text": str(NOW),
    "word": "soon",
    "null": None,
    "true": True,
    "array": [NOW],
    "negative": -1,
    "huge": Raw("1e300"),
    "infinite": Raw("1e400"),
    "long": Raw("9" * 40),
    "milliseconds": NOW * 1000,
    "not_a_number": Raw("NaN"),
}
claim(
    "exp",
    past=NOW - 3600,
    at_leeway=NOW - LEEWAY,
    within_leeway=NOW - LEEWAY + 1,
    half_past_leeway=NOW - LEEWAY - 0.5,
    half_within_leeway=NOW - LEEWAY + 0.5,
    far=NOW + 10**9,
    fraction=NOW + 300.5,
    exponent=Raw("1.9e9"),
    zero=0,
    absent=ABSENT,
    **NOT_DATES,
)
for name in ("nbf", "iat"):
    claim(
        name,
        past=NOW - 3600,
        future=NOW + 3600,
        at_leeway=NOW + LEEWAY,
        past_leeway=NOW + LEEWAY + 1,
        half_past_leeway=NOW + LEEWAY + 0.5,
        fraction=NOW - 0.5,
        exponent=Raw("1.7e9"),
        zero=0,
        absent=ABSENT,
        **NOT_DATES,
    )
claim(
    "aud",
    other="https://other.test",
    prefix=AUDIENCE[:-1],
    slash=AUDIENCE + "/",
    capitals=AUDIENCE.upper(),
    words=f"https://other.test {AUDIENCE}",
    array=[AUDIENCE],
    array_among_others=["https://other.test", AUDIENCE],
    array_of_others=["https://other.test"],
    array_with_number=[AUDIENCE, 5],
    array_with_null=[None, AUDIENCE],
    array_empty=[],
    nested=[[AUDIENCE]],
    object={AUDIENCE: 1},
    number=5,
    null=None,
    empty="",
    absent=ABSENT,
)
claim(
    "iss",
    other="https://other.test",
    slash=ISSUER + "/",
    space=ISSUER + " ",
    capitals=ISSUER.upper(),
    array=[ISSUER],
    object={ISSUER: 1},
    number=5,
    null=None,
    empty="",
    absent=ABSENT,
)
for name in ("sub", "jti", "client_id", "scope"):
    claim(name, absent=ABSENT, empty="", **NOT_STRINGS)
for name in ("azp", "appid", "cid", "scp", "roles"):
    claim(name, text="x", **NOT_STRINGS)
for name in ("cnf", "at_hash", "c_hash"):
    claim(name, text="x", object={"jkt": "x"}, null=None)
claim(
    "extra",
    text="x",
    surrogate=Raw('"\\ud800"'),
    not_a_number=Raw("NaN"),
    infinite=Raw("1e400"),
    long=Raw("9" * 400),
    leading_zero=Raw("01"),
    control=Raw('"\t"'),
    nested_30=nested(30),
    nested_40=nested(40),
    nested_2000=nested(2000),
)
claim("__proto__", object={"sub": "bob"})


# The texts of header and payload, and what they are encoded as.


def text(name, **changes):
    """Changes of the text of the header or the payload."""
    place = ("header_text", "payload_text").index(name)
    for how, change in changes.items():

        def both(texts, change=change):
            texts[place] = change(texts[place])
            return texts

        BREAKAGES[f"{name}:{how}"] = lambda case, both=both: case.texts.append(both)


for name in ("header_text", "payload_text"):
    text(
        name,
        space=lambda text: b" \r\n\t" + text.replace(b",", b" , ") + b"\n",
        byte_order_mark=lambda text: b"\xef\xbb\xbf" + text,
        form_feed=lambda text: b"\x0c" + text,
        rest=lambda text: text + b"{}",
        zero_byte=lambda text: text + b"\0",
        last_comma=lambda text: text[:-1] + b",}",
        comment=lambda text: b"/**/" + text,
        single_quotes=lambda text: text.replace(b'"', b"'"),
        cut=lambda text: text[:-1],
        bad_utf8=lambda text: text[:-1] + b',"u":"\xff"}',
        utf16=lambda text: text.decode().encode("utf-16"),
        escaped_name=lambda text: text.replace(b'"a', b'"\\u0061'),
        array=lambda text: b"[" + text + b"]",
        string=lambda text: b'"x"',
        null=lambda text: b"null",
        number=lambda text: b"5",
        object=lambda text: b"{}",
        nothing=lambda text: b"",
    )


def trailing_bit(part):
    """Sets a bit that no byte of the decoded part has, if there is one."""
    spare = {0: 0, 2: 1, 3: 1}.get(len(part) % 4, 0)
    return part[:-1] + SYMBOLS[SYMBOLS.index(part[-1]) ^ spare] if part else part


SPELLINGS = {
    "padding": lambda part: part + "=" * (-len(part) % 4),
    "much_padding": lambda part: part + "====",
    "trailing_bit": trailing_bit,
    "standard_alphabet": lambda part: part.replace("-", "+").replace("_", "/"),
    "space": lambda part: part[:8] + " " + part[8:],
    "newline": lambda part: part[:8] + "\n" + part[8:],
    "lone_symbol": lambda part: part + "A" * ((1 - len(part)) % 4),
    "not_ascii": lambda part: part + "\u00e9",
    "full_width": lambda part: chr(ord(part[0]) + 0xFEE0) + part[1:] if part else part,
}


def spelling(place, change):
    def both(parts):
        parts[place] = change(parts[place])
        return parts

    return both


for how, change in SPELLINGS.items():
    # The signature is made over the other spelling.
    for place, name in enumerate(("header_part", "payload_part")):
        done = spelling(place, change)
        BREAKAGES[f"{name}:{how}"] = lambda case, done=done: case.signed.append(done)
    done = spelling(2, change)
    BREAKAGES[f"signature_part:{how}"] = lambda case, done=done: case.parts.append(done)


def whole(**changes):
    for how, change in changes.items():
        BREAKAGES[f"token:{how}"] = lambda case, change=change: case.token.append(change)


whole(
    newline_after=lambda token: token + "\n",
    space_before=lambda token: " " + token,
    part_more=lambda token: token + ".AA",
    dot_more=lambda token: token + ".",
    dot_before=lambda token: "." + token,
    five_parts=lambda token: token + ".AA.AA",
    without_signature=lambda token: token.rpartition(".")[0],
    without_dots=lambda token: token.replace(".", ""),
    header_twice=lambda token: token.partition(".")[0] + "." + token,
    empty=lambda token: "",
    word=lambda token: "token",
    scheme=lambda token: "Bearer " + token,
    quotes=lambda token: f'"{token}"',
)


@breakage
def token__long(case):
    case.claims.put("long", "x" * 20_000)


# The signature.


def signature(**changes):
    """Changes of the bytes of the signature; each is given the case."""
    for how, change in changes.items():

        def add(case, change=change):
            case.parts.append(lambda parts: [*parts[:2], encode(change(case, decode(parts[2])))])

        BREAKAGES[f"signature:{how}"] = add


def flipped(case, data):
    place = case.chance.randrange(len(data) * 8)
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def numbers_of(case, data):
    size = case.key.size()
    return int.from_bytes(data[:size], "big"), int.from_bytes(data[size:], "big")


def der(case, data):
    return encode_dss_signature(*numbers_of(case, data)) if case.alg[:2] == "ES" else data


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def mirrored(case, data):
    """The other valid signature of the same key over the same text."""
    if case.alg != "ES256" or len(data) != 64:
        return data
    r, s = numbers_of(case, data)
    return r.to_bytes(32, "big") + (P256_ORDER - s).to_bytes(32, "big")


def beyond_order(case, data):
    """A second spelling of the same number."""
    if case.alg != "EdDSA" or len(data) != 64:
        return data
    s = int.from_bytes(data[32:], "little") + ED25519_ORDER
    return data[:32] + s.to_bytes(32, "little")


signature(
    nothing=lambda case, data: b"",
    flipped_bit=flipped,
    cut=lambda case, data: data[:-1],
    cut_in_half=lambda case, data: data[: len(data) // 2],
    longer=lambda case, data: data + b"\0",
    zero_before=lambda case, data: b"\0" + data,
    zeros=lambda case, data: bytes(len(data)),
    long=lambda case, data: data * 20,
    der=der,
    mirrored=mirrored,
    beyond_order=beyond_order,
)


@breakage
def signature__of_another_key(case):
    case.key = OTHER_KEYS[case.alg]


@breakage
def signature__of_another_payload(case):
    forged = Members([*case.claims])
    forged.put("sub", "root")
    case.parts.append(lambda parts: [parts[0], encode(forged.text().encode()), parts[2]])


@breakage
def signature__without_salt(case):
    case.salt = 0


@breakage
def signature__long_salt(case):
    case.salt = 64


# The keys, and which algorithms are allowed.


def own_jwk(what, **variants):
    """Changes of members of the key that verifies the token."""
    for how, changes in variants.items():
        BREAKAGES[f"{what}:{how}"] = lambda case, changes=changes: case.replace_own(
            case.key.jwk(**changes)
        )


own_jwk("key_use", encryption={"use": "enc"}, absent={"use": ABSENT}, capitals={"use": "SIG"})
own_jwk(
    "key_ops",
    verify={"key_ops": ["verify"]},
    sign={"key_ops": ["sign"]},
    none={"key_ops": []},
    encrypt={"key_ops": ["encrypt"], "use": ABSENT},
    text={"key_ops": "verify"},
)
own_jwk(
    "key_alg",
    absent={"alg": ABSENT},
    unknown={"alg": "XS256"},
    of_other_type={"alg": "HS256"},
    encryption={"alg": "RSA-OAEP"},
    number={"alg": 5},
)
own_jwk("key_id", absent={"kid": ABSENT}, other={"kid": "other"}, number={"kid": 5})
own_jwk("key_extra", member={"x": 1}, private={"d": "AAAA"}, ext_text={"ext": "yes"})
own_jwk("key_type", oct={"kty": "oct", "k": "AAAA"}, unknown={"kty": "XYZ"}, absent={"kty": ABSENT})


def key_set(**changes):
    for how, change in changes.items():
        BREAKAGES[f"key_set:{how}"] = change


def put_beside(*jwks):
    return lambda case: case.jwks["keys"].extend(jwks)


key_set(
    with_unknown_type=put_beside({"kty": "XYZ", "kid": "x"}),
    with_broken_rsa=put_beside({"kty": "RSA", "kid": "x"}),
    with_secret=put_beside({"kty": "oct", "k": "AAAA", "kid": "x"}),
    with_text=put_beside("x"),
    with_null=put_beside(None),
    with_members=lambda case: case.jwks.update(issuer=ISSUER),
)


@breakage
def key_set__none(case):
    case.jwks = {"keys": []}


@breakage
def key_set__only_others(case):
    case.jwks["keys"].remove(case.own_jwk())


@breakage
def key_set__only_own_without_id(case):
    case.jwks["keys"] = [case.own_jwk()]
    case.header.put("kid", ABSENT)


@breakage
def key_set__one_id_own_first(case):
    case.replace_own(case.own_jwk(), OTHER_KEYS[case.alg].jwk())


@breakage
def key_set__one_id_own_last(case):
    case.replace_own(OTHER_KEYS[case.alg].jwk(), case.own_jwk())


@breakage
def key_set__one_id_other_type_first(case):
    own_type = case.key.numbers()["kty"]
    other = next(alg for alg in ALGORITHMS if KEYS[alg].numbers()["kty"] != own_type)
    case.replace_own(OTHER_KEYS[other].jwk(kid=case.alg), case.own_jwk())


@breakage
def key_set__own_twice(case):
    case.replace_own(case.own_jwk(), case.own_jwk())


@breakage
def key_set__two_without_id(case):
    case.replace_own(OTHER_KEYS[case.alg].jwk(kid="x"), case.own_jwk())
    case.header.put("kid", ABSENT)


@breakage
def key_set__small_rsa(case):
    case.key = SMALL_RSA_KEYS.get(case.alg, case.key)
    case.replace_own(case.key.jwk())


@breakage
def key_set__small_exponent(case):
    case.key = SMALL_EXPONENT_KEYS.get(case.alg, case.key)
    case.replace_own(case.key.jwk())


@breakage
def key_set__padded(case):
    padded = {name: f"{value}==" for name, value in case.key.numbers().items() if name in "xyn"}
    case.replace_own(case.key.jwk(**padded))


@breakage
def algorithms__without_own(case):
    case.algorithms.remove(case.alg)
