using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir credentials</c>: the short-lived secrets that clients present on the wire.</summary>
internal static class CredentialCommands
{
    public static Command Create(CommandContext context) => new("credentials", "Access credentials: what a client presents on the wire")
    {
        CreateIssue(context), CreateList(context), CreateRevoke(context),
    };

    private static Command CreateIssue(CommandContext context)
    {
        var connection = new Option<string>("--connection") { Description = "connection that it is for", Required = true };
        var principal = new Option<string?>("--principal") { Description = "for somebody else (administrators)" };
        var ttl = new Option<string?>("--ttl") { Description = "how long it is valid, such as 30m, 8h or 7d (default 1h)" };
        var certificate = new Option<FileInfo?>("--client-certificate") { Description = "PEM certificate whose key may stand in for the secret, towards an agent over TLS" };
        var output = OutputOption.Create();
        var command = new Command("issue", "Issue a credential; its secret is shown this once") { connection, principal, ttl, certificate, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var issued = await IssueAsync(api, parsed.GetValue(connection)!, parsed.GetValue(principal), parsed.GetValue(ttl), cancellationToken, ReadCertificate(parsed.GetValue(certificate)));
            foreach (var warning in issued["warnings"] as JsonArray ?? [])
            {
                await context.Error.WriteLineAsync($"weir: {warning}");
            }

            Printer.Object(context.Output, parsed.GetValue(output), issued, "id", "secret", "directUrl", "relayUrl", "expiresAt");
            return ExitCodes.Done;
        });
        return command;
    }

    internal static Task<JsonNode> IssueAsync(Api.ApiClient api, string connection, string? principal, string? ttl, CancellationToken cancellationToken, string? certificate = null)
    {
        var body = new JsonObject { ["connection"] = connection };
        if (principal is not null)
        {
            body["principal"] = principal;
        }

        if (ttl is not null)
        {
            body["ttl"] = ttl;
        }

        if (certificate is not null)
        {
            body["clientCertificate"] = certificate;
        }

        return api.PostAsync("api/v1/credentials", body, cancellationToken);
    }

    /// <summary>The certificate alone: the file may hold its key too, which must not leave this machine.</summary>
    private static string? ReadCertificate(FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file.FullName));
            return certificate.ExportCertificatePem();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandFailure($"{file.Name} is not a PEM certificate that can be read.");
        }
    }

    private static Command CreateList(CommandContext context)
    {
        var all = new Option<bool>("--all") { Description = "expired and revoked ones too" };
        var output = OutputOption.Create();
        var command = new Command("list", "List credentials") { all, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var items = await api.ListAsync($"api/v1/credentials?all={Flag(parsed.GetValue(all))}", int.MaxValue, cancellationToken);
            Printer.List(context.Output, parsed.GetValue(output), items, "id", "principal", "connection", "status", "createdAt", "expiresAt");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateRevoke(CommandContext context) =>
        ResourceAction.Create(context, "revoke", "Revoke a credential; its sessions end", "credentials", "revoke", "revoked");

    private static string Flag(bool value) => value ? "true" : "false";
}
