using Microsoft.AspNetCore.Components;

namespace Weir.WebConsole.Areas.SignIn;

/// <summary>Plain HTML: the host signs people in, over plain HTTP forms.</summary>
public sealed partial class SignInPage
{
    [Inject]
    private SignInOptions Options { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "error")]
    private string? Error { get; set; }

    private string OidcAddress => $"/auth/oidc?returnUrl={Uri.EscapeDataString(SafeReturnUrl)}";

    /// <summary>Nobody is sent to another site after signing in. The host must check it as well: this is only what the form begins with.</summary>
    private string SafeReturnUrl =>
        ReturnUrl is ['/', ..] url && !url.StartsWith("//", StringComparison.Ordinal) && !url.Contains('\\', StringComparison.Ordinal) && !url.Any(char.IsControl)
            ? url
            : "/";
}
