using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Weir.Agent.Configuration;
using Weir.Agent.Link;
using Weir.Agent.Logs;
using Weir.Agent.Recording;
using Weir.Contracts.Mapping;

namespace Weir.Agent;

/// <summary>The life of the agent: configuration, identity, work, and an orderly end on SIGTERM or SIGINT. A second signal ends it at once.</summary>
internal static partial class AgentProcess
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(AgentOptions options, TimeProvider time)
    {
        using var logs = AgentLogs.Create(options, time);
        var log = logs.CreateLogger("weir-agent");
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, stop));
        try
        {
            using var directory = DataDirectory.Open(options.DataDirectory);
            using var channel = new ControlPlaneChannel(options, time);
            var certificates = new ListenerCertificateFiles(options, directory, time);
            var files = new IdentityFiles(directory);
            var identity = files.Load();
            if (identity is null)
            {
                if (options.EnrollmentToken is not { } token)
                {
                    LogNoToken(log);
                    return ExitCode.NotEnrolled;
                }

                identity = await EnrollAsync(new Enroller(options, channel, files, certificates), token, time, log, stop.Token).ConfigureAwait(false);
            }

            LogIdentity(log, identity.AgentId, AgentVersion.Text);
            var work = new AgentWork(options, directory, channel, identity, certificates, time, log);
            await using (work.ConfigureAwait(false))
                await work.RunAsync(stop.Token).ConfigureAwait(false);
            LogStopped(log);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (EnrollmentRefusedException exception)
        {
            LogFailed(log, exception.Message);
            return ExitCode.NotEnrolled;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or SocketException
            or CryptographicException or SpoolUnavailableException or ContractViolationException)
        {
            LogFailed(log, exception.Message);
            return ExitCode.Failed;
        }
    }

    private static void OnSignal(PosixSignalContext context, CancellationTokenSource stop)
    {
        // The second one takes its default effect.
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }

    private static async Task<AgentIdentity> EnrollAsync(Enroller enroller, SecretText token, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var delay = new ReconnectDelay(FirstDelay, LongestDelay, Random.Shared);
        while (true)
        {
            try
            {
                var identity = await enroller.EnrollAsync(token, cancellationToken).ConfigureAwait(false);
                LogEnrolled(log, identity.AgentId);
                return identity;
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotEnrolled(log, $"{exception.StatusCode} {exception.Status.Detail}");
            }

            await Task.Delay(delay.Next(), time, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(3401, LogLevel.Information, "Agent {AgentId}, version {Version}")]
    private static partial void LogIdentity(ILogger log, Guid agentId, string version);

    [LoggerMessage(3402, LogLevel.Information, "Enrolled as agent {AgentId}")]
    private static partial void LogEnrolled(ILogger log, Guid agentId);

    [LoggerMessage(3403, LogLevel.Warning, "Not enrolled yet, trying again: {Reason}")]
    private static partial void LogNotEnrolled(ILogger log, string reason);

    [LoggerMessage(3404, LogLevel.Critical, "The agent is not enrolled: WEIR_ENROLLMENT_TOKEN or WEIR_ENROLLMENT_TOKEN_FILE must give a one-time token")]
    private static partial void LogNoToken(ILogger log);

    [LoggerMessage(3405, LogLevel.Critical, "The agent can't run: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(3406, LogLevel.Information, "Stopped")]
    private static partial void LogStopped(ILogger log);
}
