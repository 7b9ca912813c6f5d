using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>Renews the listener's certificate in time, when it is one of the control plane's.</summary>
internal sealed partial class CertificateRenewal(
    ControlPlaneChannel channel,
    AgentIdentity identity,
    ListenerCertificateFiles certificates,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, time);
        do
        {
            if (certificates.RenewAt() is { } renewAt && renewAt <= time.GetUtcNow())
                await RenewAsync(cancellationToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(CallDeadline);
        try
        {
            var response = await new Enrollment.EnrollmentClient(channel.Link).RenewCertificateAsync(
                new RenewCertificateRequest { ListenerCertificateRequest = ByteString.CopyFrom(certificates.CreateRequest()) },
                channel.Authorize(identity),
                cancellationToken: deadline.Token).ConfigureAwait(false);
            if (response.ListenerCertificateChain.Count == 0)
            {
                LogNotRenewed(log, "the control plane sent none");
                return;
            }

            certificates.Save(response.ListenerCertificateChain);
            LogRenewed(log);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRenewed(log, $"{exception.StatusCode} {exception.Status.Detail}");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException)
        {
            LogNotRenewed(log, exception.Message);
        }
    }

    [LoggerMessage(3031, LogLevel.Information, "The listener's certificate was renewed")]
    private static partial void LogRenewed(ILogger log);

    [LoggerMessage(3032, LogLevel.Warning, "The listener's certificate could not be renewed, trying again later: {Reason}")]
    private static partial void LogNotRenewed(ILogger log, string reason);
}
