namespace Weir.ControlPlane.Application.Features.Organizations;

/// <param name="MaxAge">How long agents serve people and AI agents without hearing from the control plane.</param>
/// <param name="RecordedRows">Rows of each answer that are recorded, masked.</param>
/// <param name="RecordedBytes">Bytes of each answer that are recorded.</param>
public sealed record SettingsView(TimeSpan MaxAge, TimeSpan MaxAgeServiceAccounts, int RecordedRows, int RecordedBytes);
