using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Compilation;

/// <summary>A snapshot can't be compiled: nothing of it may be applied.</summary>
public sealed class PolicyCompilationException(ImmutableArray<DocumentFault> faults)
    : Exception("The policy can't be compiled: " + string.Join("; ", faults.Select(f => $"{f.Path}: {f.Message}")))
{
    /// <summary>Everything that is wrong; each path starts with the document's kind and name.</summary>
    public ImmutableArray<DocumentFault> Faults { get; } = faults;
}
