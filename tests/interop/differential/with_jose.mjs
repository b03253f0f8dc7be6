// Asks `jose`: a case per line at standard input, a verdict per line at standard output.
import { createInterface } from 'node:readline';
import { createLocalJWKSet, jwtVerify } from 'jose';

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await judge(JSON.parse(line))));
}

async function judge(asked) {
  try {
    await verify(asked);
    return { id: asked.id, verdict: 'accept' };
  } catch (error) {
    const code = `${error.code ?? error.name}: ${error.message}`;
    return { id: asked.id, verdict: 'reject', code };
  }
}

async function verify({ token, jwks, issuer, audience, algorithms, now, leeway, typ }) {
  const options = {
    issuer,
    audience,
    algorithms,
    currentDate: new Date(now * 1000),
    clockTolerance: leeway,
    requiredClaims: ['exp'],
    typ: typ === 'at+jwt' ? typ : undefined,
  };
  try {
    await jwtVerify(token, createLocalJWKSet(jwks), options);
  } catch (error) {
    if (error.code !== 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') {
      throw error;
    }
    await verifyWithAny(error, token, options);
  }
}

// As its manual says to do when several keys fit.
async function verifyWithAny(keys, token, options) {
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (error.code !== 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') {
        throw error;
      }
    }
  }
  throw new Error('no key verifies the signature');
}
