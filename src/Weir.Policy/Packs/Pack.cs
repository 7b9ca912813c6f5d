using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Packs;

/// <summary>A set of guardrails that ships with Weir.</summary>
/// <param name="Version">Grows whenever a rule is added or changes what it does.</param>
/// <param name="Principals">Whom it is about when the document names nobody.</param>
/// <param name="NeedsWindow">The document must give a window.</param>
public sealed record Pack(string Name, int Version, string Summary, PrincipalSelector Principals, bool NeedsWindow, ImmutableArray<PackRule> Rules);
