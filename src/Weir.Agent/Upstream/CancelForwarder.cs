using System.Net.Sockets;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Upstream;

/// <summary>Sends CancelRequests to database servers, each on a connection of its own as the protocol wants.</summary>
internal static class CancelForwarder
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>Best effort: there is no answer, and a server that can't be reached can't be cancelled.</summary>
    /// <param name="tls">How the session's own leg is encrypted; null when it is not.</param>
    public static async Task SendAsync(UpstreamHost host, CancelKey key, UpstreamTlsOptions? tls, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        try
        {
            Stream stream = new NetworkStream(await UpstreamConnector.ConnectAsync(host, deadline.Token).ConfigureAwait(false), ownsSocket: true);
            try
            {
                var output = new MessageWriter(64);
                if (tls is not null)
                {
                    SslRequest.Write(output);
                    await stream.WriteAsync(output.WrittenMemory, deadline.Token).ConfigureAwait(false);
                    output.Clear();
                    var answer = new byte[1];
                    if (await stream.ReadAsync(answer, deadline.Token).ConfigureAwait(false) != 1 || answer[0] != SslRequest.Accepted)
                        return;
                    (stream, _) = await UpstreamConnector.EncryptAsync(stream, tls, deadline.Token).ConfigureAwait(false);
                }

                CancelRequest.Write(output, key);
                await stream.WriteAsync(output.WrittenMemory, deadline.Token).ConfigureAwait(false);
                // The server closes when it has dealt with it; closing first could lose the request.
                await stream.ReadAsync(new byte[1], deadline.Token).ConfigureAwait(false);
            }
            finally
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // Best effort, see above.
        }
    }
}
