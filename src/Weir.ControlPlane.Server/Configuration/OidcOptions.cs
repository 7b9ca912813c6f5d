namespace Weir.ControlPlane.Server.Configuration;

/// <summary>Sign-in with an OpenID provider: discovery, code flow with PKCE, groups from a claim.</summary>
/// <param name="Authority">Issuer; its discovery document is at <c>/.well-known/openid-configuration</c>.</param>
/// <param name="ClientSecret">Null for a public client.</param>
/// <param name="GroupsClaim">Claim that lists the user's groups; they replace those of the last sign-in.</param>
/// <param name="Name">What the sign-in button says.</param>
internal sealed record OidcOptions(Uri Authority, string ClientId, string? ClientSecret, string GroupsClaim, IReadOnlyList<string> Scopes, string Name)
{
    public static OidcOptions? Read(EnvironmentReader reader)
    {
        if (!reader.Has("WEIR_OIDC_AUTHORITY"))
        {
            return null;
        }

        return new OidcOptions(
            reader.Url("WEIR_OIDC_AUTHORITY", ""),
            reader.Required("WEIR_OIDC_CLIENT_ID"),
            reader.Has("WEIR_OIDC_CLIENT_SECRET") ? reader.Required("WEIR_OIDC_CLIENT_SECRET") : null,
            reader.Text("WEIR_OIDC_GROUPS_CLAIM", "groups"),
            reader.List("WEIR_OIDC_SCOPES", ["openid", "profile", "email"]),
            reader.Text("WEIR_OIDC_NAME", "single sign-on"));
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Authority} as {ClientId}";
}
