using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Weir.Agent.Configuration;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Link;

/// <summary>Turns the one-time token into an identity of the agent's own. The private key is made here and never leaves the data directory.</summary>
internal sealed class Enroller(AgentOptions options, ControlPlaneChannel channel, IdentityFiles files, ListenerCertificateFiles certificates)
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(30);

    /// <exception cref="EnrollmentRefusedException">The token was not taken.</exception>
    /// <exception cref="RpcException">The control plane could not be reached, or failed.</exception>
    /// <exception cref="ContractViolationException">Its answer has no certain meaning.</exception>
    public async Task<AgentIdentity> EnrollAsync(SecretText token, CancellationToken cancellationToken)
    {
        var key = files.LoadOrCreateKey();
        var request = new EnrollRequest
        {
            Token = token.Reveal(),
            AgentName = options.Name,
            IdentityPublicKey = ByteString.CopyFrom(key.ExportSubjectPublicKeyInfo()),
            AgentVersion = AgentVersion.Text,
        };
        request.Labels.Add(options.Labels);
        if (options.TlsCertificateFile is null)
            request.ListenerCertificateRequest = ByteString.CopyFrom(certificates.CreateRequest());

        EnrollResponse response;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(CallDeadline);
        try
        {
            response = await new Enrollment.EnrollmentClient(channel.Link).EnrollAsync(request, cancellationToken: deadline.Token).ConfigureAwait(false);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
        {
            throw new EnrollmentRefusedException("The control plane did not take the enrollment token: it is unknown, used or expired. Issue another one with: weir agents enroll " + options.Name);
        }

        if (response.Audience.Length == 0)
            throw new ContractViolationException("enroll: audience is empty.");
        var identity = new AgentIdentity(
            ContractMapping.ToGuid(response.AgentId, "agent_id"),
            ContractMapping.ToGuid(response.OrganizationId, "organization_id"),
            response.Audience,
            key);
        if (response.ListenerCertificateChain.Count > 0)
            certificates.Save(response.ListenerCertificateChain);

        // Last: from here on the agent counts as enrolled.
        files.Save(identity);
        return identity;
    }
}
