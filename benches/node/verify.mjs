// Verifies a token with jose and fast-jwt as often as it is told, and tells how long that took.
//
// Each line of the input is a question, each line of the output its answer: the versions; the token,
// its key and what to expect, answered when all verifiers have taken them; a verifier and a number of
// runs, answered by nanoseconds; a verifier and another token, answered by whether it is accepted.

import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createVerifier } from 'fast-jwt'
import { importJWK, jwtVerify } from 'jose'

// So many runs before the first that counts, for the compiler of Node.
const WARM_UP = 3000

let token
let verifiers

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}

async function answer(question) {
  if (question.versions) return versions()
  if (question.jwk) return prepare(question)
  const verify = verifiers[question.verifier]
  if (question.token) return accepts(verify, question.token)
  return time(verify, question.runs)
}

function versions() {
  const version = (module) =>
    JSON.parse(readFileSync(new URL(`node_modules/${module}/package.json`, import.meta.url))).version
  return `node ${process.versions.node}, jose ${version('jose')}, fast-jwt ${version('fast-jwt')}`
}

async function prepare({ token: good, jwk, algorithm, issuer, audience }) {
  token = good
  const joseKey = await importJWK(jwk, algorithm)
  const expected = { algorithms: [algorithm], issuer, audience, requiredClaims: ['exp'] }
  const fastJwt = (cache) =>
    createVerifier({
      key: createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
      algorithms: [algorithm],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['exp'],
      cache,
    })
  verifiers = {
    'jose (Node, no router)': (text) => jwtVerify(text, joseKey, expected),
    'fast-jwt (Node, no router)': fastJwt(false),
    'fast-jwt, cache (Node, no router)': fastJwt(true),
  }
  for (const verify of Object.values(verifiers)) await time(verify, WARM_UP)
  return true
}

async function accepts(verify, text) {
  try {
    await verify(text)
    return true
  } catch {
    return false
  }
}

// An await costs more than a cached token, so a verifier that answers at once is not awaited.
async function time(verify, runs) {
  const begin = process.hrtime.bigint()
  for (let run = 0; run < runs; run++) {
    const claims = verify(token)
    if (claims instanceof Promise) await claims
  }
  return Number(process.hrtime.bigint() - begin)
}
