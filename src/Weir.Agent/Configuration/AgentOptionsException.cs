using System.Collections.Immutable;

namespace Weir.Agent.Configuration;

/// <summary>The configuration is wrong. Lists every fault, each naming its key; never a secret's value.</summary>
internal sealed class AgentOptionsException(ImmutableArray<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public ImmutableArray<string> Faults { get; } = faults;
}
