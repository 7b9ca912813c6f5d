// An OpenID provider for tests, on loopback. Settings come as one JSON document in OIDC_SETTINGS:
//   {port, clients: [{client_id, client_secret, redirect_uris, …}], users: [{login, email, name, groups}]}
// Its sign-in page takes the login of any user listed there, with any password. Prints `ready ISSUER`, and ends when its
// standard input does, so that it can't outlive the test that started it.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const settings = JSON.parse(process.env.OIDC_SETTINGS);
const users = new Map(settings.users.map((user) => [user.login, user]));
const issuer = `http://127.0.0.1:${settings.port}`;

const provider = new Provider(issuer, {
  clients: settings.clients,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  // As most providers do: the claims are in the id token, not only at the userinfo endpoint.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  async findAccount(_context, login) {
    const user = users.get(login);
    return user && {
      accountId: login,
      claims: () => ({ sub: login, email: user.email, email_verified: true, name: user.name, preferred_username: login, groups: user.groups }),
    };
  },
  // Nobody is asked for consent: the clients are the organization's own.
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope(context.oidc.params.scope);
    await grant.save();
    return grant;
  },
});

createServer(provider.callback()).listen(settings.port, '127.0.0.1', () => console.log(`ready ${issuer}`));
process.stdin.on('end', () => process.exit(0)).resume();
