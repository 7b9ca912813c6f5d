namespace Weir.ControlPlane.Domain.Audit;

/// <summary>What was done.</summary>
/// <param name="Details">Only what may be read by every auditor: names, counts, times. Never a secret, a statement or a parameter.</param>
public sealed record AuditEntry(
    string Action,
    string TargetKind,
    string TargetId,
    string? BeforeDigest,
    string? AfterDigest,
    IReadOnlyDictionary<string, string> Details);
