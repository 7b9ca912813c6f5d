using Weir.Agent.Policies;

namespace Weir.Agent.Tests.Policies;

/// <summary>A holder without a policy: recording limits are the defaults.</summary>
internal sealed class PolicyHolderFixture
{
    public ManualTime Time { get; } = new();

    public PolicyHolder Holder => field ??= new PolicyHolder(Time);
}
