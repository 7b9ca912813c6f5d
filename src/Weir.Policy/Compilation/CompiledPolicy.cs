using Weir.Policy.Access;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;

namespace Weir.Policy.Compilation;

/// <summary>A snapshot made ready to decide: indexed rules, prepared maskers. Immutable; swapped whole.</summary>
public sealed class CompiledPolicy
{
    private CompiledPolicy(PolicySnapshot snapshot) => Snapshot = snapshot;

    public long Version => Snapshot.Version;

    public PolicySnapshot Snapshot { get; }

    /// <param name="maskingKey">Key of the deterministic masks (hash, format); 32 bytes.</param>
    /// <exception cref="PolicyCompilationException">Some document can't be compiled; nothing may be applied.</exception>
    public static CompiledPolicy Compile(PolicySnapshot snapshot, ReadOnlyMemory<byte> maskingKey) => throw new NotImplementedException();

    /// <summary>The connection of that name, or null when this agent does not serve one.</summary>
    public ConnectionDocument? FindConnection(string name) => throw new NotImplementedException();

    /// <summary>The right that standing rules and live grants give now; level None when there is none: no session then.</summary>
    public AccessRight RightOf(Principal principal, string connection, ReadOnlySpan<Grant> grants, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>The rules that concern this principal on this connection; memoised.</summary>
    public SessionPolicy ForSession(Principal principal, string connection, AccessRight right) => throw new NotImplementedException();
}
