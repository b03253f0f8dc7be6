// Gets tokens with MSAL for Node and a person's browser, Chromium without a window, which goes through
// the issuer's pages. Prints a line for each thing to check: a name and a value, which is a token, or
// begins with `failed:`.
//
//     NODE_EXTRA_CA_CERTS=CA_FILE browser.mjs ISSUER CHROMIUM PICTURES
//
// ISSUER is the address of the issuer, CHROMIUM the browser's program, PICTURES a folder for pictures of
// the pages.

import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import {
  ConfidentialClientApplication,
  CryptoProvider,
  PublicClientApplication,
} from "@azure/msal-node";
import { chromium } from "playwright-core";

const [ISSUER, CHROMIUM, PICTURES] = process.argv.slice(2);
const { host: AT } = new URL(ISSUER);
const ORDERS = "api://orders/orders.read";
const REPORTS = "api://reports/reports.read";
// The applications, by their IDs in the demo directory.
const ON_DESKTOP = "55556666-eeee-7777-ffff-88889999aaaa";
const WITH_SECRET = "11112222-bbbb-3333-cccc-4444dddd5555";

let browser;

async function main() {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  await attempt("desktop", byPagesOfTheDesktop);
  await attempt("typed", byTypedNameAndDeclinedConsent);
  await attempt("form", byFormThatAScriptPosts);
  await browser.close();
}

async function attempt(name, flow) {
  const person = await Person.new();
  try {
    await flow(name, person);
  } catch (fault) {
    // Whatever it is, the suite is to show it.
    console.log(name, `failed: ${fault} ${fault.cause ?? ""}`.replaceAll("\n", " "));
  }
  console.log(`${name}-faults`, person.faults.join("; ") || "none");
  await person.leave();
}

/** MSAL opens the browser and listens at a port of its own: PKCE, and no secret. */
async function byPagesOfTheDesktop(name, person) {
  const application = new PublicClientApplication(authority(ON_DESKTOP));
  const first = await interactively(application, ORDERS, async (url) => {
    await person.open(url);
    await person.sees("Sign in");
    await person.takesPicture("sign-in.png");
    await person.clicks("Frank Miller");
    await person.sees("Permissions requested");
    await person.takesPicture("consent.png");
    console.log(`${name}-asked`, await person.page.innerText("li b"));
    await person.clicks("Accept");
  });
  show(name, first);
  console.log(`${name}-account`, first.account.username);

  // The browser is known now, and so is the consent: there is nothing to click.
  const again = await interactively(application, ORDERS, (url) => person.open(url));
  console.log(`${name}-again`, again.fromCache ? "cache" : "identity_provider");

  const more = await interactively(application, REPORTS, async (url) => {
    await person.open(url);
    await person.sees("Permissions requested");
    await person.clicks("Accept");
  });
  show(`${name}-more`, more);
}

async function byTypedNameAndDeclinedConsent(name, person) {
  const application = new PublicClientApplication(authority(ON_DESKTOP));
  const unwilling = interactively(application, ORDERS, async (url) => {
    await person.open(url);
    await person.types("nobody@contoso.com");
    console.log(`${name}-unknown`, await person.page.innerText(".error"));
    await person.types("alice@contoso.com");
    await person.sees("Permissions requested");
    await person.clicks("Cancel");
  });
  console.log(`${name}-declined`, (await unwilling.catch((fault) => fault)).errorCode);
}

/** The code comes by a form that the page's one script submits, if the browser lets it. */
async function byFormThatAScriptPosts(name, person) {
  const application = new ConfidentialClientApplication(
    authority(WITH_SECRET, { clientSecret: "sampleCredentia1s" }),
  );
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const web = await webApplication();
  const redirectUri = `http://localhost:${web.address().port}/callback`;
  const request = { scopes: [ORDERS], redirectUri };
  const url = await application.getAuthCodeUrl({
    ...request,
    responseMode: "form_post",
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    state: '"><script>throw 1</script>',
  });
  await person.open(url);
  await person.clicks("Alice Adams");
  const posted = once(web, "posted");
  await person.clicks("Accept");
  const [form] = await posted;
  console.log(`${name}-state`, form.get("state"));
  const redeemed = { ...request, code: form.get("code"), codeVerifier: verifier };
  show(name, await application.acquireTokenByCode(redeemed));
  web.close();
}

/** Listens for a posted form at a free port. */
async function webApplication() {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    response.end("<title>Thank you</title>");
    if (request.method === "POST") {
      server.emit("posted", new URLSearchParams(body));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** A person with a browser of their own. */
class Person {
  /** What the browser complained of in the issuer's pages. */
  faults = [];

  static async new() {
    const person = new Person();
    // MSAL trusts the issuer's certificate; the browser, which is new, is told not to ask.
    person.context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 640, height: 640 },
    });
    person.page = await person.context.newPage();
    person.page.setDefaultTimeout(10_000);
    person.page.on("pageerror", (error) => person.faults.push(`${error}`));
    person.page.on("console", (message) => {
      if (message.type() === "error" && message.location().url.startsWith(ISSUER)) {
        person.faults.push(message.text());
      }
    });
    return person;
  }

  async open(url) {
    await this.page.goto(url);
  }

  async sees(title) {
    await this.page.getByRole("heading", { level: 1, name: title }).waitFor();
  }

  async clicks(label) {
    await this.page.getByRole("button", { name: label }).click();
  }

  async types(username) {
    await this.page.getByLabel("User name").fill(username);
    await this.page.keyboard.press("Enter");
  }

  async takesPicture(file) {
    await this.page.screenshot({ path: join(PICTURES, file) });
  }

  async leave() {
    await this.context.close();
  }
}

function authority(clientId, credential) {
  const auth = { clientId, authority: `${ISSUER}/contoso.com`, knownAuthorities: [AT] };
  return { auth: { ...auth, ...credential } };
}

/** Lets MSAL ask, and a person answer. */
function interactively(application, scope, openBrowser) {
  return application.acquireTokenInteractive({ scopes: [scope], openBrowser });
}

function show(name, result) {
  console.log(name, result.accessToken || `failed: ${JSON.stringify(result)}`);
}

await main();
