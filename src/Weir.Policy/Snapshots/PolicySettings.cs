namespace Weir.Policy.Snapshots;

/// <summary>Settings of an organization that agents obey.</summary>
/// <param name="MaxAge">How long people and AI agents are served without hearing from the control plane; default 1 hour.</param>
/// <param name="MaxAgeServiceAccounts">The same for service accounts; default 24 hours.</param>
/// <param name="RecordedRows">Rows of each answer that are recorded (masked); beyond it counts and a hash; default 100.</param>
/// <param name="RecordedBytes">Bytes of each answer that are recorded; default 64 KiB.</param>
/// <param name="ConsoleUrl">Address of the console, for notices that point a held client to its review.</param>
public sealed record PolicySettings(
    TimeSpan MaxAge,
    TimeSpan MaxAgeServiceAccounts,
    int RecordedRows,
    int RecordedBytes,
    string ConsoleUrl)
{
    public static PolicySettings Default { get; } = new(TimeSpan.FromHours(1), TimeSpan.FromHours(24), 100, 64 * 1024, "");
}
