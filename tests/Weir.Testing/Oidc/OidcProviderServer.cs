using System.Text.Json;
using Weir.Testing.Processes;

namespace Weir.Testing.Oidc;

/// <summary>A real OpenID provider (npm's oidc-provider): discovery, code flow with PKCE, a sign-in page, a <c>groups</c> claim.</summary>
public sealed class OidcProviderServer : IAsyncDisposable
{
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);
    private static readonly SemaphoreSlim Installing = new(1);

    private readonly BackgroundProcess _process;

    private OidcProviderServer(BackgroundProcess process, Uri issuer)
    {
        _process = process;
        Issuer = issuer;
    }

    /// <summary>The issuer, under which <c>.well-known/openid-configuration</c> lies.</summary>
    public Uri Issuer { get; }

    /// <summary>Starts a provider that knows these clients and users.</summary>
    public static async Task<OidcProviderServer> StartAsync(
        IReadOnlyList<OidcClientRegistration> clients,
        IReadOnlyList<OidcUser> users,
        CancellationToken cancellationToken = default)
    {
        var directory = RepositoryRoot.Combine("tests/oidc");
        await InstallAsync(directory, cancellationToken);
        var settings = JsonSerializer.Serialize(new { port = FreePort.Next(), clients, users }, JsonSerializerOptions.Web);
        var process = BackgroundProcess.Start(
            "node", ["server.mjs"], new Dictionary<string, string?> { ["OIDC_SETTINGS"] = settings, ["NODE_NO_WARNINGS"] = "1" }, directory);
        try
        {
            var line = await process.WaitForLineAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), StartDeadline, cancellationToken);
            return new OidcProviderServer(process, new Uri(line["ready ".Length..]));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // tests/run.sh has done it already; a single test run by hand has not.
    private static async Task InstallAsync(string directory, CancellationToken cancellationToken)
    {
        await Installing.WaitAsync(cancellationToken);
        try
        {
            if (!Directory.Exists(Path.Combine(directory, "node_modules", "oidc-provider")))
            {
                var result = await ProcessRunner.RunAsync(
                    "npm", ["ci", "--no-audit", "--no-fund"], workingDirectory: directory, deadline: InstallDeadline, cancellationToken: cancellationToken);
                result.EnsureSuccess();
            }
        }
        finally
        {
            Installing.Release();
        }
    }
}
