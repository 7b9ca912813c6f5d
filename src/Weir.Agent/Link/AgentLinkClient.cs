using Grpc.Core;
using Microsoft.Extensions.Logging;
using Weir.Agent.Configuration;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>Keeps the agent connected to the control plane for as long as it runs.</summary>
internal sealed partial class AgentLinkClient(
    AgentOptions options,
    AgentIdentity identity,
    ControlPlaneChannel channel,
    LinkState state,
    LinkOutbox outbox,
    TunnelDialer tunnels,
    ReconnectDelay delay,
    TimeProvider time,
    ILogger log)
{
    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var client = new AgentLink.AgentLinkClient(channel.Link);
        while (!cancellationToken.IsCancellationRequested)
        {
            var connection = new LinkConnection(client, channel.Authorize(identity), state, outbox, tunnels, options.Advertise, options.Labels, time, log);
            try
            {
                await connection.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
            {
                LogNotTaken(log, exception.Status.Detail);
            }
            catch (Exception exception) when (exception is RpcException or LinkLostException or OperationCanceledException or IOException or UnauthorizedAccessException or HttpRequestException or InvalidOperationException)
            {
                LogLost(log, exception is RpcException rpc ? $"{rpc.StatusCode} {rpc.Status.Detail}" : exception.Message);
            }
            catch (InvalidDataException exception)
            {
                LogSpoolDamaged(log, exception.Message);
            }

            if (connection.WasWelcomed)
                delay.Reset();
            await Task.Delay(delay.Next(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(3021, LogLevel.Warning, "The link to the control plane is down: {Reason}")]
    private static partial void LogLost(ILogger log, string reason);

    [LoggerMessage(3022, LogLevel.Error, "The control plane does not take this agent: {Detail}. If it was removed there, enroll it again")]
    private static partial void LogNotTaken(ILogger log, string detail);

    [LoggerMessage(3023, LogLevel.Critical, "Recorded events can't be read, new statements are refused: {Reason}")]
    private static partial void LogSpoolDamaged(ILogger log, string reason);
}
