namespace Weir.WebConsole;

/// <summary>How people sign in besides with their password.</summary>
/// <param name="OidcName">What the identity provider is called on its button; null when there is none.</param>
public sealed record SignInOptions(string? OidcName);
