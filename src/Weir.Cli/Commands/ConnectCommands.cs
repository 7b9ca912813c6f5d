using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir connect</c> and <c>weir psql</c>: a credential and a way to the connection in one step.</summary>
internal static class ConnectCommands
{
    public static Command CreateConnect(CommandContext context)
    {
        var name = new Argument<string>("connection");
        var port = new Option<int>("--port") { Description = "local port (default: any free one)" };
        var ttl = new Option<string?>("--ttl") { Description = "how long the credential is valid (default 1h)" };
        var output = OutputOption.Create();
        var command = new Command("connect", "Open a local port to a connection, through the relay") { name, port, ttl, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var issued = await CredentialCommands.IssueAsync(api, parsed.GetValue(name)!, null, parsed.GetValue(ttl), cancellationToken);
            var relay = AddressOf(issued, "relayUrl", "this control plane has no relay: use 'weir psql --direct'");
            using var listener = new TcpListener(IPAddress.Loopback, parsed.GetValue(port));
            listener.Start();
            var local = new UriBuilder(relay) { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port }.Uri;
            Printer.Object(context.Output, parsed.GetValue(output), new JsonObject { ["id"] = issued["id"]!.ToString(), ["url"] = local.OriginalString, ["expiresAt"] = issued["expiresAt"]!.ToString() }, "url", "expiresAt");
            await context.Output.FlushAsync(cancellationToken);
            try
            {
                await ForwardAsync(listener, relay, cancellationToken);
            }
            finally
            {
                await RevokeAsync(api, issued);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    public static Command CreatePsql(CommandContext context)
    {
        var name = new Argument<string>("connection");
        var direct = new Option<bool>("--direct") { Description = "straight to the agent instead of through the relay" };
        var ttl = new Option<string?>("--ttl") { Description = "how long the credential is valid (default 1h)" };
        var rest = new Argument<string[]>("arguments") { Description = "for psql, after --", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("psql", "Run psql on a connection, as yourself") { name, direct, ttl, rest };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var issued = await CredentialCommands.IssueAsync(api, parsed.GetValue(name)!, null, parsed.GetValue(ttl), cancellationToken);
            var url = parsed.GetValue(direct)
                ? AddressOf(issued, "directUrl", "no agent of this connection says where it can be reached directly")
                : AddressOf(issued, "relayUrl", "this control plane has no relay: try --direct");
            var secret = issued["secret"]!.GetValue<string>();
            try
            {
                var start = new ProcessStartInfo("psql") { UseShellExecute = false };
                // The secret goes by the environment: arguments are visible to every user of the machine.
                start.Environment["PGPASSWORD"] = secret;
                start.ArgumentList.Add(new UriBuilder(url) { Password = "" }.Uri.ToString());
                foreach (var argument in parsed.GetValue(rest) ?? [])
                {
                    start.ArgumentList.Add(argument);
                }

                using var psql = Process.Start(start) ?? throw new CommandFailure("psql could not be started");
                await psql.WaitForExitAsync(cancellationToken);
                return psql.ExitCode == 0 ? ExitCodes.Done : ExitCodes.Failed;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                throw new CommandFailure("psql is not installed (Debian: postgresql-client)");
            }
            finally
            {
                await RevokeAsync(api, issued);
            }
        });
        return command;
    }

    private static Uri AddressOf(JsonNode issued, string key, string missing) =>
        issued[key] is JsonValue value && value.TryGetValue<string>(out var url) ? new Uri(url) : throw new CommandFailure(missing);

    /// <summary>Also after Ctrl-C, so with a deadline of its own.</summary>
    private static async Task RevokeAsync(Api.ApiClient api, JsonNode issued)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await api.PostAsync($"api/v1/credentials/{Uri.EscapeDataString(issued["id"]!.ToString())}/revoke", null, deadline.Token);
    }

    /// <summary>Copies bytes only: TLS and authentication stay between the client and Weir.</summary>
    private static async Task ForwardAsync(TcpListener listener, Uri relay, CancellationToken cancellationToken)
    {
        var open = new List<Task>();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var client = await listener.AcceptTcpClientAsync(cancellationToken);
                open.RemoveAll(t => t.IsCompleted);
                open.Add(CopyBothWaysAsync(client, relay, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C ends the command.
        }

        await Task.WhenAll(open);
    }

    private static async Task CopyBothWaysAsync(TcpClient client, Uri relay, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                using var upstream = new TcpClient();
                await upstream.ConnectAsync(relay.Host, relay.Port, cancellationToken);
                var there = client.GetStream().CopyToAsync(upstream.GetStream(), cancellationToken);
                var back = upstream.GetStream().CopyToAsync(client.GetStream(), cancellationToken);
                await Task.WhenAny(there, back);
            }
            catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException)
            {
                // One client's connection ended; the port stays open for others.
            }
        }
    }
}
