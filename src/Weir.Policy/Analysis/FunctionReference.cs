using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>A function, procedure, aggregate, operator's function or cast function that a statement calls, directly or through an object it uses.</summary>
/// <param name="Candidates">What the name may resolve to (overloads share one name and count once).</param>
/// <param name="Volatility">The most volatile candidate; <see cref="FunctionVolatility.Unknown"/> when the catalog does not know it.</param>
/// <param name="MayWrite">True unless it is known that it can't (built-in read-only function, or a body that was read and only reads).</param>
/// <param name="Indirect">Called through an operator, cast, domain, view, trigger, rule, default or another function.</param>
public sealed record FunctionReference(
    ImmutableArray<QualifiedName> Candidates,
    FunctionVolatility Volatility,
    bool MayWrite,
    bool Indirect);
