// Gets tokens with MSAL for Node, by each flow, and prints a line for each thing to check: a name and
// a value, which is a token, or begins with `failed:`.
//
//     NODE_EXTRA_CA_CERTS=CA_FILE client.mjs ISSUER CERTIFICATE KEY
//
// ISSUER is the address of the issuer, CERTIFICATE and KEY are of the application that has no secret.

import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import tls from "node:tls";

import { ConfidentialClientApplication, CryptoProvider } from "@azure/msal-node";

const [ISSUER, CERTIFICATE, KEY] = process.argv.slice(2);
const { host: AT, hostname: HOST, port: PORT } = new URL(ISSUER);
const CHINA_HOST = "login.partner.microsoftonline.cn";
const CHINA = `https://${CHINA_HOST}/contoso.partner.cn`;
const SECRET = "sampleCredentia1s";
const B2C_SECRET = "2hMG2-_:y12n10vwH";
const CALLBACK = "http://localhost:3000/callback";
const ORDERS = "api://orders/orders.read";
const REPORTS = "api://reports/reports.read";
// The applications, by their IDs: of the demo directory, but for the one that the suite adds.
const WITH_SECRET = "11112222-bbbb-3333-cccc-4444dddd5555";
const WITH_CERTIFICATE = "44445555-dddd-6666-eeee-7777ffff8888";
const OF_B2C = "38307aee-303c-4fff-8087-d8d200000000";
const IN_CHINA = "33334444-dddd-5555-eeee-6666ffff7777";

/** The header of the last client assertion. */
let assertionHeader;

async function main() {
  await attempt("secret", bySecret);
  await attempt("wrong-secret", byWrongSecret);
  await attempt("certificate", byCertificate);
  await attempt("code", byCode);
  await attempt("wrong-verifier", byCodeOfAnother);
  await attempt("silent", bySilentAcquisition);
  await attempt("b2c", byB2c);
  await attempt("china", byChina);
  await attempt("china-user", byChinaOfAUser);
}

async function attempt(name, flow) {
  try {
    await flow(name);
  } catch (fault) {
    // Whatever it is, the suite is to show it.
    console.log(name, `failed: ${fault} ${fault.cause ?? ""}`.replaceAll("\n", " "));
  }
}

async function bySecret(name) {
  const application = client(WITH_SECRET, { clientSecret: SECRET });
  show(name, await forItself(application));
}

async function byWrongSecret(name) {
  const application = client(WITH_SECRET, { clientSecret: "another" });
  const refused = await forItself(application).catch((fault) => fault);
  console.log(name, refused.errorCode);
}

async function byCertificate(name) {
  const application = client(WITH_CERTIFICATE, ownCertificate());
  show(name, await forItself(application));
  const namedBy = Object.keys(assertionHeader).filter((member) => member.startsWith("x5t"));
  console.log(`${name}-assertion`, assertionHeader.alg, namedBy.sort().join());
}

async function byCode(name) {
  const application = client(WITH_SECRET, { clientSecret: SECRET });
  const first = await signIn(application, ORDERS, "frankm@contoso.com");
  show(name, first);
  const { account } = first;
  console.log(`${name}-account`, account.username);
  const again = await application.acquireTokenSilent({ account, scopes: [ORDERS] });
  console.log(`${name}-again`, source(again));
  const other = application.acquireTokenSilent({ account, scopes: [REPORTS] });
  console.log(`${name}-without-consent`, (await other.catch((fault) => fault)).errorCode);
}

async function byCodeOfAnother(name) {
  const application = client(WITH_SECRET, { clientSecret: SECRET });
  const redeemed = signIn(application, ORDERS, undefined, { codeVerifier: "x".repeat(43) });
  console.log(name, (await redeemed.catch((fault) => fault)).errorCode);
}

async function bySilentAcquisition(name) {
  const application = client(WITH_CERTIFICATE, ownCertificate());
  const { account } = await signIn(application, ORDERS, "frankm@contoso.com");
  const answer = await application.acquireTokenSilent({ account, scopes: [REPORTS] });
  console.log(`${name}-source`, source(answer));
  show(name, answer);
}

async function byB2c(name) {
  const authority = `${ISSUER}/contoso.onmicrosoft.com/B2C_1_signupsignin1`;
  const credential = { clientSecret: B2C_SECRET };
  const application = client(OF_B2C, credential, authority);
  show(name, await signIn(application, "https://contoso.onmicrosoft.com/api/read"));
}

async function byChina(name) {
  const application = client(IN_CHINA, { clientSecret: SECRET }, CHINA);
  show(name, await forItself(application));
}

async function byChinaOfAUser(name) {
  const application = client(IN_CHINA, { clientSecret: SECRET }, CHINA);
  show(name, await signIn(application, ORDERS));
}

function ownCertificate() {
  const x5c = readFileSync(CERTIFICATE, "utf8");
  const thumbprintSha256 = createHash("sha256").update(new X509Certificate(x5c).raw).digest("hex");
  return { clientCertificate: { thumbprintSha256, privateKey: readFileSync(KEY, "utf8"), x5c } };
}

function client(clientId, credential, authority = `${ISSUER}/contoso.com`) {
  const knownAuthorities = [AT, CHINA_HOST];
  return new ConfidentialClientApplication({
    auth: { clientId, authority, knownAuthorities, ...credential },
  });
}

function forItself(application) {
  return application.acquireTokenByClientCredential({ scopes: ["api://orders/.default"] });
}

/**
 * Authorization code with PKCE; the issuer signs the user in without a page. The request that redeems
 * the code is altered by the last argument.
 */
async function signIn(application, scope, loginHint, altered) {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const request = { scopes: [scope], redirectUri: CALLBACK };
  const url = await application.getAuthCodeUrl({
    ...request,
    loginHint,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
  });
  const answer = await fetch(url, { redirect: "manual" });
  const code = new URL(answer.headers.get("location")).searchParams.get("code");
  return application.acquireTokenByCode({ ...request, code, codeVerifier: verifier, ...altered });
}

function source(result) {
  return result.fromCache ? "cache" : "identity_provider";
}

function show(name, result) {
  console.log(name, result.accessToken || `failed: ${JSON.stringify(result)}`);
}

const send = globalThis.fetch;
globalThis.fetch = (url, options) => {
  const assertion = new URLSearchParams(options?.body).get("client_assertion");
  if (assertion) {
    assertionHeader = JSON.parse(Buffer.from(assertion.split(".")[0], "base64url"));
  }
  return send(url, options);
};

// Maps the Chinese cloud to the issuer, and lets nothing leave this machine.
const { connect } = tls;
tls.connect = (options) => {
  const asked = `${options.host ?? options.hostname}:${options.port || 443}`;
  if (![AT, `${CHINA_HOST}:443`].includes(asked)) {
    throw new Error(`${asked} is not to be asked`);
  }
  return connect({ ...options, host: HOST, port: PORT });
};

await main();
