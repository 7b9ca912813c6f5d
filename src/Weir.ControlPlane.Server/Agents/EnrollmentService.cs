using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Server.Certificates;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>Gives an agent an identity for its one-time token, and certificates for its listener.</summary>
internal sealed partial class EnrollmentService(
    ActorMediator mediator, AgentAuthenticator authenticator, CertificateAuthority authority, ILogger<EnrollmentService> logger) : Enrollment.EnrollmentBase
{
    public override async Task<EnrollResponse> Enroll(EnrollRequest request, ServerCallContext context)
    {
        try
        {
            // Made before the token is used up: a request that can't be served must not cost the token.
            var chain = Issue(request.ListenerCertificateRequest, request.AgentName);
            var enrolled = await mediator.SendAsync(
                Actor.Anonymous,
                new EnrollAgent.Command(
                    request.Token, request.AgentName, request.IdentityPublicKey.ToByteArray(), request.AgentVersion, new Dictionary<string, string>(request.Labels)),
                context.CancellationToken);
            LogEnrolled(enrolled.Name, enrolled.AgentId);
            var response = new EnrollResponse
            {
                AgentId = ContractMapping.ToBytes(enrolled.AgentId),
                OrganizationId = ContractMapping.ToBytes(enrolled.OrganizationId),
                Audience = AgentAuthenticator.Audience,
            };
            response.ListenerCertificateChain.AddRange(chain);
            return response;
        }
        catch (ValidationFailedException fault)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, fault.Message));
        }
        catch (Exception fault) when (fault is ForbiddenException or NotFoundException or ConflictException)
        {
            LogRefused(request.AgentName, context.Peer);
            throw new RpcException(new Status(StatusCode.Unauthenticated, "The enrollment token is unknown, used or expired."));
        }
    }

    public override async Task<RenewCertificateResponse> RenewCertificate(RenewCertificateRequest request, ServerCallContext context)
    {
        var identity = await authenticator.AuthenticateAsync(context);
        var response = new RenewCertificateResponse();
        response.ListenerCertificateChain.AddRange(Issue(request.ListenerCertificateRequest, identity.Name));
        return response;
    }

    private List<ByteString> Issue(ByteString request, string agentName)
    {
        if (request.IsEmpty)
        {
            return [];
        }

        try
        {
            return [ByteString.CopyFrom(authority.IssueForAgent(request.Span, agentName)), ByteString.CopyFrom(authority.Certificate)];
        }
        catch (CryptographicException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "listener_certificate_request is no valid PKCS #10 request."));
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Agent {Name} enrolled as {AgentId}")]
    private partial void LogEnrolled(string name, Guid agentId);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "An enrollment as {Name} from {Peer} was refused: the token is unknown, used or expired")]
    private partial void LogRefused(string name, string peer);
}
