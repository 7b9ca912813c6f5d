using System.Security.Cryptography;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Delivery;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Pipeline;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>Issues a short-lived secret for the wire, and returns when the agents have it.</summary>
public static class IssueCredential
{
    public static readonly TimeSpan DefaultTtl = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaxTtl = TimeSpan.FromDays(30);

    /// <summary>Service accounts have nobody who would renew it every month.</summary>
    public static readonly TimeSpan MaxTtlServiceAccounts = TimeSpan.FromDays(366);

    /// <param name="Principal">Name of the principal it is for; null for the actor. One's own AI agents by their user; machines by an administrator.</param>
    /// <param name="Ttl">How long it is valid; null for one hour.</param>
    /// <param name="Grant">The grant it is for; null to find it: without a standing right, the live grant that ends last.</param>
    /// <param name="ClientCertificate">PEM of a certificate. Who proves to an agent, in TLS, to hold its key is taken for this credential without the secret; only the hash of its public key is kept.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Command(string Connection, string? Principal = null, TimeSpan? Ttl = null, Guid? Grant = null, string? ClientCertificate = null) : IRequest<Response>, IManagesTransaction;

    /// <param name="Secret">Shown this once.</param>
    /// <param name="DirectUrl">libpq URL straight to an agent; null when no agent says where it is.</param>
    /// <param name="RelayUrl">libpq URL through the control plane.</param>
    /// <param name="Warnings">What may keep it from working (yet).</param>
    public sealed record Response(
        string Id,
        string Secret,
        string? DirectUrl,
        string? RelayUrl,
        DateTimeOffset ExpiresAt,
        string Principal,
        string Connection,
        Guid? Grant,
        IReadOnlyList<string> Warnings)
    {
        public override string ToString() => $"credential {Id}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Connection).NotEmpty().MaximumLength(63);
            RuleFor(c => c.Principal).MaximumLength(Domain.Principals.Principal.MaxNameLength);
            RuleFor(c => c.ClientCertificate)
                .MaximumLength(ClientCertificateKey.MaxPem)
                .Must(c => c is null || ClientCertificateKey.TryHash(c) is not null)
                .WithMessage("A PEM certificate with an RSA or elliptic-curve key.");
            RuleFor(c => c.Ttl).Must(t => t is null || t > TimeSpan.Zero).WithMessage("More than nothing.");
        }
    }

    internal sealed class Handler(UnitOfWork work, Issuing issuing, ChangeJournal journal, IAgentDelivery delivery, ControlPlaneOptions options)
        : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var (response, organization, agents) = await work.RunAsync(token => issuing.IssueAsync(request, token), cancellationToken);
            var outcome = await delivery.WaitForCredentialsAsync(
                organization, agents, journal.CredentialsSequence!.Value, options.CredentialDeliveryTimeout, cancellationToken);
            return outcome switch
            {
                DeliveryOutcome.Delivered => response,
                DeliveryOutcome.NoAgentConnected => Warn("No agent that serves this connection is connected: the credential works when one is."),
                _ => Warn("The agents have not confirmed the credential yet: it may take a moment to work."),
            };

            Response Warn(string warning) => response with { Warnings = [.. response.Warnings, warning] };
        }
    }

    /// <summary>What happens inside the transaction.</summary>
    internal sealed class Issuing(
        WeirDbContext db,
        ActorScope scope,
        ChangeJournal journal,
        PolicyDocuments documents,
        PrincipalReader principals,
        ConnectionAddresses addresses,
        TimeProvider time)
    {
        public async ValueTask<(Response Response, OrganizationId Organization, IReadOnlyList<AgentId> Agents)> IssueAsync(Command request, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            var principal = await FindPrincipalAsync(request.Principal, cancellationToken);
            var maxTtl = principal.Kind == PrincipalKind.ServiceAccount ? MaxTtlServiceAccounts : MaxTtl;
            var ttl = request.Ttl ?? DefaultTtl;
            if (ttl > maxTtl)
            {
                throw new ValidationFailedException("ttl", $"At most {maxTtl.Days} days.");
            }

            var connection = await documents.FindConnectionAsync(request.Connection, cancellationToken) ?? throw new NotFoundException("connection", request.Connection);
            var warnings = new List<string>();
            var grant = await FindGrantAsync(request, principal, connection, warnings, now, cancellationToken);
            var expiresAt = now + ttl;
            if (grant is not null && grant.EndsAt < expiresAt)
            {
                expiresAt = grant.EndsAt;
            }

            var secret = BearerSecret.Create("");
            var credential = new AccessCredential(
                principal.OrganizationId,
                CredentialId.From(RandomNumberGenerator.GetBytes(CredentialId.Length - CredentialId.Prefix.Length)),
                principal.Id,
                connection.Metadata.Name,
                ScramVerifier.Create(secret.Text),
                grant?.Id,
                scope.Actor.PrincipalId,
                now,
                expiresAt,
                request.ClientCertificate is { } certificate ? ClientCertificateKey.TryHash(certificate) : null);
            db.Credentials.Add(credential);
            journal.Audit(
                "credential.issue", "credential", credential.Id.Value, null, null,
                ("principal", principal.Name), ("connection", request.Connection), ("expiresAt", $"{expiresAt:O}"), ("grant", grant?.Id.ToString()),
                ("clientKey", credential.ClientKeyHash is { } key ? Convert.ToHexStringLower(key) : null));
            var agents = await addresses.AgentsOfAsync(connection, cancellationToken);
            var response = new Response(
                credential.Id.Value,
                secret.Text,
                ConnectionAddresses.DirectUrl(agents, credential.Id.Value, secret.Text, request.Connection),
                addresses.RelayUrl(credential.Id.Value, secret.Text, request.Connection),
                expiresAt,
                principal.Name,
                request.Connection,
                grant?.Id.Value,
                warnings);
            return (response, principal.OrganizationId, [.. agents.Select(a => a.Id)]);
        }

        private async Task<Principal> FindPrincipalAsync(string? requested, CancellationToken cancellationToken)
        {
            var actor = scope.Actor;
            var name = requested is null ? actor.Name : Domain.Principals.Principal.NormalizeName(requested);
            var principal = await db.Principals.AsNoTracking().SingleOrDefaultAsync(p => p.Name == name, cancellationToken);
            if (principal is null && actor.IsAdministrator)
            {
                throw new NotFoundException("principal", name);
            }

            if (principal is null || (principal.Id != actor.PrincipalId && principal.OnBehalfOf != actor.PrincipalId && !actor.IsAdministrator))
            {
                throw new ForbiddenException("You issue credentials for yourself and your AI agents; an administrator for everybody.");
            }

            return await principals.IsActiveAsync(principal, cancellationToken) ? principal : throw new ConflictException("This principal is disabled.");
        }

        private async Task<Grant?> FindGrantAsync(
            Command request,
            Principal principal,
            ConnectionDocument connection,
            List<string> warnings,
            DateTimeOffset now,
            CancellationToken cancellationToken)
        {
            var name = connection.Metadata.Name;
            var live = await db.Grants.AsNoTracking()
                .Where(g => g.PrincipalId == principal.Id && g.Connection == name && g.Status == GrantStatus.Active && g.EndsAt > now)
                .OrderByDescending(g => g.EndsAt)
                .ToListAsync(cancellationToken);
            if (request.Grant is { } wanted)
            {
                return live.SingleOrDefault(g => g.Id.Value == wanted) ?? throw new NotFoundException("grant", wanted.ToString());
            }

            var subject = principal.ToPolicyPrincipal(await principals.GroupsOfAsync(principal.Id, cancellationToken), null);
            var rules = await documents.ListAsync<AccessRuleDocument>(AccessRuleDocument.KindName, cancellationToken);
            if (rules.Any(r => r.Mode == AccessMode.Standing && r.Principals.Matches(subject) && r.Connections.Matches(connection)))
            {
                return null;
            }

            if (live.Count == 0)
            {
                warnings.Add($"{principal.Name} has no access to {name} now: ask for it with \"weir requests create\".");
            }

            return live.FirstOrDefault();
        }
    }
}
