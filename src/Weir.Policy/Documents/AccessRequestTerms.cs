using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Terms under which access can be requested.</summary>
/// <param name="Approvers">Groups whose members may approve.</param>
/// <param name="Approvals">How many different people must approve; 1 or more.</param>
/// <param name="MaxDuration">Longest grant that may be asked for.</param>
public sealed record AccessRequestTerms(ImmutableArray<string> Approvers, int Approvals, TimeSpan MaxDuration, bool RequireReason);
