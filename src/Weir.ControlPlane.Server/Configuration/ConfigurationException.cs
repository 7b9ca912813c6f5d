namespace Weir.ControlPlane.Server.Configuration;

/// <summary>The settings can't be used; every fault names its key.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> faults)
    : Exception("The configuration can't be used:\n  " + string.Join("\n  ", faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
