using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <param name="Status">live, ended or lost.</param>
/// <param name="Agent">Name of the agent.</param>
/// <param name="StatementCount">Statements so far.</param>
/// <param name="Integrity">intact or broken: what the hash chain of its recording says.</param>
public sealed record SessionView(
    Guid Id,
    string Status,
    string Principal,
    string PrincipalKind,
    string? OnBehalfOf,
    string Connection,
    string Agent,
    string CredentialId,
    Guid? Grant,
    string ClientAddress,
    bool Tls,
    bool Relayed,
    string ApplicationName,
    IReadOnlyDictionary<string, string> Context,
    string UpstreamUser,
    string ServerVersion,
    long SnapshotVersion,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? EndReason,
    string? EndDetail,
    long StatementCount,
    long DeniedCount,
    long BytesIn,
    long BytesOut,
    string Integrity,
    string? IntegrityFault)
{
    internal static SessionView Of(Session s, string agent) => new(
        s.Id.Value,
        WireName.Of(s.Status),
        s.PrincipalName,
        s.PrincipalKind,
        s.OnBehalfOf.Length == 0 ? null : s.OnBehalfOf,
        s.Connection,
        agent,
        s.CredentialId,
        s.GrantId,
        s.ClientAddress,
        s.Tls,
        s.Relayed,
        s.ApplicationName,
        s.Context,
        s.UpstreamUser,
        s.ServerVersion,
        s.SnapshotVersion,
        s.StartedAt,
        s.EndedAt,
        s.EndReason,
        s.EndDetail,
        s.Statements,
        s.Denied,
        s.BytesIn,
        s.BytesOut,
        WireName.Of(s.Integrity),
        s.IntegrityFault);

    internal static bool IsOf(Session session, Actor actor) =>
        session.PrincipalId == actor.PrincipalId || (actor.Kind == ActorKind.User && session.OnBehalfOf == actor.Name);
}
