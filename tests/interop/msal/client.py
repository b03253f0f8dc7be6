"""Gets tokens with MSAL for Python, by each flow, and prints a line for each thing to check: a name
and a value, which is a token, or begins with `failed:`.

    client.py ISSUER CA_FILE CERTIFICATE KEY

ISSUER is the address of the issuer, CA_FILE the certificate to trust, CERTIFICATE and KEY are of the
application that has no secret.
"""

import base64
import json
import socket
import sys
import urllib.parse
from pathlib import Path

import msal
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes

ISSUER, CA_FILE, CERTIFICATE, KEY = sys.argv[1:]
CHINA_HOST = "login.partner.microsoftonline.cn"
CHINA = f"https://{CHINA_HOST}/contoso.partner.cn"
SECRET = "sampleCredentia1s"
B2C_SECRET = "2hMG2-_:y12n10vwH"
CALLBACK = "http://localhost:3000/callback"
ORDERS, REPORTS = "api://orders/orders.read", "api://reports/reports.read"
# The applications, by their IDs: of the demo directory, but for the one that the suite adds.
WITH_SECRET = "11112222-bbbb-3333-cccc-4444dddd5555"
WITH_CERTIFICATE = "44445555-dddd-6666-eeee-7777ffff8888"
OF_B2C = "38307aee-303c-4fff-8087-d8d200000000"
IN_CHINA = "33334444-dddd-5555-eeee-6666ffff7777"


def main():
    attempt("secret", by_secret)
    attempt("wrong-secret", by_wrong_secret)
    attempt("certificate", by_certificate)
    attempt("thumbprint", by_thumbprint)
    attempt("code", by_code)
    attempt("wrong-verifier", by_code_of_another)
    attempt("silent", by_silent_acquisition)
    attempt("b2c", by_b2c)
    attempt("china", by_china)
    attempt("china-user", by_china_of_a_user)


def attempt(name, flow):
    try:
        flow(name)
    except Exception as fault:  # whatever it is, the suite is to show it
        print(name, f"failed: {type(fault).__name__}: {fault}".replace("\n", " "))


def by_secret(name):
    application = client(WITH_SECRET, SECRET)
    show(name, application.acquire_token_for_client(["api://orders/.default"]))


def by_wrong_secret(name):
    application = client(WITH_SECRET, "another")
    print(name, application.acquire_token_for_client(["api://orders/.default"])["error"])


def by_certificate(name):
    with_assertion(name, own_certificate())


def by_thumbprint(name):
    certificate = x509.load_pem_x509_certificate(Path(CERTIFICATE).read_bytes())
    credential = {
        "private_key": Path(KEY).read_text(),
        "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(),
    }
    with_assertion(name, credential)


def with_assertion(name, credential):
    application = client(WITH_CERTIFICATE, credential)
    show(name, application.acquire_token_for_client(["api://orders/.default"]))
    header = LOOPBACK.assertion_header
    named_by = ",".join(sorted(name for name in header if name.startswith("x5t")))
    print(f"{name}-assertion", header["alg"], named_by)


def by_code(name):
    application = client(WITH_SECRET, SECRET)
    show(name, sign_in(application, ORDERS, "frankm@contoso.com"))
    account = application.get_accounts()[0]
    print(f"{name}-account", account["username"])
    again = application.acquire_token_silent([ORDERS], account)
    print(f"{name}-again", again["token_source"])
    other = application.acquire_token_silent_with_error([REPORTS], account)
    print(f"{name}-without-consent", other["error"])


def by_code_of_another(name):
    application = client(WITH_SECRET, SECRET)
    answer = sign_in(application, ORDERS, code_verifier="x" * 43)
    print(name, answer["error"])


def by_silent_acquisition(name):
    application = client(WITH_CERTIFICATE, own_certificate())
    sign_in(application, ORDERS, "frankm@contoso.com")
    answer = application.acquire_token_silent([REPORTS], application.get_accounts()[0])
    print(f"{name}-source", answer["token_source"])
    show(name, answer)


def by_b2c(name):
    authority = f"{ISSUER}/contoso.onmicrosoft.com/B2C_1_signupsignin1"
    application = client(OF_B2C, B2C_SECRET, authority)
    show(name, sign_in(application, "https://contoso.onmicrosoft.com/api/read"))


def by_china(name):
    application = client(IN_CHINA, SECRET, CHINA)
    show(name, application.acquire_token_for_client(["api://orders/.default"]))


def by_china_of_a_user(name):
    show(name, sign_in(client(IN_CHINA, SECRET, CHINA), ORDERS))


def own_certificate():
    return {
        "private_key": Path(KEY).read_text(),
        "public_certificate": Path(CERTIFICATE).read_text(),
    }


def client(client_id, credential, authority=f"{ISSUER}/contoso.com"):
    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=authority,
        instance_discovery=False,
        http_client=LOOPBACK,
    )


def sign_in(application, scope, user=None, **altered):
    """Authorization code with PKCE; the issuer signs the user in without a page. What the client has
    kept of the flow is altered before it redeems the code."""
    flow = application.initiate_auth_code_flow([scope], redirect_uri=CALLBACK, login_hint=user)
    sent_back = LOOPBACK.get(flow["auth_uri"], allow_redirects=False).headers["Location"]
    query = urllib.parse.urlsplit(sent_back).query
    answer = dict(urllib.parse.parse_qsl(query))
    return application.acquire_token_by_auth_code_flow(flow | altered, answer)


def show(name, answer):
    print(name, answer.get("access_token") or f"failed: {answer}")


class Loopback(requests.Session):
    """Trusts the issuer's certificate alone, whatever the environment says, and keeps the header of
    the last client assertion."""

    def __init__(self):
        super().__init__()
        self.verify = CA_FILE
        self.trust_env = False
        self.assertion_header = None

    def request(self, method, url, **options):
        assertion = (options.get("data") or {}).get("client_assertion")
        if assertion:
            text = assertion if isinstance(assertion, str) else assertion.decode()
            header = text.split(".")[0]
            padded = header + "=" * (-len(header) % 4)
            self.assertion_header = json.loads(base64.urlsafe_b64decode(padded))
        return super().request(method, url, **options)


def resolve(host, port, *_ignored, **_also_ignored):
    """Maps the Chinese cloud to the issuer, and lets nothing leave this machine."""
    issuer = urllib.parse.urlsplit(ISSUER)
    if (host, port) not in [(CHINA_HOST, 443), (issuer.hostname, issuer.port)]:
        raise OSError(f"{host}:{port} is not to be asked")
    address = (issuer.hostname, issuer.port)
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]


socket.getaddrinfo = resolve
LOOPBACK = Loopback()
main()
