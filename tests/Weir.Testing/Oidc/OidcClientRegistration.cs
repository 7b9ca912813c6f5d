using System.Text.Json.Serialization;

namespace Weir.Testing.Oidc;

/// <summary>A client that the test provider knows from the start.</summary>
public sealed record OidcClientRegistration(
    [property: JsonPropertyName("client_id")] string ClientId,
    [property: JsonPropertyName("client_secret")] string ClientSecret,
    [property: JsonPropertyName("redirect_uris")] IReadOnlyList<string> RedirectUris)
{
    [JsonPropertyName("post_logout_redirect_uris")]
    public IReadOnlyList<string> PostLogoutRedirectUris { get; init; } = [];
}
