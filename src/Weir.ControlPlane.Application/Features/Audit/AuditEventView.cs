using Weir.ControlPlane.Domain.Audit;

namespace Weir.ControlPlane.Application.Features.Audit;

/// <param name="Sequence">Number of the event in its organization, from 1 without gaps.</param>
/// <param name="BeforeDigest">SHA-256 of the target before; tells that something changed, not what it was.</param>
public sealed record AuditEventView(
    string Id,
    long Sequence,
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string Action,
    string TargetKind,
    string TargetId,
    string? BeforeDigest,
    string? AfterDigest,
    IReadOnlyDictionary<string, string> Details)
{
    internal static AuditEventView Of(AuditEvent e) => new(
        e.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
        e.Sequence,
        e.At,
        e.ActorName,
        e.ActorKind,
        e.Action,
        e.TargetKind,
        e.TargetId,
        e.BeforeDigest,
        e.AfterDigest,
        e.Details);
}
