// A real OpenID provider (oidc-provider, certified by the OpenID Foundation) with one person in it, who is logged in
// without being asked. The JSON in the first argument says where it stands and what its ID tokens hold; it writes
// its issuer on standard output, and ends when standard input does.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const server = createServer({ cert: readFileSync(told.cert), key: readFileSync(told.key) });
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `https://localhost:${server.address().port}`;

const { acr, amr, ...claims } = told.claims;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'inbeeld',
      client_secret: told.secret,
      redirect_uris: [`${told.gateway}/inloggen/organisatie/terug`],
      post_logout_redirect_uris: [`${told.gateway}/inloggen`],
      backchannel_logout_uri: `${told.gateway}/inloggen/organisatie/uitloggen`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: 'RS256',
    },
  ],
  acrValues: acr ? [acr] : [],
  claims: { openid: ['sub', 'sid', 'auth_time', 'acr', 'amr', ...Object.keys(claims)], email: [], profile: [] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  conformIdTokenClaims: false,
  // Its own asks no address of this machine, where the gateway is, and gives up after 2.5 seconds.
  fetch: (url, { dispatcher, signal, ...options }) => fetch(url, options),
  cookies: { keys: ['a test needs no secret'] },
  features: {
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims }) }),
  interactions: { url: (_, interaction) => `/hier/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, IdToken: 600 },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/hier/')) return next();
  const { prompt, params, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  const result = {};
  if (prompt.name === 'login') {
    result.login = { accountId: 'noor', ...(acr && { acr }), ...(amr && { amr }) };
  } else {
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: 'noor', clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? []);
    result.consent = { grantId: await grant.save() };
  }
  return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
});

server.on('request', provider.callback());
process.stdin.resume().on('end', () => process.exit(0));
console.log(issuer);
