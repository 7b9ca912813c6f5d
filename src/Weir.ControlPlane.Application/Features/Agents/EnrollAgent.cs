using System.Security.Cryptography;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>Turns a one-time token into an agent's identity. Of two that use a token at once, one gets nothing.</summary>
public static class EnrollAgent
{
    /// <param name="IdentityPublicKey">SubjectPublicKeyInfo (DER), ECDSA P-256.</param>
    [RequirePermission(Permission.Anonymous)]
    public sealed record Command(string Token, string AgentName, ReadOnlyMemory<byte> IdentityPublicKey, string AgentVersion, IReadOnlyDictionary<string, string> Labels)
        : IRequest<Response>
    {
        public override string ToString() => $"enroll agent {AgentName}";
    }

    public sealed record Response(Guid AgentId, Guid OrganizationId, string Name);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.AgentName).NotEmpty().MaximumLength(63);
            RuleFor(c => c.AgentVersion).MaximumLength(100);
            RuleFor(c => c.Labels).Must(AgentLimits.AreLabels).WithMessage(AgentLimits.LabelsMessage);
            RuleFor(c => c.IdentityPublicKey).Must(IsP256).WithMessage("An ECDSA P-256 public key is needed.");
        }

        private static bool IsP256(ReadOnlyMemory<byte> key)
        {
            if (key.Length > 500)
            {
                return false;
            }

            try
            {
                using var read = ECDsa.Create();
                read.ImportSubjectPublicKeyInfo(key.Span, out var length);
                return length == key.Length && read.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, OrganizationLookup lookup, ChangeJournal journal, TimeProvider time)
        : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            var hash = BearerSecret.HashOf(request.Token.Length <= BearerSecret.MaxLength ? request.Token : "");
            if (!await lookup.EnterByEnrollmentTokenAsync(hash, cancellationToken))
            {
                throw Refused();
            }

            // Locked: a second use waits here and then finds it used.
            var token = await db.EnrollmentTokens.FromSql($"SELECT *, xmin FROM enrollment_tokens WHERE secret_hash = {hash} FOR UPDATE").SingleAsync(cancellationToken);
            if (!token.IsValid(now) || token.AgentName != request.AgentName)
            {
                throw Refused();
            }

            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Name == request.AgentName, cancellationToken);
            if (agent is null)
            {
                agent = new Agent(
                    scope.Organization!.Value, AgentId.New(now), request.AgentName, request.Labels, request.IdentityPublicKey.ToArray(), request.AgentVersion, now);
                db.Agents.Add(agent);
            }
            else
            {
                agent.Reenroll(request.Labels, request.IdentityPublicKey.ToArray(), request.AgentVersion, now);
                journal.Signal(new AgentChanged(agent.OrganizationId, agent.Id, IsShutOut: true));
            }

            token.Use(agent.Id, now);
            journal.Audit("agent.enroll", "agent", agent.Id.ToString(), null, Convert.ToHexStringLower(SHA256.HashData(agent.IdentityPublicKey)), ("name", agent.Name));
            return new(agent.Id.Value, agent.OrganizationId.Value, agent.Name);
        }

        // The same for all: nothing tells whether a token existed.
        private static ForbiddenException Refused() => new("This enrollment token can't be used.");
    }
}
