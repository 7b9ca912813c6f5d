namespace Weir.Testing.Oidc;

/// <summary>Somebody who can sign in at the test provider: by <paramref name="Login"/>, which is also the subject, with any password.</summary>
public sealed record OidcUser(string Login, string Email, string Name, IReadOnlyList<string> Groups);
