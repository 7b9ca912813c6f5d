using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>
/// For the relay: which agents can serve a client that names this credential and database. It decides nothing: the agent authenticates and judges.
/// A credential that is unknown has no route, which the relay must not let the client see.
/// </summary>
public static class FindRoute
{
    /// <param name="Database">A connection's name, optionally followed by <c>/</c> and a database.</param>
    [RequirePermission(Permission.Anonymous)]
    public sealed record Query(string CredentialId, string Database) : IRequest<Response>;

    /// <param name="Agents">Connected ones first; empty when there is none.</param>
    public sealed record Response(Guid? OrganizationId, string? Connection, IReadOnlyList<Guid> Agents);

    internal sealed class Handler(WeirDbContext db, ActorScope scope, OrganizationLookup lookup, PolicyDocuments documents, ConnectionAddresses addresses)
        : IRequestHandler<Query, Response>
    {
        private static readonly Response Nowhere = new(null, null, []);

        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            if (request.CredentialId.Length != CredentialId.Length || !request.CredentialId.StartsWith(CredentialId.Prefix, StringComparison.Ordinal)
                || request.Database.Length > 200 || !await lookup.EnterByCredentialAsync(request.CredentialId, cancellationToken))
            {
                return Nowhere;
            }

            var id = new CredentialId(request.CredentialId);
            var credential = await db.Credentials.AsNoTracking().SingleAsync(c => c.Id == id, cancellationToken);
            var slash = request.Database.IndexOf('/', StringComparison.Ordinal);
            var name = slash < 0 ? request.Database : request.Database[..slash];

            // A client that names another connection, or none that exists, still gets the complete authentication: from an agent of its own connection.
            var connection = await documents.FindConnectionAsync(name, cancellationToken)
                ?? (credential.Connection is { } own ? await documents.FindConnectionAsync(own, cancellationToken) : null);
            var agents = connection is null ? [] : await addresses.AgentsOfAsync(connection, cancellationToken);
            return new(scope.Organization!.Value.Value, connection?.Metadata.Name, [.. agents.Select(a => a.Id.Value)]);
        }
    }
}
